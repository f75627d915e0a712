package io.xsk.listener;

import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import io.xsk.bpf.Occupancy;
import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.kernel.Errno;
import io.xsk.listener.XskListenerContainer.State;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.PacketSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests that a socket with a listener is active only while it is meant to be and its
 * container runs: on the running kernel.
 */
class ListenerActivationTests extends AbstractListenerTests {

	private ListenerFixture twoQueues() {
		ListenerFixture fixture = fixture(2, ListenerFixture.small(), null);
		fixture.registry().register("rx", this::record);
		return fixture;
	}

	@ParameterizedTest
	@EnumSource(Rest.class)
	void aContainerThatRestsIsNotActivatedBeforeItGoesOn(Rest rest) {
		ListenerFixture fixture = twoQueues();
		fixture.sockets().open();
		fixture.registry().start();
		rest.begin(fixture.container());
		fixture.activation().start();
		fixture.assertState(BindingState.INACTIVE);
		PacketSocket stack = fixture.veth().capture();
		fixture.send(7, 1);
		assertThat(stack.receive(ListenerFixture.TIMEOUT)).as("the kernel serves").isPresent();
		rest.end(fixture.container());
		fixture.assertState(BindingState.ACTIVE);
		fixture.send(8, 1);
		awaitNumbers(1);
		assertThat(this.numbers).containsExactly(8);
		fixture.assertFramesAreAccountedFor();
	}

	@ParameterizedTest
	@EnumSource(Rest.class)
	void aContainerThatGoesOnDoesNotActivateWhatTheApplicationDeactivated(Rest rest) {
		ListenerFixture fixture = twoQueues();
		fixture.start();
		rest.begin(fixture.container());
		fixture.activation().stop();
		rest.end(fixture.container());
		assertThat(fixture.container().state()).isEqualTo(State.RUNNING);
		fixture.assertState(BindingState.INACTIVE);
		fixture.activation().start();
		fixture.assertState(BindingState.ACTIVE);
	}

	@ParameterizedTest
	@EnumSource(Rest.class)
	void whatWasDeactivatedByHandStaysSo(Rest rest) {
		ListenerFixture fixture = twoQueues();
		fixture.start();
		fixture.operations().deactivate(fixture.xsks().get(0));
		rest.begin(fixture.container());
		rest.end(fixture.container());
		assertThat(fixture.xsks()).extracting((xsk) -> fixture.operations().inspect(xsk).state())
			.containsExactly(BindingState.INACTIVE, BindingState.ACTIVE);
	}

	@ParameterizedTest
	@EnumSource(Rest.class)
	void whatWasActivatedByHandAloneFollowsItsContainer(Rest rest) {
		ListenerFixture fixture = twoQueues();
		fixture.sockets().open();
		fixture.registry().start();
		fixture.operations().activate(fixture.xsks().get(1));
		rest.begin(fixture.container());
		fixture.assertState(BindingState.INACTIVE);
		rest.end(fixture.container());
		assertThat(fixture.xsks()).extracting((xsk) -> fixture.operations().inspect(xsk).state())
			.containsExactly(BindingState.INACTIVE, BindingState.ACTIVE);
		fixture.container().stop();
	}

	@ParameterizedTest
	@EnumSource(Rest.class)
	void whatIsDeactivatedByHandDuringTheRestStaysSo(Rest rest) {
		ListenerFixture fixture = twoQueues();
		fixture.start();
		rest.begin(fixture.container());
		fixture.operations().deactivate(fixture.xsks().get(0));
		rest.end(fixture.container());
		assertThat(fixture.xsks()).extracting((xsk) -> fixture.operations().inspect(xsk).state())
			.containsExactly(BindingState.INACTIVE, BindingState.ACTIVE);
	}

	@ParameterizedTest
	@EnumSource(Rest.class)
	void whatIsActivatedByHandDuringTheRestIsActiveWhenTheContainerGoesOn(Rest rest) {
		ListenerFixture fixture = twoQueues();
		fixture.sockets().open();
		fixture.registry().start();
		rest.begin(fixture.container());
		XskBinding binding = fixture.operations().activate(fixture.xsks().get(0));
		assertThat(binding.state()).isEqualTo(BindingState.INACTIVE);
		assertThat(binding.wanted()).isTrue();
		assertThat(binding.reason()).startsWith("It is wanted, but its listener").contains(rest.word());
		fixture.assertState(BindingState.INACTIVE);
		rest.end(fixture.container());
		assertThat(fixture.xsks()).extracting((xsk) -> fixture.operations().inspect(xsk).state())
			.containsExactly(BindingState.ACTIVE, BindingState.INACTIVE);
		fixture.container().stop();
	}

	@ParameterizedTest
	@EnumSource(Rest.class)
	void aPauseAndAResumeActivateNothingThatNobodyWantsAlsoWhenTheKernelDoesNotAnswer(Rest rest) {
		FaultInjectingKernel faulty = new FaultInjectingKernel();
		ListenerFixture fixture = fixture(faulty);
		fixture.registry().register("rx", this::record);
		fixture.sockets().open();
		fixture.registry().start();
		// whatever asks about the slot meanwhile gets no answer
		faulty.failing("bpf BPF_PROG_LOAD", Errno.ENOMEM, 1000);
		rest.begin(fixture.container());
		rest.end(fixture.container());
		faulty.healthy();
		fixture.assertState(BindingState.INACTIVE);
		assertThat(fixture.sockets().resolve(fixture.veth().index()).occupancy(0)).isEqualTo(Occupancy.EMPTY);
		fixture.container().stop();
	}

	@Test
	void aSocketWithAListenerIsNotActiveBeforeItsContainerRunsNorAfterTheSocketsWereOpenedAgain() {
		ListenerFixture fixture = twoQueues();
		for (int round = 0; round < 2; round++) {
			fixture.sockets().open();
			fixture.xsks().forEach(fixture.operations()::activate);
			fixture.assertState(BindingState.INACTIVE);
			fixture.container().start();
			fixture.assertState(BindingState.ACTIVE);
			fixture.container().stop();
			fixture.sockets().close();
		}
	}

	@Test
	void aContainerThatHoldsIsActivatedWhileItIsPaused() {
		ListenerFixture fixture = fixture(1, ListenerFixture.small(), null);
		fixture.pauseMode(PauseMode.HOLD);
		fixture.registry().register("rx", this::record);
		fixture.sockets().open();
		fixture.registry().start();
		fixture.container().pause();
		fixture.activation().start();
		fixture.assertState(BindingState.ACTIVE);
		fixture.send(0, 10);
		awaitReceived(fixture, 10);
		assertThat(this.numbers).isEmpty();
		fixture.container().resume();
		awaitNumbers(10);
		assertThat(this.numbers).isEqualTo(upTo(10));
	}

	@Test
	void aPauseThatMeetsTheActivationLeavesNothingActive() {
		ListenerFixture fixture = twoQueues();
		fixture.sockets().open();
		fixture.registry().start();
		Gate activation = new Gate();
		fixture.hooks().beforeActivation((xsk) -> activation.pass());
		CompletableFuture<Void> start = ListenerFixture.async(fixture.activation()::start);
		activation.awaitEntered();
		AtomicReference<Thread> pausing = new AtomicReference<>();
		CompletableFuture<Void> pause = ListenerFixture.async(() -> {
			pausing.set(Thread.currentThread());
			fixture.container().pause();
		});
		await().atMost(ListenerFixture.TIMEOUT)
			.until(() -> pause.isDone() || (pausing.get() != null && pausing.get().getState() == Thread.State.BLOCKED));
		activation.open();
		CompletableFuture.allOf(start, pause).orTimeout(20, TimeUnit.SECONDS).join();
		assertThat(fixture.container().state()).isEqualTo(State.PAUSED);
		fixture.assertState(BindingState.INACTIVE);
		fixture.container().resume();
		fixture.assertState(BindingState.ACTIVE);
	}

	@Test
	void aResumeThatFailsLeavesThePause() {
		ListenerFixture fixture = twoQueues();
		fixture.start();
		fixture.container().pause();
		failActivationOf(fixture, 1);
		assertThatIllegalStateException().isThrownBy(fixture.container()::resume).withMessage("not today");
		assertThat(fixture.container().state()).isEqualTo(State.PAUSED);
		fixture.assertState(BindingState.INACTIVE);
		assertThat(fixture.xsks()).extracting((xsk) -> fixture.operations().inspect(xsk).served()).containsOnly(false);
		fixture.hooks().beforeActivation((xsk) -> {
		});
		fixture.container().resume();
		fixture.assertState(BindingState.ACTIVE);
		fixture.send(0, 30);
		awaitNumbers(30);
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void aStartThatCannotActivateLeavesNothing() {
		ListenerFixture fixture = twoQueues();
		fixture.start();
		fixture.container().stop();
		failActivationOf(fixture, 1);
		assertThatIllegalStateException().isThrownBy(fixture.container()::start).withMessage("not today");
		assertThat(fixture.container().state()).isEqualTo(State.STOPPED);
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
		fixture.assertState(BindingState.INACTIVE);
		fixture.hooks().beforeActivation((xsk) -> {
		});
		fixture.container().start();
		fixture.assertState(BindingState.ACTIVE);
	}

	@Test
	void aStopThatCannotDeactivateEndsTheThreadsAllTheSame() {
		ListenerFixture fixture = twoQueues();
		fixture.start();
		fixture.hooks().beforeDeactivation((xsk) -> {
			throw new IllegalStateException("queue " + xsk.queueId());
		});
		assertThatIllegalStateException().isThrownBy(fixture.container()::stop)
			.withMessage("queue 1")
			.satisfies((thrown) -> assertThat(thrown.getSuppressed()).extracting(Throwable::getMessage)
				.containsExactly("queue 0"));
		assertThat(fixture.container().state()).isEqualTo(State.STOPPED);
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
		fixture.hooks().beforeDeactivation((xsk) -> {
		});
	}

	private static void failActivationOf(ListenerFixture fixture, int queueId) {
		fixture.hooks().beforeActivation((xsk) -> {
			if (xsk.queueId() == queueId) {
				throw new IllegalStateException("not today");
			}
		});
	}

	@Test
	void aListenerThatIsRegisteredLateTakesTheSocketOver() {
		ListenerFixture fixture = fixture(1, ListenerFixture.small(), null);
		fixture.start();
		fixture.assertState(BindingState.ACTIVE);
		fixture.registry().register("rx", this::record);
		fixture.assertState(BindingState.ACTIVE);
		fixture.send(0, 3);
		awaitNumbers(3);
	}

	@Test
	void aLateListenerThatCannotStartIsNotRegistered() {
		ListenerFixture fixture = fixture(1, ListenerFixture.small(), null);
		AtomicBoolean broken = new AtomicBoolean(true);
		fixture.idleStrategy((socket) -> {
			if (broken.get()) {
				throw new IllegalStateException("no strategy today");
			}
			return IdleStrategies.POLL.create(socket);
		});
		fixture.start();
		assertThatExceptionOfType(XskListenerException.class)
			.isThrownBy(() -> fixture.registry().register("rx", this::record))
			.withMessageContaining("no strategy today");
		assertThat(fixture.registry().containers()).isEmpty();
		fixture.assertState(BindingState.ACTIVE);
		broken.set(false);
		fixture.registry().register("rx", this::record);
		fixture.send(0, 3);
		awaitNumbers(3);
	}

	/** A way for a container not to run, and the way back. */
	private enum Rest {

		STOPPED(XskListenerContainer::stop, XskListenerContainer::start),

		PAUSED(XskListenerContainer::pause, XskListenerContainer::resume),

		FAILED((container) -> {
			container.fail(new IllegalStateException("on purpose"));
			await().atMost(ListenerFixture.TIMEOUT).until(() -> container.state() == State.FAILED);
		}, XskListenerContainer::start);

		private final Consumer<XskListenerContainer> begin;

		private final Consumer<XskListenerContainer> end;

		Rest(Consumer<XskListenerContainer> begin, Consumer<XskListenerContainer> end) {
			this.begin = begin;
			this.end = end;
		}

		private String word() {
			return name().toLowerCase(Locale.ROOT);
		}

		private void begin(XskListenerContainer container) {
			this.begin.accept(container);
			assertThat(container.state()).hasToString(name());
		}

		private void end(XskListenerContainer container) {
			this.end.accept(container);
		}

	}

}
