package io.xsk.sample.benchmark;

import java.util.concurrent.TimeUnit;

/**
 * Waits.
 */
final class Pause {

	private Pause() {
	}

	static void millis(long millis) {
		try {
			TimeUnit.MILLISECONDS.sleep(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted", ex);
		}
	}

}
