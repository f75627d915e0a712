package io.xsk.lifecycle;

import io.xsk.CloseableStack;
import io.xsk.XskException;
import io.xsk.core.XskMapOperations;
import io.xsk.setup.StopThread;
import io.xsk.setup.XskSockets;
import io.xsk.socket.Xsk;

import org.springframework.context.SmartLifecycle;

/**
 * Activates the configured sockets last, when everyone who takes their packets is there,
 * and deactivates them first, so that the kernel's own path serves again before anyone
 * leaves. Thread-safe.
 *
 * @since 0.1.0
 */
public class XskActivationLifecycle implements SmartLifecycle {

	/** After the listeners, whose phase is {@code Integer.MAX_VALUE - 100}. */
	public static final int DEFAULT_PHASE = Integer.MAX_VALUE - 50;

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private boolean autoStartup = true;

	private int phase = DEFAULT_PHASE;

	private volatile boolean running;

	/**
	 * Create the life cycle.
	 * @param sockets the sockets, opened by then
	 * @param operations activates and deactivates them
	 */
	public XskActivationLifecycle(XskSockets sockets, XskMapOperations operations) {
		this.sockets = sockets;
		this.operations = operations;
	}

	/**
	 * Set whether the sockets are activated when the application starts.
	 * @param autoStartup {@code false} to leave it to a call of {@link #start()}
	 */
	public void setAutoStartup(boolean autoStartup) {
		this.autoStartup = autoStartup;
	}

	/**
	 * Set the phase.
	 * @param phase the phase; higher starts later and stops earlier
	 */
	public void setPhase(int phase) {
		this.phase = phase;
	}

	/**
	 * Activate the configured sockets that receive; those whose listener does not run
	 * follow when it does. Does nothing where sockets cannot be opened at all.
	 * @throws XskException when one cannot be activated, or would be in another XSKMAP
	 * than that of its interface; none is active then
	 */
	@Override
	public synchronized void start() {
		if (this.running || !this.sockets.isAvailable()) {
			return;
		}
		if (!this.sockets.isOpen()) {
			throw new IllegalStateException("The sockets are not open. Start the XskSocketLifecycle before this one.");
		}
		this.sockets.groups().forEach((group) -> group.requireMapOf(this.operations));
		CloseableStack activated = new CloseableStack();
		try {
			for (Xsk xsk : this.sockets.receiving()) {
				this.operations.activate(xsk);
				activated.push(() -> this.operations.deactivate(xsk));
			}
		}
		catch (RuntimeException | Error ex) {
			activated.closeAfter(ex);
			throw ex;
		}
		this.running = true;
	}

	/**
	 * Deactivate the configured sockets, those that were activated by hand among them.
	 * @throws XskException when one cannot be deactivated; the others are all the same
	 */
	@Override
	public synchronized void stop() {
		this.running = false;
		CloseableStack all = new CloseableStack();
		this.sockets.receiving().forEach((xsk) -> all.push(() -> deactivate(xsk)));
		all.close();
	}

	private void deactivate(Xsk xsk) {
		try {
			this.operations.deactivate(xsk);
		}
		catch (RuntimeException ex) {
			// one that was closed meanwhile is in no map any more
			if (xsk.isOpen()) {
				throw ex;
			}
		}
	}

	@Override
	public void stop(Runnable callback) {
		StopThread.run(this::stop, callback);
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public boolean isAutoStartup() {
		return this.autoStartup;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

}
