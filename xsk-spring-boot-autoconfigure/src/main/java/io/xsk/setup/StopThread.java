package io.xsk.setup;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The thread that stops a part of an application context, so that the time limit which
 * the context sets for a phase holds also when a system call or a listener hangs.
 *
 * @since 0.1.0
 */
public final class StopThread {

	private static final Log logger = LogFactory.getLog(StopThread.class);

	private StopThread() {
	}

	/**
	 * Stop something on a thread of its own. A failure is logged.
	 * @param stop stops it
	 * @param callback is called when that is done or has failed
	 */
	public static void run(Runnable stop, Runnable callback) {
		Thread thread = new Thread(() -> stopAndReport(stop, callback), "xsk-stop");
		thread.setDaemon(true);
		thread.start();
	}

	private static void stopAndReport(Runnable stop, Runnable callback) {
		try {
			stop.run();
		}
		catch (RuntimeException ex) {
			logger.error("Not everything could be stopped: " + ex.getMessage(), ex);
		}
		finally {
			callback.run();
		}
	}

}
