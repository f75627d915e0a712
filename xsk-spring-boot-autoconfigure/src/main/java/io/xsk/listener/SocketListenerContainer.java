package io.xsk.listener;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

import io.xsk.CloseableStack;
import io.xsk.core.XskMapOperations;
import io.xsk.setup.XskSocketGroup;
import io.xsk.socket.XdpSocket;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The container of a listener and a socket. It holds the socket back whenever nobody
 * takes its packets: until it is started, while it is paused, once it has stopped or
 * failed. Threads run before the socket is released, and end after it was held back.
 * <p>
 * Whatever changes its state runs under a lock that a consumer thread does not wait for,
 * since its holder may be waiting for that thread.
 */
final class SocketListenerContainer implements XskListenerContainer {

	private static final Log logger = LogFactory.getLog(SocketListenerContainer.class);

	private final XskListenerEndpoint endpoint;

	private final ContainerSettings settings;

	private final XskMapOperations operations;

	private final XskListenerErrorHandler errorHandler;

	private final Executor executor;

	private final ReentrantLock lock = new ReentrantLock();

	private final LongAdder received = new LongAdder();

	private final LongAdder errors = new LongAdder();

	private volatile Status status = new Status(State.STOPPED, null);

	private volatile ConsumerGroup consumers;

	/**
	 * Create a container. Its socket must be held back by then.
	 * @param endpoint the listener
	 * @param settings the settings
	 * @param executor carries out, one after the other, what a consumer thread cannot
	 */
	SocketListenerContainer(XskListenerEndpoint endpoint, ContainerSettings settings, Executor executor) {
		this.endpoint = endpoint;
		this.settings = settings;
		this.operations = settings.operations();
		this.errorHandler = (endpoint.errorHandler() != null) ? endpoint.errorHandler() : settings.errorHandler();
		this.executor = executor;
		this.consumers = group(List.of());
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
		return this.status.state();
	}

	@Override
	public @Nullable Throwable failure() {
		return this.status.failure();
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
			return;
		}
		this.executor.execute(() -> {
			try {
				locked(action);
			}
			catch (RuntimeException ex) {
				logger.error("%s: %s failed: %s".formatted(this, what, ex.getMessage()), ex);
			}
		});
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

	private boolean hasThreads() {
		return state() == State.RUNNING || state() == State.PAUSED;
	}

	private void become(State state) {
		this.status = new Status(state, null);
	}

	private void doStart() {
		if (hasThreads()) {
			return;
		}
		XskSocketGroup sockets = this.settings.sockets()
			.group(socket())
			.orElseThrow(() -> new XskListenerException("Socket '%s' is not open.".formatted(socket()),
					"Start the container after the sockets: XskSocketLifecycle opens them, XskSockets.open() too."));
		this.consumers.requireEnded();
		ConsumerGroup started = group(sockets.sockets());
		this.consumers = started;
		try {
			started.start();
			serve(sockets.sockets());
		}
		catch (RuntimeException | Error ex) {
			started.drainAndEnd();
			throw ex;
		}
		become(State.RUNNING);
		logger.info("%s is started on %s".formatted(this, started));
	}

	private List<XdpSocket> openXsks() {
		return this.settings.sockets().group(socket()).map(XskSocketGroup::sockets).orElse(List.of());
	}

	/** Take the packets of all, or of none. */
	private void serve(List<XdpSocket> xsks) {
		CloseableStack served = new CloseableStack();
		try {
			for (XdpSocket xsk : xsks) {
				this.operations.serve(xsk);
				served.push(() -> this.operations.unserve(xsk, "its listener does not run"));
			}
		}
		catch (RuntimeException | Error ex) {
			served.closeAfter(ex);
			throw ex;
		}
	}

	/** Each one that stays takes packets away: go on when one fails. */
	private void unserve(List<XdpSocket> xsks, String reason) {
		CloseableStack all = new CloseableStack();
		xsks.forEach((xsk) -> all.push(() -> this.operations.unserve(xsk, reason)));
		all.close();
	}

	private ConsumerGroup group(List<XdpSocket> xsks) {
		List<XskConsumer> group = new ArrayList<>();
		for (XdpSocket xsk : xsks) {
			ListenerWork work = new ListenerWork(xsk, group.size(), socket(), this.settings,
					Dispatcher.of(this.endpoint, this::handle), this::fail);
			group.add(new XskConsumer(xsk, work, this.received));
		}
		return new ConsumerGroup(toString(), group, this.settings.drainTimeout());
	}

	private void doStop() {
		if (!hasThreads()) {
			return;
		}
		try {
			unserve(openXsks(), "its listener is stopped");
		}
		finally {
			this.consumers.drainAndEnd();
			become(State.STOPPED);
		}
		logger.info("%s is stopped; it received %d packets".formatted(this, received()));
	}

	private void doPause() {
		if (state() != State.RUNNING) {
			return;
		}
		try {
			if (isDeactivatedByPause()) {
				unserve(openXsks(), "its listener is paused");
			}
		}
		finally {
			rest();
			become(State.PAUSED);
		}
		logger.info("%s is paused".formatted(this));
	}

	private boolean isDeactivatedByPause() {
		return this.settings.pauseMode() == PauseMode.DEACTIVATE;
	}

	private void rest() {
		if (isDeactivatedByPause()) {
			this.consumers.drainAndRest();
		}
		else {
			this.consumers.rest();
		}
	}

	private void doResume() {
		if (state() != State.PAUSED) {
			return;
		}
		this.consumers.run();
		try {
			serve(openXsks());
		}
		catch (RuntimeException | Error ex) {
			rest();
			throw ex;
		}
		become(State.RUNNING);
		logger.info("%s is resumed".formatted(this));
	}

	@Override
	public void fail(Throwable failure) {
		ConsumerGroup failed = this.consumers;
		if (!failed.fail(failure)) {
			return;
		}
		Runnable end = () -> locked(() -> endAfterFailure(failed, failure));
		try {
			this.executor.execute(end);
		}
		catch (Error ex) {
			// no thread to be had: better here than not at all
			if (!ex.equals(failure)) {
				failure.addSuppressed(ex);
			}
			end.run();
		}
	}

	private void endAfterFailure(ConsumerGroup failed, Throwable failure) {
		if (this.consumers != failed || !hasThreads()) {
			// somebody was quicker, and there is nothing left to fail
			logger.error("%s failed while it was stopped".formatted(this), failure);
			return;
		}
		logger.error("%s fails: its sockets are deactivated, its threads end. Start it again with XskListenerRegistry"
			.formatted(this), failure);
		try {
			unserve(openXsks(), "its listener has failed");
		}
		catch (RuntimeException ex) {
			logger.error("%s: a socket stays active: %s".formatted(this, ex.getMessage()), ex);
		}
		finally {
			failed.abort();
			this.status = new Status(State.FAILED, failure);
		}
	}

	/** On the consumer thread, before the frame of the packet goes home. */
	private void handle(Exception exception) {
		this.errors.increment();
		try {
			this.errorHandler.handle(exception, this);
		}
		catch (Throwable ex) {
			if (!ex.equals(exception)) {
				ex.addSuppressed(exception);
			}
			fail(ex);
		}
		if (this.consumers.failure() != null) {
			// ends the batch: those behind this packet stay in the ring
			throw new ConsumerGroup.HasFailedException(toString(), exception);
		}
	}

	@Override
	public String toString() {
		return "Listener %s of socket '%s'".formatted(listener(), socket());
	}

	/** What a container is doing, and why if it failed, seen as one. */
	private record Status(State state, @Nullable Throwable failure) {
	}

}
