package io.xsk.lifecycle;

import io.xsk.setup.StopThread;
import io.xsk.setup.XskSockets;

import org.springframework.context.SmartLifecycle;

/**
 * Opens the configured interfaces and sockets very early, so that other beans can use
 * them while they start, and closes them very late.
 *
 * @since 0.1.0
 */
public class XskSocketLifecycle implements SmartLifecycle {

	/** Before any bean that sends or receives, and below the web server. */
	public static final int PHASE = Integer.MIN_VALUE / 2 - 200;

	private final XskSockets sockets;

	/**
	 * Create the life cycle.
	 * @param sockets what to open and close
	 */
	public XskSocketLifecycle(XskSockets sockets) {
		this.sockets = sockets;
	}

	/**
	 * Open them; does nothing where they cannot be opened at all, on another system for
	 * example, so that an application starts without them.
	 */
	@Override
	public void start() {
		if (this.sockets.isAvailable()) {
			this.sockets.open();
		}
	}

	@Override
	public void stop() {
		this.sockets.close();
	}

	@Override
	public void stop(Runnable callback) {
		StopThread.run(this::stop, callback);
	}

	@Override
	public boolean isRunning() {
		return this.sockets.isOpen();
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
