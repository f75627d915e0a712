package io.xsk.listener;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import io.xsk.XskException;
import io.xsk.socket.XdpSocket;
import org.jspecify.annotations.Nullable;

/**
 * Receives from one XSK on a thread of its own, from start to end; a second life is a
 * second object. Whoever commands it holds the lock of its container.
 */
final class XskConsumer {

	/**
	 * What arrives within that time after the socket was deactivated was on its way.
	 */
	private static final Duration ON_ITS_WAY = Duration.ofMillis(5);

	/** How often nothing must arrive: the first wait may end because of a wakeup. */
	private static final int QUIET_LOOKS = 2;

	private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

	private final XdpSocket socket;

	private final Work work;

	private final LongAdder received;

	private final ConsumerThread thread;

	private final CountDownLatch started = new CountDownLatch(1);

	private @Nullable Throwable startFailure;

	private volatile Command command = Command.RUN;

	private volatile long deadline;

	private boolean resting;

	/**
	 * Create a consumer.
	 * @param socket the XSK
	 * @param work what it does
	 * @param received counts the packets
	 */
	XskConsumer(XdpSocket socket, Work work, LongAdder received) {
		this.socket = socket;
		this.work = work;
		this.received = received;
		this.thread = new ConsumerThread(socket, this::run);
	}

	XdpSocket socket() {
		return this.socket;
	}

	/** Start, and wait until the thread has everything that it needs. */
	void start() {
		this.thread.start();
		String name = this.thread.getName();
		try {
			if (!this.started.await(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
				throw new XskListenerException("The thread %s does not start.".formatted(name),
						"See whether the machine is overloaded, or the idle strategy hangs.");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new XskListenerException("The start of the thread %s was interrupted.".formatted(name),
					"Start the container again.", ex);
		}
		if (this.startFailure instanceof XskException ex) {
			throw new XskListenerException("The thread %s cannot start: %s".formatted(name, ex.getDescription()),
					ex.getAction(), ex);
		}
		if (this.startFailure != null) {
			throw new XskListenerException("The thread %s cannot start: %s.".formatted(name, this.startFailure),
					"See the cause.", this.startFailure);
		}
	}

	/**
	 * Give a command, which takes effect between two batches.
	 * @param command the command; after an abort no other counts
	 * @param timeout how long a drain may take
	 */
	void command(Command command, Duration timeout) {
		synchronized (this) {
			if (this.command != Command.ABORT) {
				this.deadline = System.nanoTime() + timeout.toNanos();
				this.command = command;
				notifyAll();
			}
		}
		if (this.socket.isOpen()) {
			this.socket.wakeup();
		}
	}

	boolean isAborted() {
		return this.command == Command.ABORT;
	}

	boolean hasEnded() {
		return !this.thread.isAlive();
	}

	/** Wait for the thread to rest after a command to do so, or to end. */
	synchronized void awaitRest(long deadline) {
		try {
			while (!this.resting && this.thread.isAlive() && System.nanoTime() - deadline < 0) {
				TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, deadline - System.nanoTime()));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Wait for the thread to end after a command to do so.
	 * @return whether it has
	 */
	boolean awaitEnd(long deadline) {
		try {
			TimeUnit.NANOSECONDS.timedJoin(this.thread, Math.max(1, deadline - System.nanoTime()));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return hasEnded();
	}

	void interrupt() {
		this.thread.interrupt();
	}

	/** The deadline of the last command. */
	long deadline() {
		return this.deadline;
	}

	@Override
	public String toString() {
		return this.thread.getName();
	}

	/** Where the thread is, for people. */
	String position() {
		StackTraceElement[] stack = this.thread.getStackTrace();
		return (stack.length > 0) ? stack[0].toString() : "nowhere";
	}

	private void run() {
		XskIdleStrategy idleStrategy;
		try {
			idleStrategy = this.work.prepare();
		}
		catch (Throwable ex) {
			this.startFailure = ex;
			return;
		}
		finally {
			this.started.countDown();
		}
		try {
			loop(idleStrategy);
		}
		catch (Throwable ex) {
			// whoever aborted this thread knows why
			if (!isAborted()) {
				this.work.failed(ex);
			}
		}
	}

	private void loop(XskIdleStrategy idleStrategy) {
		while (true) {
			Command command = this.command;
			switch (command) {
				case RUN -> idleStrategy.idle(doWork());
				case DRAIN_AND_REST -> {
					drain(command);
					rest(command);
				}
				case REST -> rest(command);
				case DRAIN_AND_END -> {
					drain(command);
					return;
				}
				case ABORT -> {
					return;
				}
			}
		}
	}

	/** One duty cycle: hand over what is there. */
	private int doWork() {
		Dispatcher dispatcher = this.work.dispatcher();
		long before = dispatcher.received();
		int count = 0;
		try {
			count = dispatcher.receive(this.socket, this.work.batchSize());
		}
		finally {
			long done = dispatcher.received() - before;
			if (done > 0) {
				this.received.add(done);
			}
		}
		if (count == 0) {
			// a listener that leaves the flag set would turn every wait into a spin
			Thread.interrupted();
			this.work.nothingReceived();
		}
		return count;
	}

	private void drain(Command command) {
		int quiet = 0;
		while (quiet < QUIET_LOOKS && this.command == command && System.nanoTime() - this.deadline < 0) {
			// a wait that was cut short by a wake-up is no quiet one, and what it brings
			// counts
			quiet = (doWork() > 0 || this.socket.await(ON_ITS_WAY)) ? 0 : quiet + 1;
		}
	}

	private synchronized void rest(Command command) {
		this.resting = true;
		notifyAll();
		while (this.command == command) {
			try {
				wait();
			}
			catch (InterruptedException ex) {
				// only a command ends the rest, and each of them notifies
				continue;
			}
		}
		this.resting = false;
	}

	/** What a consumer is to do. */
	enum Command {

		/** Hand over packets. */
		RUN,

		/** Hand over what is there, then rest. */
		DRAIN_AND_REST,

		/** Rest, and leave what is there. */
		REST,

		/** Hand over what is there, then end. */
		DRAIN_AND_END,

		/** End, and leave what is there. */
		ABORT

	}

	/** What a consumer does, on its own thread. */
	interface Work {

		/** Prepare the thread; an exception means that it cannot start. */
		XskIdleStrategy prepare();

		Dispatcher dispatcher();

		int batchSize();

		/** A look at the ring found nothing. */
		void nothingReceived();

		/** The thread ends because of this. */
		void failed(Throwable failure);

	}

}
