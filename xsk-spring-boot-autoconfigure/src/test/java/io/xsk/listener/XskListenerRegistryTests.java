package io.xsk.listener;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocketConfig;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link XskListenerRegistry} with containers that only note what is asked of
 * them.
 */
class XskListenerRegistryTests {

	private final Map<String, NotingContainer> containers = new LinkedHashMap<>();

	private final XskListenerRegistry registry = registry("one", "two", "three");

	private XskListenerContainerFactory factory(String... sockets) {
		Kernel kernel = JnaKernel.load();
		List<XskSocketConfig> configs = new ArrayList<>();
		for (String socket : sockets) {
			configs.add(new XskSocketConfig(socket, "wan", QueueSelection.of(configs.size()),
					XdpSocketConfig.builder().build(), true));
		}
		XskSockets closed = new XskSockets(kernel, List.of(XskInterfaceConfig.redirecting("wan", RedirectRules.all())),
				configs);
		return new XskListenerContainerFactory(closed, new XskMapTemplate(closed)) {

			@Override
			XskListenerContainer create(XskListenerEndpoint endpoint) {
				NotingContainer container = new NotingContainer(endpoint.socket());
				XskListenerRegistryTests.this.containers.put(endpoint.socket(), container);
				return container;
			}

		};
	}

	private XskListenerRegistry registry(String... sockets) {
		XskListenerRegistry registry = new XskListenerRegistry(factory(sockets));
		for (String socket : sockets) {
			registry.register(socket, (packet) -> {
			});
		}
		return registry;
	}

	private NotingContainer container(String socket) {
		return this.containers.get(socket);
	}

	@Test
	void startsAllOnceAndStopsAll() {
		assertThat(this.containers.values()).allSatisfy((container) -> assertThat(container.calls).isEmpty());
		this.registry.start();
		this.registry.start();
		assertThat(this.registry.isRunning()).isTrue();
		assertThat(this.containers.values())
			.allSatisfy((container) -> assertThat(container.calls).containsExactly("start"));
		this.registry.stop();
		assertThat(this.registry.isRunning()).isFalse();
		assertThat(this.containers.values())
			.allSatisfy((container) -> assertThat(container.calls).containsExactly("start", "stop"));
	}

	@Test
	void aStartThatFailsStopsThoseBeforeIt() {
		container("two").onStart = () -> {
			throw new OutOfMemoryError("unable to create native thread");
		};
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(this.registry::start);
		assertThat(this.registry.isRunning()).isFalse();
		assertThat(container("one").calls).containsExactly("start", "stop");
		assertThat(container("three").calls).isEmpty();
		container("two").onStart = () -> {
			throw new IllegalStateException("not today");
		};
		container("one").onStop = () -> {
			throw new IllegalStateException("nor this");
		};
		assertThatIllegalStateException().isThrownBy(this.registry::start)
			.withMessage("not today")
			.satisfies((thrown) -> assertThat(thrown.getSuppressed()).extracting(Throwable::getMessage)
				.containsExactly("nor this"));
	}

	@Test
	void stopsAllAtTheSameTimeAlsoWhenOneFails() {
		CountDownLatch stopping = new CountDownLatch(3);
		this.containers.values().forEach((container) -> container.onStop = () -> {
			stopping.countDown();
			assertThat(await(stopping)).as("the others stop meanwhile").isTrue();
			if (container.socket.equals("two")) {
				throw new IllegalStateException("this one not");
			}
		});
		this.registry.start();
		assertThatIllegalStateException().isThrownBy(this.registry::stop)
			.withMessage("this one not")
			.satisfies((thrown) -> assertThat(thrown.getSuppressed()).isEmpty());
		assertThat(this.registry.isRunning()).isFalse();
	}

	@Test
	void theJvmIsKeptFromTheStartToTheStopWhateverTheContainersDo() {
		assertThat(keepAlive()).isEmpty();
		this.registry.start();
		this.registry.start();
		this.containers.values().forEach(XskListenerContainer::stop);
		assertThat(keepAlive()).singleElement().satisfies((thread) -> {
			assertThat(thread.isDaemon()).isFalse();
			thread.interrupt();
		});
		this.registry.stop();
		awaitNoKeepAlive();
		this.registry.start();
		assertThat(keepAlive()).hasSize(1);
		this.registry.stop();
		awaitNoKeepAlive();
	}

	@Test
	void theJvmIsKeptForAListenerThatComesLateAndNotForNone() {
		XskListenerRegistry none = new XskListenerRegistry(factory("late"));
		none.start();
		assertThat(keepAlive()).isEmpty();
		none.register("late", (packet) -> {
		});
		assertThat(keepAlive()).hasSize(1);
		none.stop();
		awaitNoKeepAlive();
	}

	@Test
	void aStartThatFailsKeepsNothing() {
		container("three").onStart = () -> {
			throw new IllegalStateException("not today");
		};
		assertThatIllegalStateException().isThrownBy(this.registry::start);
		assertThat(keepAlive()).isEmpty();
	}

	/** The threads that the tests before this one left behind would be among them. */
	private static List<Thread> keepAlive() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("xsk-keep-alive"))
			.toList();
	}

	private static void awaitNoKeepAlive() {
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> keepAlive().isEmpty());
	}

	@AfterEach
	void stop() {
		this.containers.values().forEach((container) -> container.onStop = () -> {
		});
		this.registry.stop();
		awaitNoKeepAlive();
	}

	private static boolean await(CountDownLatch latch) {
		try {
			return latch.await(20, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException("interrupted", ex);
		}
	}

	@Test
	void namesTheNearestSocketThatHasAListener() {
		assertThat(this.registry.container("two")).isSameAs(container("two"));
		assertThat(this.registry.containers()).extracting(XskListenerContainer::socket)
			.containsExactly("one", "two", "three");
		assertThatExceptionOfType(XskListenerException.class).isThrownBy(() -> this.registry.container("tow"))
			.withMessageContaining("Nobody listens to a socket 'tow'")
			.withMessageContaining("Did you mean 'two'?");
	}

	@Test
	void aSecondListenerIsRefusedAndChangesNothing() {
		NotingContainer first = container("one");
		assertThatExceptionOfType(XskListenerException.class)
			.isThrownBy(() -> this.registry.registerBatch("one", (batch) -> {
			}))
			.withMessageContaining("a packet has one receiver");
		assertThat(this.registry.container("one")).isSameAs(first);
	}

	private static final class NotingContainer implements XskListenerContainer {

		private final String socket;

		private final List<String> calls = new ArrayList<>();

		private Runnable onStart = () -> {
		};

		private Runnable onStop = () -> {
		};

		private NotingContainer(String socket) {
			this.socket = socket;
		}

		@Override
		public String socket() {
			return this.socket;
		}

		@Override
		public String listener() {
			return "of the test";
		}

		@Override
		public State state() {
			return State.STOPPED;
		}

		@Override
		public @Nullable Throwable failure() {
			return null;
		}

		@Override
		public long received() {
			return 0;
		}

		@Override
		public long errors() {
			return 0;
		}

		@Override
		public boolean isAutoStartup() {
			return true;
		}

		@Override
		public void start() {
			this.calls.add("start");
			this.onStart.run();
		}

		@Override
		public void stop() {
			this.calls.add("stop");
			this.onStop.run();
		}

		@Override
		public void pause() {
			throw new UnsupportedOperationException();
		}

		@Override
		public void resume() {
			throw new UnsupportedOperationException();
		}

		@Override
		public void fail(Throwable failure) {
			throw new UnsupportedOperationException();
		}

	}

}
