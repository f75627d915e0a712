package io.xsk.listener;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import io.xsk.Deadline;
import io.xsk.XskException;
import io.xsk.socket.XdpSocket;
import org.jspecify.annotations.Nullable;

/**
 * Receives from one XSK on a thread of its own, from start to end; a second life is a
 * second object. It is commanded from other threads, one at a time.
 */
final class XskConsumer {

	/**
	 * What arrives within that time after the socket was deactivated was on its way.
	 */
	private static final Duration ON_ITS_WAY = Duration.ofMillis(5);

	/** How often nothing must arrive: the first wait may end because of a wakeup. */
	private static final int QUIET_LOOKS = 2;

	/** Packages whose frames do not tell what a listener waits for. */
	private static final List<String> OF_THE_PLATFORM = List.of("java.", "jdk.", "sun.", "com.sun.jna.");

	private final XdpSocket socket;

	private final Work work;

	private final LongAdder received;

	private final ConsumerThread thread;

	private final CountDownLatch started = new CountDownLatch(1);

	private @Nullable Throwable startFailure;

	private volatile Command command = new Command(Kind.RUN, Deadline.after(Duration.ZERO));

	/** The command by which the thread rests. Guarded by this object. */
	private @Nullable Command resting;

	/** Whether the thread will not rest any more. Guarded by this object. */
	private boolean ended;

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

	void start() {
		this.thread.start();
	}

	/** Wait until the thread has everything that it needs. */
	void awaitStart(long deadline) {
		String name = this.thread.getName();
		try {
			if (!this.started.await(Deadline.left(deadline), TimeUnit.NANOSECONDS)) {
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
	 * Give a command, which takes effect between two batches. After an abort no other
	 * counts.
	 * @param command the command, which may be given to other consumers too
	 */
	void command(Command command) {
		synchronized (this) {
			if (!isAborted()) {
				this.command = command;
				notifyAll();
			}
		}
		this.socket.wakeup();
	}

	private boolean isAborted() {
		return this.command.kind == Kind.ABORT;
	}

	boolean hasEnded() {
		return !this.thread.isAlive();
	}

	boolean isCurrentThread() {
		return this.thread.equals(Thread.currentThread());
	}

	/**
	 * Wait for the thread to rest by a command, or to end.
	 * @return {@code false} when it did neither by the deadline of the command, or the
	 * calling thread is interrupted
	 */
	synchronized boolean awaitRest(Command command) {
		try {
			while (this.resting != command && !this.ended && !Deadline.isOver(command.deadline)) {
				TimeUnit.NANOSECONDS.timedWait(this, Deadline.left(command.deadline));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return this.resting == command || this.ended;
	}

	/** Wait for the thread to end after a command to do so. */
	void awaitEnd(long deadline) {
		try {
			TimeUnit.NANOSECONDS.timedJoin(this.thread, Deadline.left(deadline));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	void interrupt() {
		this.thread.interrupt();
	}

	@Override
	public String toString() {
		return this.thread.getName();
	}

	/** Where the thread is, for people: not where it waits, but who lets it wait. */
	String position() {
		StackTraceElement[] stack = this.thread.getStackTrace();
		for (StackTraceElement frame : stack) {
			if (OF_THE_PLATFORM.stream().noneMatch(frame.getClassName()::startsWith)) {
				return frame.toString();
			}
		}
		return (stack.length > 0) ? stack[0].toString() : "nowhere";
	}

	private void run() {
		try {
			XskIdleStrategy idleStrategy = prepare();
			if (idleStrategy != null) {
				loop(idleStrategy);
			}
		}
		catch (Throwable ex) {
			this.work.failed(ex);
		}
		finally {
			end();
		}
	}

	private @Nullable XskIdleStrategy prepare() {
		try {
			return this.work.prepare();
		}
		catch (Throwable ex) {
			this.startFailure = ex;
			return null;
		}
		finally {
			this.started.countDown();
		}
	}

	private void loop(XskIdleStrategy idleStrategy) {
		while (true) {
			Command command = this.command;
			switch (command.kind) {
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

	/**
	 * Hand over what is left, until nothing comes any more and everything is sent that
	 * the listener transmitted, or the time is over.
	 */
	private void drain(Command command) {
		int quiet = 0;
		while (quiet < QUIET_LOOKS && isInForce(command) && !Deadline.isOver(command.deadline)) {
			// a wait that was cut short by a wake-up is no quiet one, and what it brings
			// counts
			boolean busy = doWork() > 0 || this.socket.await(ON_ITS_WAY) || isSending();
			quiet = busy ? 0 : quiet + 1;
		}
	}

	private boolean isSending() {
		return this.socket.isTransmitting() && this.socket.isAlive();
	}

	private synchronized void rest(Command command) {
		this.resting = command;
		notifyAll();
		while (isInForce(command)) {
			try {
				wait();
			}
			catch (InterruptedException ex) {
				// only a command ends the rest, and each of them notifies
				continue;
			}
		}
	}

	/** Of two commands of one kind the second is another one, to be carried out too. */
	private boolean isInForce(Command command) {
		return this.command == command;
	}

	private synchronized void end() {
		this.ended = true;
		notifyAll();
	}

	/** What a consumer can be told to do. */
	enum Kind {

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

	/** What a consumer was told to do; how long a drain may take, and a wait for it. */
	static final class Command {

		private final Kind kind;

		private final long deadline;

		Command(Kind kind, long deadline) {
			this.kind = kind;
			this.deadline = deadline;
		}

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
