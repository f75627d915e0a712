package io.xsk.listener;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.xsk.core.BindingState;
import io.xsk.listener.XskListenerContainer.State;
import io.xsk.socket.PacketHandler;
import io.xsk.socket.XdpPacket;
import io.xsk.test.PacketSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of what happens when a listener, or what runs beside it, throws: on the running
 * kernel.
 */
class ListenerFailureTests extends AbstractListenerTests {

	private static void assertFails(ListenerFixture fixture, Class<? extends Throwable> failure) {
		awaitState(fixture, State.FAILED);
		assertThat(fixture.container().failure()).isInstanceOf(failure);
		fixture.assertState(BindingState.INACTIVE);
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
		fixture.assertFramesAreAccountedFor();
		PacketSocket stack = fixture.veth().capture();
		fixture.send(1000, 1);
		assertThat(stack.receive(ListenerFixture.TIMEOUT)).as("the kernel serves").isPresent();
	}

	@Test
	void anExceptionCostsItsPacketAlone(CapturedOutput output) {
		ListenerFixture fixture = fixture(1, ListenerFixture.small(), null);
		fixture.registry().register("rx", (packet) -> {
			if (ListenerFixture.number(packet) % 3 == 0) {
				throw new UnsupportedOperationException("divisible by 3: " + ListenerFixture.number(packet));
			}
			record(packet);
		});
		fixture.start();
		fixture.sendPaced(0, 3000);
		awaitNumbers(2000);
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.container().received() == 3000);
		assertThat(this.numbers).hasSize(2000).isSorted();
		assertThat(fixture.container().errors()).isEqualTo(1000);
		assertThat(fixture.container().state()).isEqualTo(State.RUNNING);
		assertThat(output.getAll().lines().filter((line) -> line.contains("goes on with the next"))).hasSize(1);
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void anExceptionInABatchCostsThatBatch() {
		ListenerFixture fixture = fixture(1, ListenerFixture.small(), null);
		fixture.registry().registerBatch("rx", (batch) -> {
			throw new UnsupportedOperationException("no batches");
		});
		fixture.start();
		fixture.sendPaced(0, 500);
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.container().received() == 500);
		assertThat(fixture.container().errors()).isPositive();
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void anExceptionAfterATransmitOrARetainLosesNoFrame() {
		ListenerFixture fixture = fixture(1, ListenerFixture.small(), null);
		List<XdpPacket> retained = new ArrayList<>();
		fixture.registry().register("rx", (packet) -> {
			if (ListenerFixture.number(packet) % 2 == 0) {
				packet.transmit();
			}
			else {
				retained.add(packet.retain());
			}
			throw new UnsupportedOperationException("too late");
		});
		fixture.start();
		fixture.sendPaced(0, 40);
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.container().errors() == 40);
		fixture.container().stop();
		retained.forEach(XdpPacket::release);
		fixture.container().start();
		await().atMost(ListenerFixture.TIMEOUT).untilAsserted(() -> {
			assertThat(fixture.xsk().flush()).isTrue();
			fixture.assertFramesAreAccountedFor();
		});
		assertThat(retained).hasSize(20);
	}

	@Test
	void theLogSaysHowManyExceptionsItLeftOut(CapturedOutput output) {
		ListenerFixture fixture = fixture();
		LoggingErrorHandler handler = new LoggingErrorHandler(Duration.ofMillis(300));
		fixture.registry().register("rx", this::record);
		XskListenerContainer container = fixture.container();
		handler.handle(new IllegalArgumentException("first"), null, container);
		for (int i = 0; i < 5; i++) {
			handler.handle(new IllegalArgumentException("left out"), null, container);
		}
		await().atMost(ListenerFixture.TIMEOUT).untilAsserted(() -> {
			handler.handle(new IllegalArgumentException("again"), null, container);
			assertThat(output.getAll()).containsPattern("; \\d+ exceptions since the last such line were left out");
		});
		assertThat(output).contains("first").doesNotContain("IllegalArgumentException: left out");
	}

	@Test
	void anIntervalOfTheLogMayBeForEver(CapturedOutput output) {
		ListenerFixture fixture = fixture();
		LoggingErrorHandler handler = new LoggingErrorHandler(Duration.ofSeconds(Long.MAX_VALUE));
		fixture.registry().register("rx", this::record);
		handler.handle(new IllegalArgumentException("first"), null, fixture.container());
		handler.handle(new IllegalArgumentException("left out"), null, fixture.container());
		assertThat(output).contains("IllegalArgumentException: first")
			.doesNotContain("IllegalArgumentException: left out");
	}

	@Test
	void theStoppingErrorHandlerFailsTheContainerAndARestartGoesOnWhereItWas() {
		ListenerFixture fixture = fixture();
		fixture.errorHandler(new ContainerStoppingErrorHandler());
		AtomicBoolean failing = new AtomicBoolean(true);
		Gate allSent = new Gate();
		fixture.registry().register("rx", (packet) -> {
			// what is sent once the socket is deactivated goes to the kernel
			allSent.pass();
			if (failing.get() && ListenerFixture.number(packet) == 5) {
				throw new UnsupportedOperationException("number 5");
			}
			record(packet);
		});
		fixture.start();
		fixture.container().pause();
		fixture.container().stop();
		fixture.container().start();
		fixture.send(0, 20);
		allSent.open();
		assertFails(fixture, UnsupportedOperationException.class);
		failing.set(false);
		fixture.container().start();
		assertThat(fixture.container().failure()).isNull();
		fixture.assertState(BindingState.ACTIVE);
		awaitNumbers(19);
		assertThat(this.numbers).hasSize(19).isSorted().doesNotContain(5);
		fixture.assertFramesAreAccountedFor();
	}

	@ParameterizedTest
	@EnumSource(Fault.class)
	void theContainerFailsAndNoFrameIsLost(Fault fault, CapturedOutput output) {
		ListenerFixture fixture = fixture(2, ListenerFixture.small(), null);
		AtomicBoolean healthy = new AtomicBoolean();
		fault.register(fixture, this::record, healthy);
		fixture.start();
		fixture.send(0, 10);
		assertFails(fixture, fault.type());
		assertThat(output).contains("fails: its sockets are deactivated");
		healthy.set(true);
		this.numbers.clear();
		fixture.container().start();
		assertThat(fixture.container().failure()).isNull();
		fixture.assertState(BindingState.ACTIVE);
		fixture.send(5000, 1);
		await().atMost(ListenerFixture.TIMEOUT).until(() -> this.numbers.contains(5000));
		fixture.container().stop();
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void theExceptionOfTheListenerIsToldBesideThatOfTheErrorHandler() {
		ListenerFixture fixture = fixture();
		UnsupportedOperationException thrown = new UnsupportedOperationException("listener");
		fixture.errorHandler((exception, packet, container) -> {
			throw new IllegalStateException("handler");
		});
		fixture.registry().register("rx", (packet) -> {
			throw thrown;
		});
		fixture.start();
		fixture.send(0, 5);
		assertFails(fixture, IllegalStateException.class);
		assertThat(fixture.container().failure().getSuppressed()).containsExactly(thrown);
	}

	@Test
	void anErrorHandlerMayThrowTheExceptionOn() {
		ListenerFixture fixture = fixture();
		fixture.errorHandler((exception, packet, container) -> {
			throw (RuntimeException) exception;
		});
		fixture.registry().register("rx", (packet) -> {
			throw new UnsupportedOperationException("listener");
		});
		fixture.start();
		fixture.send(0, 5);
		assertFails(fixture, UnsupportedOperationException.class);
	}

	@Test
	void theSocketsAreDeactivatedBeforeTheOtherThreadsStopTakingPackets() {
		ListenerFixture fixture = fixture(2, ListenerFixture.small(), null);
		AtomicBoolean failed = new AtomicBoolean();
		fixture.registry().register("rx", (packet) -> {
			if (Thread.currentThread().getName().endsWith("-0") && failed.compareAndSet(false, true)) {
				throw new LinkageError("of the thread of queue 0");
			}
			record(packet);
		});
		fixture.start();
		Gate deactivation = new Gate();
		fixture.hooks().beforeDeactivation((xsk) -> deactivation.pass());
		AtomicInteger sent = new AtomicInteger();
		await().atMost(ListenerFixture.TIMEOUT).until(() -> {
			fixture.send(sent.getAndIncrement(), 1);
			return failed.get();
		});
		deactivation.awaitEntered();
		try {
			this.numbers.clear();
			await().atMost(ListenerFixture.TIMEOUT).until(() -> {
				fixture.send(sent.getAndIncrement(), 1);
				return !this.numbers.isEmpty();
			});
			assertThat(ListenerFixture.consumerThreads()).containsExactly("xsk-" + fixture.veth().name() + "-1");
		}
		finally {
			deactivation.open();
		}
		assertFails(fixture, LinkageError.class);
	}

	@Test
	void anErrorOfAnotherThreadThatEndsIsLogged(CapturedOutput output) {
		ListenerFixture fixture = fixture(2, ListenerFixture.small(), null);
		CountDownLatch inside = new CountDownLatch(2);
		fixture.registry().register("rx", (packet) -> {
			inside.countDown();
			await().atMost(ListenerFixture.TIMEOUT).until(() -> inside.getCount() == 0);
			throw new LinkageError("in " + Thread.currentThread().getName());
		});
		fixture.start();
		AtomicInteger sent = new AtomicInteger();
		await().atMost(ListenerFixture.TIMEOUT).until(() -> {
			fixture.send(sent.getAndIncrement(), 1);
			return inside.getCount() == 0;
		});
		assertFails(fixture, LinkageError.class);
		String first = fixture.container().failure().getMessage();
		String second = first.endsWith("-0") ? first.replaceAll("0$", "1") : first.replaceAll("1$", "0");
		assertThat(output.getAll().lines()).filteredOn((line) -> line.contains("this happened besides")).hasSize(1);
		assertThat(output).contains("LinkageError: " + second);
	}

	@Test
	void aSocketThatCannotBeDeactivatedDoesNotKeepTheThreads(CapturedOutput output) {
		ListenerFixture fixture = fixture();
		fixture.registry().register("rx", (packet) -> {
			throw new LinkageError("of the listener");
		});
		fixture.start();
		fixture.hooks().beforeDeactivation((xsk) -> {
			throw new IllegalStateException("this slot stays");
		});
		fixture.send(0, 1);
		awaitState(fixture, State.FAILED);
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
		assertThat(output).contains("a socket stays active: this slot stays");
		fixture.hooks().beforeDeactivation((xsk) -> {
		});
	}

	@Test
	void aFailureFromOutsideThatMeetsAStartFailsIt() {
		ListenerFixture fixture = fixture(2, ListenerFixture.small(), null);
		Gate starting = new Gate();
		fixture.idleStrategy((socket) -> {
			starting.pass();
			return IdleStrategies.POLL.create(socket);
		});
		fixture.registry().register("rx", this::record);
		CompletableFuture<Void> start = ListenerFixture.async(fixture::start);
		starting.awaitEntered();
		fixture.container().fail(new IllegalStateException("from outside"));
		starting.open();
		start.join();
		assertFails(fixture, IllegalStateException.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "stop", "pause" })
	void anErrorInTheDrainIsNotWaitedFor(String control) {
		ListenerFixture fixture = fixture();
		fixture.batchSize(1);
		fixture.drainTimeout(Duration.ofMinutes(2));
		Gate first = new Gate();
		fixture.registry().register("rx", (packet) -> {
			first.pass();
			if (ListenerFixture.number(packet) == 1) {
				throw new LinkageError("in the drain");
			}
		});
		fixture.start();
		fixture.send(0, 2);
		first.awaitEntered();
		XskListenerContainer container = fixture.container();
		CompletableFuture<Void> done = ListenerFixture
			.async(control.equals("stop") ? container::stop : container::pause);
		await().atMost(ListenerFixture.TIMEOUT)
			.until(() -> fixture.operations().inspect(fixture.xsk()).state() == BindingState.INACTIVE);
		first.open();
		done.orTimeout(20, TimeUnit.SECONDS).join();
		awaitState(fixture, control.equals("stop") ? State.STOPPED : State.FAILED);
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void aSocketThatIsClosedUnderneathFailsTheContainer() {
		ListenerFixture fixture = fixture();
		fixture.registry().register("rx", this::record);
		fixture.start();
		fixture.xsk().close();
		awaitState(fixture, State.FAILED);
	}

	@Test
	void aStoppedContainerCannotFail(CapturedOutput output) {
		ListenerFixture fixture = fixture();
		fixture.registry().register("rx", this::record);
		fixture.start();
		fixture.container().stop();
		fixture.container().fail(new IllegalStateException("late"));
		await().atMost(ListenerFixture.TIMEOUT)
			.untilAsserted(() -> assertThat(output).contains("failed while it was stopped"));
		assertThat(fixture.container().state()).isEqualTo(State.STOPPED);
		assertThat(fixture.container().failure()).isNull();
	}

	@Test
	void aFailureOfAnEarlierStartLeavesTheNextOneAlone(CapturedOutput output) {
		ListenerFixture fixture = fixture();
		List<Runnable> later = new ArrayList<>();
		SocketListenerContainer container = container(fixture, this::record, later::add);
		fixture.start();
		container.start();
		container.fail(new IllegalStateException("of the first start"));
		container.stop();
		container.start();
		assertThat(later).hasSize(1);
		later.get(0).run();
		assertThat(output).contains("failed while it was stopped").contains("of the first start");
		assertThat(container.state()).isEqualTo(State.RUNNING);
		assertThat(container.failure()).isNull();
		fixture.assertState(BindingState.ACTIVE);
		fixture.send(0, 1);
		awaitNumbers(1);
		container.stop();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void withoutAThreadToBeHadTheConsumerEndsItsContainerItself(boolean same) {
		ListenerFixture fixture = fixture(2, ListenerFixture.small(), null);
		OutOfMemoryError thrown = new OutOfMemoryError("of the listener");
		// the JVM throws one of a few that it has ready
		OutOfMemoryError noThread = same ? thrown : new OutOfMemoryError("unable to create native thread");
		SocketListenerContainer container = container(fixture, (packet) -> {
			throw thrown;
		}, (task) -> {
			throw noThread;
		});
		fixture.start();
		container.start();
		fixture.send(0, 5);
		await().atMost(ListenerFixture.TIMEOUT)
			.until(() -> container.state() == State.FAILED && ListenerFixture.consumerThreads().isEmpty());
		assertThat(container.failure()).isSameAs(thrown);
		assertThat(thrown.getSuppressed()).hasSize(same ? 0 : 1);
		fixture.assertState(BindingState.INACTIVE);
		fixture.assertFramesAreAccountedFor();
	}

	/** A container that the registry does not know. */
	private static SocketListenerContainer container(ListenerFixture fixture, PacketHandler handler,
			Consumer<Runnable> executor) {
		fixture.factory().unserve("rx", "the test has not begun");
		return fixture.factory()
			.create(new XskListenerEndpoint("rx", "of the test", handler, null, null), executor::accept);
	}

	/** Who throws what. */
	private enum Fault {

		HANDLER_OUT_OF_MEMORY(new OutOfMemoryError("of the listener")),

		HANDLER_STACK_OVERFLOW(new StackOverflowError("of the listener")),

		HANDLER_LINKAGE(new NoClassDefFoundError("of the listener")),

		HANDLER_OTHER(new Throwable("neither exception nor error")),

		BATCH_HANDLER(new StackOverflowError("of the listener")),

		ERROR_HANDLER_EXCEPTION(new IllegalStateException("of the error handler")),

		ERROR_HANDLER_ERROR(new OutOfMemoryError("of the error handler")),

		IDLE_STRATEGY_EXCEPTION(new IllegalStateException("of the idle strategy")),

		IDLE_STRATEGY_ERROR(new LinkageError("of the idle strategy"));

		private final Throwable failure;

		Fault(Throwable failure) {
			this.failure = failure;
		}

		private Class<? extends Throwable> type() {
			return this.failure.getClass();
		}

		private void register(ListenerFixture fixture, PacketHandler good, AtomicBoolean healthy) {
			boolean errorHandler = name().startsWith("ERROR_HANDLER");
			boolean idleStrategy = name().startsWith("IDLE_STRATEGY");
			if (errorHandler) {
				fixture.errorHandler((exception, packet, container) -> Fault.<RuntimeException>rethrow(this.failure));
			}
			if (idleStrategy) {
				fixture.idleStrategy((socket) -> (work) -> {
					if (work > 0 && !healthy.get()) {
						Fault.<RuntimeException>rethrow(this.failure);
					}
				});
			}
			PacketHandler handler = (packet) -> {
				if (!healthy.get() && !idleStrategy) {
					Fault.<RuntimeException>rethrow(
							errorHandler ? new UnsupportedOperationException("of the listener") : this.failure);
				}
				good.onPacket(packet);
			};
			if (this == BATCH_HANDLER) {
				fixture.registry().registerBatch("rx", (batch) -> {
					for (int i = 0; i < batch.size(); i++) {
						handler.onPacket(batch.get(i));
					}
				});
			}
			else {
				fixture.registry().register("rx", handler);
			}
		}

		@SuppressWarnings("unchecked")
		private static <E extends Throwable> void rethrow(Throwable failure) throws E {
			throw (E) failure;
		}

	}

}
