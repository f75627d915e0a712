package io.xsk.listener;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import io.xsk.XskException;
import io.xsk.core.BindingState;
import io.xsk.core.XskMapOperations;
import io.xsk.core.XskSocketGroup;
import io.xsk.socket.XdpSocket;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The container of a listener and a socket. Whatever changes its state runs under a lock
 * that a consumer thread never waits for, since its holder may be waiting for that
 * thread.
 */
final class SocketListenerContainer implements XskListenerContainer {

	/** How long a thread may take to end once it was interrupted. */
	private static final Duration INTERRUPT_TIMEOUT = Duration.ofSeconds(1);

	private static final Log logger = LogFactory.getLog(SocketListenerContainer.class);

	private final XskListenerEndpoint endpoint;

	private final ContainerSettings settings;

	private final XskListenerErrorHandler errorHandler;

	private final ReentrantLock lock = new ReentrantLock();

	private final LongAdder received = new LongAdder();

	private final LongAdder errors = new LongAdder();

	private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

	/** What this container deactivated, and is to activate again. */
	private final Set<XdpSocket> deactivated = new HashSet<>();

	private volatile List<XskConsumer> consumers = List.of();

	private volatile State state = State.STOPPED;

	SocketListenerContainer(XskListenerEndpoint endpoint, ContainerSettings settings) {
		this.endpoint = endpoint;
		this.settings = settings;
		this.errorHandler = (endpoint.errorHandler() != null) ? endpoint.errorHandler() : settings.errorHandler();
	}

	@Override
	public String socket() {
		return this.endpoint.socket();
	}

	@Override
	public String listener() {
		return this.endpoint.listener();
	}

	@Override
	public State state() {
		return this.state;
	}

	@Override
	public @Nullable Throwable failure() {
		return this.failure.get();
	}

	@Override
	public long received() {
		return this.received.sum();
	}

	@Override
	public long errors() {
		return this.errors.sum();
	}

	@Override
	public void start() {
		control("start", this::doStart);
	}

	@Override
	public void stop() {
		control("stop", this::doStop);
	}

	@Override
	public void pause() {
		control("pause", this::doPause);
	}

	@Override
	public void resume() {
		control("resume", this::doResume);
	}

	private void control(String what, Runnable action) {
		if (ConsumerThread.currentSocket() == null) {
			locked(action);
		}
		else {
			onOtherThread(what, () -> locked(action));
		}
	}

	private void locked(Runnable action) {
		this.lock.lock();
		try {
			action.run();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void onOtherThread(String what, Runnable action) {
		Thread thread = new Thread(() -> {
			try {
				action.run();
			}
			catch (RuntimeException ex) {
				logger.error("%s: %s failed: %s".formatted(this, what, ex.getMessage()), ex);
			}
		}, "xsk-%s-%s".formatted(what, socket()));
		thread.setDaemon(true);
		thread.start();
	}

	private void doStart() {
		if (this.state == State.RUNNING || this.state == State.PAUSED) {
			return;
		}
		XskSocketGroup group = this.settings.sockets()
			.group(socket())
			.orElseThrow(() -> new XskListenerException("Socket '%s' is not open.".formatted(socket()),
					"Start the container after the sockets: XskSocketLifecycle opens them, XskSockets.open() too."));
		requireEnded();
		this.failure.set(null);
		this.consumers = consumers(group.sockets());
		try {
			this.consumers.forEach(XskConsumer::start);
			this.state = State.RUNNING;
			activate();
		}
		catch (RuntimeException | Error ex) {
			deactivate(ex::addSuppressed);
			end(XskConsumer.Command.ABORT);
			this.state = State.STOPPED;
			throw ex;
		}
		logger.info("%s is started on %s".formatted(this, this.consumers));
	}

	private List<XskConsumer> consumers(List<XdpSocket> xsks) {
		boolean busyPoll = this.settings.sockets().config(socket()).busyPoll() != null;
		List<XskConsumer> consumers = new ArrayList<>();
		for (XdpSocket xsk : xsks) {
			consumers.add(new XskConsumer(xsk, new ListenerWork(xsk, consumers.size(), busyPoll), this.received));
		}
		return List.copyOf(consumers);
	}

	private void requireEnded() {
		for (XskConsumer consumer : this.consumers) {
			if (!consumer.hasEnded()) {
				throw new XskListenerException(
						"The thread %s is still in the listener since the last stop, at %s.".formatted(consumer,
								consumer.position()),
						"Let the listener return within the drain timeout, or when it is interrupted.");
			}
		}
	}

	private void doStop() {
		if (this.state != State.RUNNING && this.state != State.PAUSED) {
			return;
		}
		List<RuntimeException> failures = new ArrayList<>();
		deactivate(failures::add);
		end(XskConsumer.Command.DRAIN_AND_END);
		this.state = State.STOPPED;
		logger.info("%s is stopped; it received %d packets".formatted(this, received()));
		throwAny(failures);
	}

	private void doPause() {
		if (this.state != State.RUNNING) {
			return;
		}
		List<RuntimeException> failures = new ArrayList<>();
		boolean deactivates = this.settings.pauseMode() == PauseMode.DEACTIVATE;
		if (deactivates) {
			deactivate(failures::add);
		}
		command(deactivates ? XskConsumer.Command.DRAIN_AND_REST : XskConsumer.Command.REST);
		this.consumers.forEach((consumer) -> consumer.awaitRest(consumer.deadline()));
		this.state = State.PAUSED;
		logger.info("%s is paused".formatted(this));
		throwAny(failures);
	}

	private void doResume() {
		if (this.state != State.PAUSED) {
			return;
		}
		command(XskConsumer.Command.RUN);
		activate();
		this.state = State.RUNNING;
		logger.info("%s is resumed".formatted(this));
	}

	private static void throwAny(List<RuntimeException> failures) {
		if (!failures.isEmpty()) {
			RuntimeException first = failures.remove(0);
			failures.forEach(first::addSuppressed);
			throw first;
		}
	}

	@Override
	public void fail(Throwable failure) {
		if (!this.failure.compareAndSet(null, failure)) {
			return;
		}
		command(XskConsumer.Command.ABORT);
		Runnable stop = () -> locked(this::doStopAfterFailure);
		try {
			onOtherThread("fail", stop);
		}
		catch (Error ex) {
			// no thread to be had: better here than not at all
			failure.addSuppressed(ex);
			stop.run();
		}
	}

	private void doStopAfterFailure() {
		Throwable failure = this.failure.get();
		if (failure == null || this.state == State.FAILED) {
			return;
		}
		if (this.state == State.STOPPED) {
			// somebody was quicker, and there is nothing left to fail
			logger.error("%s failed while it was stopped".formatted(this), failure);
			this.failure.set(null);
			return;
		}
		logger.error("%s fails: its sockets are deactivated, its threads end. Start it again with XskListenerRegistry"
			.formatted(this), failure);
		deactivate((ex) -> logger.error("%s: a socket stays active: %s".formatted(this, ex.getMessage()), ex));
		end(XskConsumer.Command.ABORT);
		this.state = State.FAILED;
	}

	private void command(XskConsumer.Command command) {
		this.consumers.forEach((consumer) -> consumer.command(command, this.settings.drainTimeout()));
	}

	/** End all threads but the calling one, one way or another. */
	private void end(XskConsumer.Command command) {
		command(command);
		for (XskConsumer consumer : this.consumers) {
			if (consumer.socket() == ConsumerThread.currentSocket() || consumer.awaitEnd(consumer.deadline())) {
				continue;
			}
			consumer.interrupt();
			if (!consumer.awaitEnd(System.nanoTime() + INTERRUPT_TIMEOUT.toNanos())) {
				logger.warn(
						"%s: the thread %s is still in the listener after %s, at %s. It ends when the listener returns"
							.formatted(this, consumer, this.settings.drainTimeout(), consumer.position()));
			}
		}
		for (XskConsumer consumer : this.consumers) {
			int left = consumer.socket().rx().used();
			if (left > 0 && command == XskConsumer.Command.DRAIN_AND_END) {
				logger.warn("%s: %d packets stay in the RX ring of %s: %s was too short to hand them over"
					.formatted(this, left, consumer, this.settings.drainTimeout()));
			}
		}
	}

	/** Deactivate what is meant to be active, and go on to the next when one fails. */
	private void deactivate(Consumer<RuntimeException> failures) {
		XskMapOperations operations = this.settings.operations();
		for (XskConsumer consumer : this.consumers) {
			XdpSocket xsk = consumer.socket();
			try {
				if (xsk.isOpen() && mayBeActive(operations, xsk)) {
					operations.deactivate(xsk);
					this.deactivated.add(xsk);
				}
			}
			catch (RuntimeException ex) {
				failures.accept(ex);
			}
		}
	}

	/** A kernel that does not say must not keep a socket active that nobody reads. */
	private static boolean mayBeActive(XskMapOperations operations, XdpSocket xsk) {
		try {
			return operations.inspect(xsk).state() != BindingState.INACTIVE;
		}
		catch (XskException ex) {
			logger.debug("The binding of %s is not known".formatted(xsk), ex);
			return true;
		}
	}

	/** Activate what this container deactivated, as far as it is still there. */
	private void activate() {
		this.deactivated.removeIf((xsk) -> !xsk.isOpen());
		for (XskConsumer consumer : this.consumers) {
			if (this.deactivated.contains(consumer.socket())) {
				this.settings.operations().activate(consumer.socket());
				this.deactivated.remove(consumer.socket());
			}
		}
	}

	/** On the consumer thread, between two packets. */
	private void handle(Exception exception) {
		this.errors.increment();
		try {
			this.errorHandler.handle(exception, this);
		}
		catch (RuntimeException ex) {
			if (!ex.equals(exception)) {
				ex.addSuppressed(exception);
			}
			fail(ex);
		}
		if (this.failure.get() != null) {
			// ends the batch: those behind this packet stay in the ring
			throw new XskListenerException("%s has failed.".formatted(this), "Start it again.", exception);
		}
	}

	@Override
	public String toString() {
		return "Listener %s of socket '%s'".formatted(listener(), socket());
	}

	/** What a consumer of this container does. */
	private final class ListenerWork implements XskConsumer.Work {

		private final XdpSocket xsk;

		private final int number;

		private final boolean busyPoll;

		private final Dispatcher dispatcher;

		private ListenerWork(XdpSocket xsk, int number, boolean busyPoll) {
			this.xsk = xsk;
			this.number = number;
			this.busyPoll = busyPoll;
			this.dispatcher = Dispatcher.of(SocketListenerContainer.this.endpoint,
					SocketListenerContainer.this::handle);
		}

		@Override
		public XskIdleStrategy prepare() {
			ContainerSettings settings = SocketListenerContainer.this.settings;
			CpuList cpus = settings.cpus().get(socket());
			if (cpus != null) {
				CpuAffinity.set(settings.kernel(), cpus.cpu(this.number));
			}
			return settings.idleStrategy().create(this.xsk);
		}

		@Override
		public Dispatcher dispatcher() {
			return this.dispatcher;
		}

		@Override
		public int batchSize() {
			return SocketListenerContainer.this.settings.batchSize();
		}

		@Override
		public void nothingReceived() {
			if (this.busyPoll) {
				this.xsk.busyPoll();
			}
		}

		@Override
		public void failed(Throwable failure) {
			fail(failure);
		}

	}

}
