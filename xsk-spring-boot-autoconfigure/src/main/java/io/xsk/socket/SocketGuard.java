package io.xsk.socket;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Keeps the close of a socket apart from its use, because whoever touches memory that was
 * unmapped meanwhile ends the process. The consumer, the senders and those who ask
 * questions do not wait for each other; only close waits for all of them. Thread-safe.
 */
final class SocketGuard {

	private final AtomicBoolean open = new AtomicBoolean(true);

	// taken in this order, as far as one thread takes several

	private final ReentrantLock consumer = new ReentrantLock();

	private final ReentrantLock questions = new ReentrantLock();

	private final ReentrantLock senders = new ReentrantLock();

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
		this.consumer.lock();
	}

	void leaveConsumer() {
		this.consumer.unlock();
	}

	/** Enter the part of the TX ring, the completion ring and the free frames. */
	void enterSender() {
		this.senders.lock();
		if (!isOpen()) {
			this.senders.unlock();
			requireOpen();
		}
	}

	void leaveSender() {
		this.senders.unlock();
	}

	/** Ask a question, also of a closed socket. */
	<T> T ask(Supplier<T> question) {
		this.questions.lock();
		try {
			return question.get();
		}
		finally {
			this.questions.unlock();
		}
	}

	/** Close, once, when nobody is in any part any more. */
	void close(Runnable release) {
		if (this.consumer.isHeldByCurrentThread()) {
			throw new IllegalStateException("A packet handler cannot close the XDP socket that its packet came from."
					+ " Close it after receive() has returned, or from another thread.");
		}
		if (!this.open.compareAndSet(true, false)) {
			return;
		}
		this.consumer.lock();
		this.questions.lock();
		this.senders.lock();
		try {
			release.run();
		}
		finally {
			this.senders.unlock();
			this.questions.unlock();
			this.consumer.unlock();
		}
	}

}
