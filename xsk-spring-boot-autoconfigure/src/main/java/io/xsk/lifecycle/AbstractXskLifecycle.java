package io.xsk.lifecycle;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.SmartLifecycle;

/**
 * Stops on a thread of its own, so that the time limit that the container sets for a
 * phase holds also when a system call hangs.
 *
 * @since 0.1.0
 */
public abstract class AbstractXskLifecycle implements SmartLifecycle {

	private final Log logger = LogFactory.getLog(getClass());

	private final String stopThreadName;

	/**
	 * Create a life cycle.
	 * @param stopThreadName the name of the thread that stops
	 */
	protected AbstractXskLifecycle(String stopThreadName) {
		this.stopThreadName = stopThreadName;
	}

	@Override
	public final void stop(Runnable callback) {
		Thread thread = new Thread(() -> stopAndReport(callback), this.stopThreadName);
		thread.setDaemon(true);
		thread.start();
	}

	private void stopAndReport(Runnable callback) {
		try {
			stop();
		}
		catch (RuntimeException ex) {
			this.logger.error("Not everything could be stopped: " + ex.getMessage(), ex);
		}
		finally {
			callback.run();
		}
	}

}
