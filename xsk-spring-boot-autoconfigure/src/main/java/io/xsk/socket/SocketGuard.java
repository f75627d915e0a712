package io.xsk.socket;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import io.xsk.XskException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the close of a socket apart from its use, because whoever touches memory that was
 * unmapped meanwhile ends the process. The consumer, the senders and those who ask
 * questions do not wait for each other; only close waits for all of them. Thread-safe.
 */
final class SocketGuard {

	/** Longer than any call takes whose handler returns; see {@link XdpSocket#await}. */
	private static final long PATIENCE_MILLIS = 1000;

	private final AtomicBoolean open = new AtomicBoolean(true);

	// taken in this order, as far as one thread takes several

	private final ReentrantLock consumer = new ReentrantLock();

	private final ReentrantLock questions = new ReentrantLock();

	private final ReentrantLock senders = new ReentrantLock();

	private final List<ReentrantLock> parts = List.of(this.consumer, this.questions, this.senders);

	/**
	 * What a close could not release because somebody was in a part: the one who leaves
	 * does.
	 */
	private final AtomicReference<@Nullable Runnable> unreleased = new AtomicReference<>();

	boolean isOpen() {
		return this.open.get();
	}

	void requireOpen() {
		if (!isOpen()) {
			throw new IllegalStateException("This XDP socket is closed. Open a new one.");
		}
	}

	/** Enter the consumer's part, also of a closed socket. */
	void enterConsumer() {
		if (this.consumer.isHeldByCurrentThread()) {
			throw new IllegalStateException("A packet handler cannot receive from, or wait for, the XDP socket that its"
					+ " packet came from. Return from it first.");
		}
		this.consumer.lock();
	}

	void leaveConsumer() {
		leave(this.consumer);
	}

	/** Enter the part of the TX ring, the completion ring and the free frames. */
	void enterSender() {
		requireNotWriting();
		if (!tryEnterSender()) {
			requireOpen();
		}
	}

	/** Enter the part of the TX ring within a time. */
	boolean enterSender(long nanos) {
		requireNotWriting();
		if (!tryLock(this.senders, nanos)) {
			return false;
		}
		if (!isOpen()) {
			leaveSender();
			requireOpen();
		}
		return true;
	}

	private void requireNotWriting() {
		if (this.senders.isHeldByCurrentThread()) {
			throw new IllegalStateException(
					"A frame writer cannot send, flush, or count frames, by the XDP socket that it"
							+ " writes for. Return from it first.");
		}
	}

	/** Enter the part of the TX ring, unless the socket is closed. */
	boolean tryEnterSender() {
		this.senders.lock();
		if (!isOpen()) {
			leaveSender();
			return false;
		}
		return true;
	}

	/** Enter it from within the consumer's part, which keeps a close waiting. */
	void enterSenderAsConsumer() {
		this.senders.lock();
	}

	void leaveSender() {
		leave(this.senders);
	}

	/** Ask a question, also of a closed socket. */
	<T> T ask(Supplier<T> question) {
		this.questions.lock();
		try {
			return question.get();
		}
		finally {
			leave(this.questions);
		}
	}

	private void leave(ReentrantLock part) {
		part.unlock();
		// who asks a question in a packet handler is still in there
		if (this.unreleased.get() != null && this.parts.stream().noneMatch(ReentrantLock::isHeldByCurrentThread)) {
			releaseLate();
		}
	}

	/** Do something, also when the socket is closed. */
	void run(Runnable action) {
		this.questions.lock();
		try {
			action.run();
		}
		finally {
			leave(this.questions);
		}
	}

	/** Do something that needs the socket open, or nothing. */
	void ifOpen(Runnable action) {
		run(() -> {
			if (isOpen()) {
				action.run();
			}
		});
	}

	/** Close, once, when nobody is in any part any more. */
	void close(Runnable release) {
		close(() -> {
		}, release);
	}

	/** Close, once, when nobody is in any part any more. */
	void close(Runnable signal, Runnable release) {
		if (this.parts.stream().anyMatch(ReentrantLock::isHeldByCurrentThread)) {
			throw new IllegalStateException("A packet handler cannot close the XDP socket that its packet came from."
					+ " Close it after receive() has returned, or from another thread.");
		}
		if (!this.open.compareAndSet(true, false)) {
			return;
		}
		// even when the signal fails, whoever leaves releases
		try {
			signalConsumer(signal);
		}
		finally {
			this.unreleased.set(release);
			if (enterAll(PATIENCE_MILLIS)) {
				leaveAllAfterRelease();
			}
			else {
				releaseLate();
			}
		}
		if (this.unreleased.get() != null) {
			throw new XskException(
					"An XDP socket is not released: a thread is inside receive(), await() or send(), and %s."
						.formatted(Thread.currentThread().isInterrupted()
								? "the one that closes it was interrupted while it waited for it"
								: "has been for more than %d ms".formatted(PATIENCE_MILLIS)),
					"Let the packet handler return, and stop what receives before the socket is closed; a thread dump"
							+ " (jcmd PID Thread.print) shows who it is. The socket is released when that thread leaves.");
		}
	}

	/** What the signal needs is still there: nobody releases it before. */
	private void signalConsumer(Runnable signal) {
		if (this.consumer.tryLock()) {
			this.consumer.unlock();
		}
		else {
			signal.run();
		}
	}

	/** Release what a close could not, if nobody is in any part now. */
	private void releaseLate() {
		while (this.unreleased.get() != null) {
			if (enterAll(0)) {
				leaveAllAfterRelease();
			}
			else if (this.parts.stream().anyMatch(ReentrantLock::isLocked)) {
				// whoever that is looks again after leaving
				return;
			}
		}
	}

	private void leaveAllAfterRelease() {
		try {
			Runnable release = this.unreleased.getAndSet(null);
			if (release != null) {
				release.run();
			}
		}
		finally {
			this.parts.forEach(ReentrantLock::unlock);
		}
	}

	private boolean enterAll(long patienceMillis) {
		for (int i = 0; i < this.parts.size(); i++) {
			if (!tryLock(this.parts.get(i), TimeUnit.MILLISECONDS.toNanos(patienceMillis))) {
				this.parts.subList(0, i).forEach(ReentrantLock::unlock);
				return false;
			}
		}
		return true;
	}

	private static boolean tryLock(ReentrantLock part, long nanos) {
		try {
			return part.tryLock(nanos, TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return part.tryLock();
		}
	}

}
