package io.xsk.listener;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

import io.xsk.CloseableStack;
import io.xsk.core.XskMapOperations;
import io.xsk.listener.XskConsumer.Kind;
import io.xsk.setup.XskSocketGroup;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.XdpSocket;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The container of a listener and a socket, with a consumer for each of its XSKs. It
 * serves the XSKs while somebody takes their packets: threads run before, and end after.
 * <pre>
 *  state    threads  XSKs                              left by
 *  STOPPED  none     unserved                          start
 *  RUNNING  run      served                            stop, pause, fail
 *  PAUSED   rest     unserved, or served by HOLD       resume, stop, fail
 *  FAILED   none     unserved                          start
 * </pre> Whatever changes the state runs under a lock that a consumer thread does not
 * wait for, since its holder may be waiting for that thread.
 */
final class SocketListenerContainer implements XskListenerContainer {

	private static final Log logger = LogFactory.getLog(SocketListenerContainer.class);

	private final XskListenerEndpoint endpoint;

	private final XskListenerSettings settings;

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private final XskListenerErrorHandler errorHandler;

	private final Executor executor;

	private final ReentrantLock lock = new ReentrantLock();

	private final LongAdder errors = new LongAdder();

	private volatile Status status = new Status(State.STOPPED, null);

	private volatile ConsumerGroup consumers;

	/** Create a container, which nobody takes packets through yet. */
	SocketListenerContainer(XskListenerEndpoint endpoint, XskListenerSettings settings, XskSockets sockets,
			XskMapOperations operations, Executor executor) {
		this.endpoint = endpoint;
		this.settings = settings;
		this.sockets = sockets;
		this.operations = operations;
		this.errorHandler = (endpoint.errorHandler() != null) ? endpoint.errorHandler() : settings.errorHandler();
		this.executor = executor;
		this.consumers = new ConsumerGroup(toString(), List.of(), settings.drainTimeout(), 0);
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
		return this.consumers.received();
	}

	@Override
	public long errors() {
		return this.errors.sum();
	}

	@Override
	public boolean isAutoStartup() {
		return this.settings.autoStartup();
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

	private void become(State state, @Nullable Throwable failure) {
		logger.debug("%s: %s becomes %s, %s".formatted(this, this.status, state, this.consumers));
		this.status = new Status(state, failure);
	}

	private void doStart() {
		if (hasThreads()) {
			return;
		}
		XskSocketGroup group = this.sockets.requireGroup(socket());
		this.consumers.requireEnded();
		ConsumerGroup started = group(group.sockets());
		this.consumers = started;
		try {
			started.start();
			serve();
		}
		catch (RuntimeException | Error ex) {
			started.end(Kind.DRAIN_AND_END);
			throw ex;
		}
		become(State.RUNNING, null);
		logger.info("%s is started on %s".formatted(this, started));
	}

	private ConsumerGroup group(List<XdpSocket> xsks) {
		boolean busyPoll = this.sockets.config(socket()).busyPoll() != null;
		List<XskConsumer> group = new ArrayList<>();
		for (XdpSocket xsk : xsks) {
			group.add(new XskConsumer(xsk, group.size(), this.endpoint, this.settings, this.sockets.kernel(), busyPoll,
					this));
		}
		return new ConsumerGroup(toString(), group, this.settings.drainTimeout(), received());
	}

	private void doStop() {
		if (!hasThreads()) {
			return;
		}
		try {
			unserve("its listener is stopped");
		}
		finally {
			this.consumers.end(Kind.DRAIN_AND_END);
			this.consumers.warnOfWhatIsLeft();
			become(State.STOPPED, null);
		}
		logger.info("%s is stopped; it received %d packets".formatted(this, received()));
	}

	private void doPause() {
		if (state() != State.RUNNING) {
			return;
		}
		boolean deactivates = isDeactivatedByPause();
		try {
			if (deactivates) {
				unserve("its listener is paused");
			}
		}
		finally {
			this.consumers.rest(deactivates);
			become(State.PAUSED, null);
		}
		logger.info("%s is paused".formatted(this));
	}

	private boolean isDeactivatedByPause() {
		return this.settings.pauseMode() == PauseMode.DEACTIVATE;
	}

	private void doResume() {
		if (state() != State.PAUSED) {
			return;
		}
		this.consumers.command(Kind.RUN);
		try {
			serve();
		}
		catch (RuntimeException | Error ex) {
			this.consumers.rest(isDeactivatedByPause());
			throw ex;
		}
		become(State.RUNNING, null);
		logger.info("%s is resumed".formatted(this));
	}

	private List<XdpSocket> openXsks() {
		return this.sockets.group(socket()).map(XskSocketGroup::sockets).orElse(List.of());
	}

	/** Take the packets of all XSKs, or of none. */
	private void serve() {
		CloseableStack served = new CloseableStack();
		try {
			for (XdpSocket xsk : openXsks()) {
				this.operations.serve(xsk);
				served.push(() -> this.operations.unserve(xsk, "its listener does not run"));
			}
		}
		catch (RuntimeException | Error ex) {
			served.closeAfter(ex);
			throw ex;
		}
	}

	/** Each XSK that stays takes packets away: go on when one fails. */
	private void unserve(String reason) {
		CloseableStack all = new CloseableStack();
		openXsks().forEach((xsk) -> all.push(() -> this.operations.unserve(xsk, reason)));
		all.close();
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
			unserve("its listener has failed");
		}
		catch (RuntimeException ex) {
			logger.error("%s: a socket stays active: %s".formatted(this, ex.getMessage()), ex);
		}
		finally {
			failed.end(Kind.ABORT);
			become(State.FAILED, failure);
		}
	}

	/** On the consumer thread, while the packet is still held. */
	void handle(Exception exception, @Nullable XdpPacket packet) {
		this.errors.increment();
		try {
			this.errorHandler.handle(exception, packet, this);
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
