package io.xsk.listener;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

import io.xsk.Deadline;
import io.xsk.XskException;
import io.xsk.kernel.Kernel;
import io.xsk.socket.PacketBatchHandler;
import io.xsk.socket.PacketHandler;
import io.xsk.socket.XdpSocket;
import org.jspecify.annotations.Nullable;

/**
 * Receives from one XSK on a thread of its own, from start to end; a second life is a
 * second object. Its container commands it, and takes effect between two batches: <pre>
 *  RUN             hand over packets
 *  REST            rest, leave in the RX ring what is there
 *  DRAIN_AND_REST  hand over what is there, then rest
 *  DRAIN_AND_END   hand over what is there, then end the thread
 *  ABORT           end the thread; no other command counts after it
 * </pre>
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

	private final int number;

	private final XskListenerSettings settings;

	private final Kernel kernel;

	private final SocketListenerContainer container;

	private final IntSupplier receiving;

	private final boolean busyPoll;

	private final ConsumerThread thread;

	private final CountDownLatch started = new CountDownLatch(1);

	private final long receivedBefore;

	private volatile long receivedAtEnd = -1;

	private @Nullable Throwable startFailure;

	private volatile Command command = new Command(Kind.RUN, 0);

	/** The command by which the thread rests. Guarded by this object. */
	private @Nullable Command resting;

	/** Whether the thread will not rest any more. Guarded by this object. */
	private boolean ended;

	/** Create a consumer. */
	XskConsumer(XdpSocket socket, int number, XskListenerEndpoint endpoint, XskListenerSettings settings, Kernel kernel,
			boolean busyPoll, SocketListenerContainer container) {
		this.socket = socket;
		this.number = number;
		this.settings = settings;
		this.kernel = kernel;
		this.busyPoll = busyPoll;
		this.container = container;
		this.receiving = (endpoint.handler() != null) ? eachPacket(endpoint.handler())
				: wholeBatch(endpoint.requireBatchHandler());
		this.thread = new ConsumerThread(socket, this::run);
		this.receivedBefore = socket.traffic().receivedPackets();
	}

	private IntSupplier eachPacket(PacketHandler listener) {
		int batchSize = this.settings.batchSize();
		PacketHandler handler = (packet) -> {
			try {
				listener.onPacket(packet);
			}
			catch (Exception ex) {
				this.container.handle(ex, packet);
			}
		};
		return () -> this.socket.receive(handler, batchSize);
	}

	private IntSupplier wholeBatch(PacketBatchHandler listener) {
		int batchSize = this.settings.batchSize();
		PacketBatchHandler handler = (batch) -> {
			try {
				listener.onBatch(batch);
			}
			catch (Exception ex) {
				this.container.handle(ex, null);
			}
		};
		return () -> this.socket.receiveBatch(handler, batchSize);
	}

	XdpSocket socket() {
		return this.socket;
	}

	/** The packets that were received since the consumer was created. */
	long received() {
		long end = this.receivedAtEnd;
		return ((end >= 0) ? end : this.socket.traffic().receivedPackets()) - this.receivedBefore;
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

	/** Give a command, which may be given to other consumers too. */
	void command(Command command) {
		synchronized (this) {
			if (this.command.kind != Kind.ABORT) {
				this.command = command;
				notifyAll();
			}
		}
		this.socket.wakeup();
	}

	boolean hasEnded() {
		return !this.thread.isAlive();
	}

	boolean isCurrentThread() {
		return this.thread.equals(Thread.currentThread());
	}

	/**
	 * Wait for the thread to rest by a command, or to end. Returns {@code false} when it
	 * did neither by the deadline of the command, or the calling thread is interrupted.
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
			this.container.fail(ex);
		}
		finally {
			this.receivedAtEnd = this.socket.traffic().receivedPackets();
			synchronized (this) {
				this.ended = true;
				notifyAll();
			}
		}
	}

	private @Nullable XskIdleStrategy prepare() {
		try {
			CpuList cpus = this.settings.cpus();
			if (cpus != null) {
				CpuAffinity.set(this.kernel, cpus.cpu(this.number));
			}
			return this.settings.idleStrategy().create(this.socket);
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
		int count = this.receiving.getAsInt();
		if (count == 0) {
			// a listener that leaves the flag set would turn every wait into a spin
			Thread.interrupted();
			if (this.busyPoll) {
				this.socket.busyPoll();
			}
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
			// a wait that was cut short by a wake-up is no quiet one
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

	/** What a consumer can be told to do. */
	enum Kind {

		RUN, REST, DRAIN_AND_REST, DRAIN_AND_END, ABORT

	}

	/**
	 * What a consumer was told to do; until when a drain, and a wait for it, may last.
	 */
	static final class Command {

		private final Kind kind;

		private final long deadline;

		Command(Kind kind, long deadline) {
			this.kind = kind;
			this.deadline = deadline;
		}

	}

}
