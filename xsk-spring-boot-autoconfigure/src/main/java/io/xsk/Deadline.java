package io.xsk;

import java.time.Duration;

/**
 * Until when a call may wait: a value of {@link System#nanoTime()}, and not an object, so
 * that waiting allocates nothing. However long the wait is to be, the number fits: a time
 * beyond a year counts as one.
 *
 * @since 0.1.0
 */
public final class Deadline {

	private static final Duration LONGEST = Duration.ofDays(365);

	private Deadline() {
	}

	/**
	 * Return the moment after a time.
	 * @param timeout the time
	 * @return the moment, for {@link #left} and {@link #isOver}
	 */
	public static long after(Duration timeout) {
		return System.nanoTime() + nanos(timeout);
	}

	/**
	 * Return a time in nanoseconds.
	 * @param time the time
	 * @return its nanoseconds, those of a year where it is longer
	 */
	public static long nanos(Duration time) {
		return (time.compareTo(LONGEST) < 0) ? time.toNanos() : LONGEST.toNanos();
	}

	/**
	 * Return how long it is until a moment.
	 * @param deadline the moment
	 * @return nanoseconds, 0 or less when it is over
	 */
	public static long left(long deadline) {
		return deadline - System.nanoTime();
	}

	/**
	 * Return whether a moment is over.
	 * @param deadline the moment
	 * @return whether nothing is left
	 */
	public static boolean isOver(long deadline) {
		return left(deadline) <= 0;
	}

}
