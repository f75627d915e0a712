package io.xsk.listener;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.listener.XskListenerContainer.State;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.ChildJvm;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.system.CapturedOutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of who ends when, on the running kernel: what a listener may stop, what a pause
 * says that is not over, and what keeps the JVM.
 */
class ListenerStopTests extends AbstractListenerTests {

	@Test
	void aListenerMayStopAllListeners() {
		ListenerFixture fixture = fixture();
		// a stop that waited for the listener would wait as long
		fixture.drainTimeout(Duration.ofMinutes(2));
		fixture.registry().register("rx", (packet) -> {
			fixture.registry().stop();
			record(packet);
		});
		fixture.start();
		fixture.send(0, 1);
		awaitState(fixture, State.STOPPED);
		assertThat(this.numbers).containsExactly(0);
		assertThat(fixture.registry().isRunning()).isFalse();
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
	}

	@Test
	void aPauseSaysWhichThreadDoesNotRestYet(CapturedOutput output) {
		ListenerFixture fixture = fixture();
		fixture.drainTimeout(Duration.ofMillis(50));
		Gate stuck = new Gate();
		fixture.registry().register("rx", (packet) -> {
			stuck.pass();
			record(packet);
		});
		fixture.start();
		fixture.send(0, 1);
		stuck.awaitEntered();
		try {
			fixture.container().pause();
		}
		finally {
			stuck.open();
		}
		assertThat(output)
			.containsPattern(
					"the thread xsk-%s-0 does not rest yet after PT0.05S, it is at \\S*io\\.xsk\\.listener\\.Gate"
						.formatted(fixture.veth().name()))
			.contains("xsk.listener.drain-timeout");
		awaitNumbers(1);
		fixture.container().resume();
		fixture.send(1, 1);
		awaitNumbers(2);
	}

	@Test
	void theJvmGoesOnWhenAContainerHasFailedAndEndsWhenTheRegistryStops() throws Exception {
		ListenerFixture fixture = fixture();
		Process process = ChildJvm.of(FailingApplication.class).start(fixture.veth().name());
		try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
			awaitLine(output, "main has ended");
			process.getOutputStream().write('\n');
			process.getOutputStream().flush();
			awaitLine(output, "stopped");
			assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
			assertThat(process.exitValue()).isZero();
		}
		finally {
			process.destroyForcibly().waitFor();
		}
	}

	private static void awaitLine(BufferedReader output, String expected) throws IOException {
		StringBuilder before = new StringBuilder();
		String line = output.readLine();
		while (line != null && !line.equals(expected)) {
			before.append(line).append('\n');
			line = output.readLine();
		}
		assertThat(line).as("%s", before).isEqualTo(expected);
	}

	/** Has a listener that fails, and nothing else to do. */
	static final class FailingApplication {

		private FailingApplication() {
		}

		public static void main(String[] arguments) {
			Kernel kernel = JnaKernel.load();
			XskSockets sockets = new XskSockets(kernel,
					List.of(XskInterfaceConfig.redirecting(arguments[0], RedirectRules.all())),
					List.of(new XskSocketConfig("rx", arguments[0], QueueSelection.all(),
							XdpSocketConfig.builder().build(), true)));
			XskListenerRegistry registry = new XskListenerRegistry(
					new XskListenerContainerFactory(sockets, new XskMapTemplate(sockets)));
			XskListenerContainer container = registry.register("rx", (packet) -> {
			});
			sockets.open();
			registry.start();
			container.fail(new LinkageError("of the test"));
			await().until(() -> container.state() == State.FAILED);
			Thread main = Thread.currentThread();
			Thread end = new Thread(() -> end(main, registry, sockets));
			end.setDaemon(true);
			end.start();
		}

		private static void end(Thread main, XskListenerRegistry registry, XskSockets sockets) {
			try {
				main.join();
				System.out.println("main has ended");
				new InputStreamReader(System.in, StandardCharsets.UTF_8).read();
				sockets.close();
				System.out.println("stopped");
				registry.stop();
			}
			catch (IOException | InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
