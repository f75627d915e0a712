package io.xsk.autoconfigure;

import java.time.Duration;

import io.xsk.core.BindingState;
import io.xsk.core.XskMapOperations;
import io.xsk.listener.IdleStrategies;
import io.xsk.listener.PauseMode;
import io.xsk.listener.XskIdleStrategyFactory;
import io.xsk.listener.XskListenerContainer;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerErrorHandler;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import io.xsk.test.KernelTest;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of the settings of listeners, by properties and by beans.
 */
@KernelTest
@ExtendWith(OutputCaptureExtension.class)
class ListenerSettingsTests extends AbstractListenerContextTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "xsk.listener.batch-size | 0 | 1 to 65536 packets",
					"xsk.listener.drain-timeout | -1s | must not be negative",
					"xsk.listener.error-log-interval | -1s | must not be negative",
					"xsk.sockets.dns.listener.batch-size | 65537 | 1 to 65536 packets",
					"xsk.sockets.dns.listener.drain-timeout | -1s | must not be negative",
					"xsk.template.send-timeout | -1s | must not be negative",
					"xsk.sockets.dns.cpus | 3-x | neither a CPU number", "xsk.sockets.dns.cpus | 3-1 | runs backwards",
					"xsk.sockets.out.cpus | 1 | only sends", "xsk.sockets.out.listener.batch-size | 1 | only sends",
					"xsk.sockets.out.busy-poll.enabled | true | only sends" })
	void aWrongPropertyIsTold(String property, String value, String message) {
		assertFails(configured().withPropertyValues(property + "=" + value), property, message);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "budget | 0 | 1 to 65535 packets", "budget | 65536 | 1 to 65535 packets",
					"time | -1us | whole microseconds", "time | 1500ns | whole microseconds",
					"time | 2147483648us | whole microseconds", "time | 200000d | whole microseconds" })
	void aWrongPropertyOfBusyPollingIsTold(String property, String value, String message) {
		assertFails(
				configured().withPropertyValues("xsk.sockets.dns.busy-poll.enabled=true",
						"xsk.sockets.dns.busy-poll." + property + "=" + value),
				"xsk.sockets.dns.busy-poll." + property, message);
	}

	@Test
	void propertiesReachTheContainers() {
		try (VethPair veth = VethPair.create(1)) {
			on(veth)
				.withPropertyValues("xsk.listener.idle-strategy=adaptive", "xsk.listener.batch-size=8",
						"xsk.listener.pause-mode=hold", "xsk.listener.drain-timeout=7s",
						"xsk.listener.error-log-interval=3s", "xsk.sockets.dns.cpus=0",
						"xsk.sockets.dns.busy-poll.enabled=true", "xsk.sockets.dns.busy-poll.time=40us",
						"xsk.sockets.dns.busy-poll.budget=32")
				.withBean(TestListeners.NotesBatches.class)
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(context.getBean(XskSockets.class).config("dns").busyPoll())
						.hasToString("BusyPoll[prefer=true, micros=40, budget=32]");
					assertThat(context.getBean(XskListenerContainerFactory.class).getSettings())
						.extracting("idleStrategy", "drainTimeout", "errorHandler.intervalNanos")
						.containsExactly(IdleStrategies.ADAPTIVE, Duration.ofSeconds(7),
								Duration.ofSeconds(3).toNanos());
					XdpSocket xsk = context.getBean(XskSockets.class).groups().get(0).sockets().get(0);
					XskListenerContainer container = context.getBean(XskListenerRegistry.class).container("dns");
					container.pause();
					assertThat(context.getBean(XskMapOperations.class).inspect(xsk).state()).as("a pause that holds")
						.isEqualTo(BindingState.ACTIVE);
					for (int i = 0; i < 20; i++) {
						veth.sendUdp(9000, new byte[1]);
					}
					await().atMost(TIMEOUT).until(() -> xsk.rx().used() == 20);
					container.resume();
					await().atMost(TIMEOUT).until(() -> this.calls.size() == 3);
					assertThat(this.calls).containsExactly("8 on CPU 0", "8 on CPU 0", "4 on CPU 0");
				});
		}
	}

	@Test
	void whatIsSaidOfOneSocketGoesBeforeWhatIsSaidOfAll() {
		configured()
			.withPropertyValues("xsk.listener.idle-strategy=spin", "xsk.listener.batch-size=8",
					"xsk.listener.drain-timeout=7s", "xsk.sockets.dns.listener.idle-strategy=adaptive",
					"xsk.sockets.dns.listener.pause-mode=hold", "xsk.sockets.dns.listener.auto-startup=false",
					"xsk.sockets.large.listener.batch-size=128", "xsk.sockets.large.listener.drain-timeout=1s",
					"xsk.enabled=false")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				XskListenerContainerFactory factory = context.getBean(XskListenerContainerFactory.class);
				assertThat(factory.getSettings("dns")).satisfies((settings) -> {
					assertThat(settings.idleStrategy()).isEqualTo(IdleStrategies.ADAPTIVE);
					assertThat(settings.pauseMode()).isEqualTo(PauseMode.HOLD);
					assertThat(settings.autoStartup()).isFalse();
					assertThat(settings.batchSize()).isEqualTo(8);
					assertThat(settings.drainTimeout()).hasSeconds(7);
				});
				assertThat(factory.getSettings("large")).satisfies((settings) -> {
					assertThat(settings.idleStrategy()).isEqualTo(IdleStrategies.SPIN);
					assertThat(settings.pauseMode()).isEqualTo(PauseMode.DEACTIVATE);
					assertThat(settings.autoStartup()).isTrue();
					assertThat(settings.batchSize()).isEqualTo(128);
					assertThat(settings.drainTimeout()).hasSeconds(1);
				});
				assertThat(factory.getSettings("out")).isSameAs(factory.getSettings());
			});
	}

	@Test
	void aListenerThatIsNotStartedWithTheOthersLeavesItsSocketToTheKernel() {
		try (VethPair veth = VethPair.create(1)) {
			on(veth).withPropertyValues("xsk.sockets.dns.listener.auto-startup=false")
				.withBean(TestListeners.TakesPacket.class)
				.run((context) -> {
					XskListenerContainer container = context.getBean(XskListenerRegistry.class).container("dns");
					assertThat(container.state()).isEqualTo(XskListenerContainer.State.STOPPED);
					assertThat(context.getBean(XskMapOperations.class).bindings()).singleElement()
						.satisfies((binding) -> {
							assertThat(binding.state()).isEqualTo(BindingState.INACTIVE);
							assertThat(binding.wanted()).isTrue();
							assertThat(binding.served()).isFalse();
						});
					container.start();
					veth.sendUdp(9000, "by hand".getBytes());
					awaitCall("by hand");
				});
		}
	}

	@ParameterizedTest
	@CsvSource({ "xsk.listener.drain-timeout=30s,, 30s", "xsk.sockets.dns.listener.drain-timeout=31s,, 31s",
			"xsk.listener.drain-timeout=5s, spring.lifecycle.timeout-per-shutdown-phase=5s, 5s" })
	void aDrainThatOutlastsTheShutdownIsTold(String drain, String shutdown, String time, CapturedOutput output) {
		configured().withPropertyValues("xsk.enabled=false", drain, (shutdown != null) ? shutdown : "other=1")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsPattern("WARN.*The listener of socket 'dns' may take " + time)
			.contains("spring.lifecycle.timeout-per-shutdown-phase");
	}

	@Test
	void aDrainWithinTheShutdownIsNotTold(CapturedOutput output) {
		configured()
			.withPropertyValues("xsk.enabled=false", "xsk.listener.drain-timeout=40s",
					"spring.lifecycle.timeout-per-shutdown-phase=41s")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("WARN");
	}

	@Test
	void anErrorHandlerBeanIsForAllAndOneByNameForOne() {
		try (VethPair veth = VethPair.create(1)) {
			on(veth).withBean(TestListeners.Throwing.class)
				.withBean(XskListenerErrorHandler.class,
						() -> (exception, packet, container) -> this.calls.add("common " + exception.getMessage()))
				.run((context) -> {
					veth.sendUdp(9000, new byte[1]);
					awaitCall("common thrown");
				});
			on(veth).withBean(TestListeners.WithErrorHandler.class)
				.withBean("other", XskListenerErrorHandler.class,
						() -> (exception, packet, container) -> this.calls.add("other"))
				.withBean("stopping", XskListenerErrorHandler.class,
						() -> (exception, packet, container) -> this.calls.add("by name " + exception.getMessage()))
				.run((context) -> {
					veth.sendUdp(9000, new byte[1]);
					awaitCall("by name thrown");
				});
			on(veth).withBean(TestListeners.WithErrorHandlerByPlaceholder.class)
				.withPropertyValues("handler=second")
				.withBean("first", XskListenerErrorHandler.class,
						() -> (exception, packet, container) -> this.calls.add("first"))
				.withBean("second", XskListenerErrorHandler.class,
						() -> (exception, packet, container) -> this.calls
							.add("by placeholder " + exception.getMessage()))
				.run((context) -> {
					veth.sendUdp(9000, new byte[1]);
					awaitCall("by placeholder thrown");
				});
			assertThat(this.calls).doesNotContain("first", "other");
		}
	}

	@Test
	void anIdleStrategyBeanIsUsed() {
		try (VethPair veth = VethPair.create(1)) {
			on(veth).withBean(TestListeners.TakesPacket.class)
				.withBean(XskIdleStrategyFactory.class, () -> (socket) -> {
					this.calls.add("strategy for queue " + socket.queueId());
					return IdleStrategies.POLL.create(socket);
				})
				.run((context) -> assertThat(this.calls).containsExactly("strategy for queue 0"));
		}
	}

}
