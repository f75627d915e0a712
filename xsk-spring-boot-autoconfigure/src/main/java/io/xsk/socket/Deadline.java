package io.xsk.socket;

import java.time.Duration;

/**
 * Until when a call may wait, as {@link System#nanoTime()}: a number, so that waiting
 * allocates nothing. However long the wait is to be, the number fits: a time beyond a
 * year counts as one.
 */
final class Deadline {

	private static final Duration LONGEST = Duration.ofDays(365);

	private Deadline() {
	}

	static long after(Duration timeout) {
		return System.nanoTime() + ((timeout.compareTo(LONGEST) < 0) ? timeout.toNanos() : LONGEST.toNanos());
	}

	/** How many nanoseconds it is until then, 0 or less when it is over. */
	static long left(long deadline) {
		return deadline - System.nanoTime();
	}

}
