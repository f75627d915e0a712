package io.xsk.socket;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.xsk.XskException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link SocketGuard}: whatever the order of users and close, the release runs
 * once, and while nobody is in a part.
 */
class SocketGuardTests {

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final SocketGuard guard = new SocketGuard();

	private final AtomicInteger inside = new AtomicInteger();

	private final AtomicInteger released = new AtomicInteger();

	@AfterEach
	void tearDown() {
		this.executor.shutdownNow();
	}

	@Test
	void aCloseThatMeetsNobodyReleasesAtOnceAndOnce() {
		this.guard.close(this::release);
		assertThat(this.released).hasValue(1);
		this.guard.close(this::release);
		assertThat(this.released).hasValue(1);
		assertThat(this.guard.isOpen()).isFalse();
		assertThatIllegalStateException().isThrownBy(this.guard::requireOpen).withMessageContaining("Open a new one");
		assertThatIllegalStateException().isThrownBy(this.guard::enterSender);
		assertThat(this.guard.tryEnterSender()).isFalse();
	}

	@ParameterizedTest
	@EnumSource
	void aCloseWaitsForWhoeverIsInAPart(Part part) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch leave = new CountDownLatch(1);
		Future<?> user = this.executor.submit(() -> use(part, entered, leave));
		entered.await();
		Future<?> close = this.executor.submit(() -> this.guard.close(this::release));
		Awaitility.await().until(() -> !this.guard.isOpen());
		assertThat(this.released).as("somebody is inside").hasValue(0);
		leave.countDown();
		user.get(5, TimeUnit.SECONDS);
		close.get(5, TimeUnit.SECONDS);
		assertThat(this.released).hasValue(1);
	}

	@ParameterizedTest
	@EnumSource
	void whoeverLeavesAfterACloseHasGivenUpReleases(Part part) throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch leave = new CountDownLatch(1);
		Future<?> user = this.executor.submit(() -> use(part, entered, leave));
		entered.await();
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> this.guard.close(this::release))
			.withMessageContaining("not released")
			.withMessageContaining("thread dump");
		assertThat(this.released).hasValue(0);
		leave.countDown();
		user.get(5, TimeUnit.SECONDS);
		assertThat(this.released).hasValue(1);
	}

	@Test
	void theLastOfSeveralReleases() throws Exception {
		CountDownLatch entered = new CountDownLatch(2);
		CountDownLatch consumerLeaves = new CountDownLatch(1);
		CountDownLatch senderLeaves = new CountDownLatch(1);
		Future<?> consumer = this.executor.submit(() -> use(Part.CONSUMER, entered, consumerLeaves));
		Future<?> sender = this.executor.submit(() -> use(Part.SENDER, entered, senderLeaves));
		entered.await();
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> this.guard.close(this::release));
		consumerLeaves.countDown();
		consumer.get(5, TimeUnit.SECONDS);
		assertThat(this.released).as("the sender is still inside").hasValue(0);
		senderLeaves.countDown();
		sender.get(5, TimeUnit.SECONDS);
		assertThat(this.released).hasValue(1);
	}

	@Test
	void aCloseThatIsInterruptedDoesNotClaimToHaveWaited() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch leave = new CountDownLatch(1);
		Future<?> consumer = this.executor.submit(() -> use(Part.CONSUMER, entered, leave));
		entered.await();
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> this.guard.close(this::release))
			.withMessageContaining("was interrupted while it waited")
			.withMessageNotContaining("ms");
		assertThat(Thread.interrupted()).isTrue();
		leave.countDown();
		consumer.get(5, TimeUnit.SECONDS);
		assertThat(this.released).hasValue(1);
	}

	@Test
	void aSignalThatFailsKeepsNothingFromBeingReleased() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch leave = new CountDownLatch(1);
		Future<?> consumer = this.executor.submit(() -> use(Part.CONSUMER, entered, leave));
		entered.await();
		assertThatIllegalStateException().isThrownBy(() -> this.guard.close(() -> {
			leave.countDown();
			throw new IllegalStateException("of the signal");
		}, this::release)).withMessage("of the signal");
		consumer.get(5, TimeUnit.SECONDS);
		assertThat(this.released).hasValue(1);
	}

	@Test
	void aSignalIsGivenWhileTheConsumerIsInACallAndNotOtherwise() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch leave = new CountDownLatch(1);
		Future<?> consumer = this.executor.submit(() -> use(Part.CONSUMER, entered, leave));
		entered.await();
		this.guard.close(leave::countDown, this::release);
		consumer.get(5, TimeUnit.SECONDS);
		assertThat(this.released).hasValue(1);
		AtomicInteger kick = new AtomicInteger();
		new SocketGuard().close(kick::incrementAndGet, this::release);
		assertThat(kick).hasValue(0);
	}

	@ParameterizedTest
	@EnumSource
	void nobodyClosesFromWithin(Part part) {
		part.enter(this.guard, () -> assertThatIllegalStateException().isThrownBy(() -> this.guard.close(this::release))
			.withMessageContaining("from another thread"));
		assertThat(this.guard.isOpen()).isTrue();
		this.guard.close(this::release);
		assertThat(this.released).hasValue(1);
	}

	@Test
	void theConsumerDoesNotEnterTwice() {
		Part.CONSUMER.enter(this.guard, () -> assertThatIllegalStateException().isThrownBy(this.guard::enterConsumer)
			.withMessageContaining("packet handler"));
		// what a handler may do
		Part.CONSUMER.enter(this.guard,
				() -> Part.SENDER.enter(this.guard, () -> Part.QUESTION.enter(this.guard, () -> {
				})));
	}

	@Test
	void aSenderDoesNotEnterTwice() {
		this.guard.enterSender();
		assertThatIllegalStateException().isThrownBy(this.guard::enterSender).withMessageContaining("frame writer");
		assertThatIllegalStateException().isThrownBy(() -> this.guard.enterSender(1000))
			.withMessageContaining("frame writer");
		// as a packet does that is transmitted by a writer
		assertThat(this.guard.tryEnterSender()).isTrue();
		this.guard.leaveSender();
		this.guard.leaveSender();
		this.guard.close(this::release);
		assertThat(this.released).hasValue(1);
	}

	@Test
	void manyUsersAndOneCloseAgainAndAgain() throws Exception {
		for (int round = 0; round < 300; round++) {
			SocketGuard guard = new SocketGuard();
			AtomicInteger inside = new AtomicInteger();
			AtomicInteger released = new AtomicInteger();
			CountDownLatch start = new CountDownLatch(1);
			Future<?>[] users = new Future<?>[Part.values().length];
			for (Part part : Part.values()) {
				users[part.ordinal()] = this.executor.submit(() -> {
					start.await();
					while (guard.isOpen()) {
						part.enter(guard, () -> {
							inside.incrementAndGet();
							assertThat(released).hasValue(0);
							inside.decrementAndGet();
						});
					}
					return null;
				});
			}
			start.countDown();
			guard.close(() -> {
				assertThat(inside).hasValue(0);
				released.incrementAndGet();
			});
			for (Future<?> user : users) {
				user.get(5, TimeUnit.SECONDS);
			}
			assertThat(released).hasValue(1);
		}
	}

	private void use(Part part, CountDownLatch entered, CountDownLatch leave) {
		part.enter(this.guard, () -> {
			this.inside.incrementAndGet();
			entered.countDown();
			try {
				leave.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			this.inside.decrementAndGet();
		});
	}

	private void release() {
		assertThat(this.inside).as("nobody is in a part").hasValue(0);
		this.released.incrementAndGet();
	}

	/** A part of a guard, and how it is used. A part of a closed socket is left alone. */
	enum Part {

		CONSUMER {
			@Override
			void enter(SocketGuard guard, Runnable action) {
				guard.enterConsumer();
				try {
					if (guard.isOpen()) {
						action.run();
					}
				}
				finally {
					guard.leaveConsumer();
				}
			}
		},

		SENDER {
			@Override
			void enter(SocketGuard guard, Runnable action) {
				if (guard.tryEnterSender()) {
					try {
						action.run();
					}
					finally {
						guard.leaveSender();
					}
				}
			}
		},

		QUESTION {
			@Override
			void enter(SocketGuard guard, Runnable action) {
				guard.ifOpen(action);
			}
		};

		abstract void enter(SocketGuard guard, Runnable action);

	}

}
