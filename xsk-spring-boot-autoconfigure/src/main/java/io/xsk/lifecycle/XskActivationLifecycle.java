package io.xsk.lifecycle;

import java.util.ArrayDeque;
import java.util.Deque;

import io.xsk.core.EmptySlotMonitor;
import io.xsk.core.XskMapOperations;
import io.xsk.core.XskSockets;
import io.xsk.socket.Xsk;
import org.jspecify.annotations.Nullable;

/**
 * Activates the configured sockets last, when everyone who takes their packets is there,
 * and deactivates them first, so that the kernel's own path serves again before anyone
 * leaves.
 *
 * @since 0.1.0
 */
public class XskActivationLifecycle extends AbstractXskLifecycle {

	/** After the listeners, whose phase is {@code Integer.MAX_VALUE - 100}. */
	public static final int DEFAULT_PHASE = Integer.MAX_VALUE - 50;

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private final EmptySlotMonitor monitor;

	private final Deque<Xsk> activated = new ArrayDeque<>();

	private boolean autoStartup = true;

	private int phase = DEFAULT_PHASE;

	private volatile boolean running;

	/**
	 * Create the life cycle.
	 * @param sockets the sockets, opened by then
	 * @param operations activates and deactivates them
	 */
	public XskActivationLifecycle(XskSockets sockets, XskMapOperations operations) {
		super("xsk-deactivate");
		this.sockets = sockets;
		this.operations = operations;
		this.monitor = new EmptySlotMonitor(sockets, operations);
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

	@Override
	public synchronized void start() {
		if (this.running) {
			return;
		}
		if (!this.sockets.isOpen()) {
			throw new IllegalStateException("The sockets are not open. Start the XskSocketLifecycle before this one.");
		}
		try {
			for (Xsk xsk : this.sockets.receiving()) {
				this.operations.activate(xsk);
				this.activated.push(xsk);
			}
			this.monitor.start();
			this.running = true;
		}
		catch (RuntimeException ex) {
			RuntimeException failure = deactivateAll();
			if (failure != null) {
				ex.addSuppressed(failure);
			}
			throw ex;
		}
	}

	@Override
	public synchronized void stop() {
		this.running = false;
		this.monitor.stop();
		RuntimeException failure = deactivateAll();
		if (failure != null) {
			throw failure;
		}
	}

	/**
	 * Go on to the next socket when one fails: each one left behind takes packets away.
	 */
	private @Nullable RuntimeException deactivateAll() {
		RuntimeException failure = null;
		while (!this.activated.isEmpty()) {
			try {
				this.operations.deactivate(this.activated.pop());
			}
			catch (RuntimeException ex) {
				if (failure == null) {
					failure = ex;
				}
				else {
					failure.addSuppressed(ex);
				}
			}
		}
		return failure;
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
