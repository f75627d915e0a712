package io.xsk.listener;

import java.time.Duration;

/**
 * The moment until which somebody waits. Immutable.
 */
final class Deadline {

	/** As good as for ever, and far from where nanoseconds overflow. */
	private static final Duration LONGEST = Duration.ofDays(365);

	private final long nanoTime;

	private Deadline(long nanoTime) {
		this.nanoTime = nanoTime;
	}

	/** The moment after a time that may be as long as it likes. */
	static Deadline in(Duration time) {
		return new Deadline(System.nanoTime() + nanos(time));
	}

	/** A time in nanoseconds, one that is too long for them cut to a year. */
	static long nanos(Duration time) {
		return (time.compareTo(LONGEST) < 0) ? time.toNanos() : LONGEST.toNanos();
	}

	boolean isOver() {
		return nanosLeft() <= 0;
	}

	/** How long it takes from now on; not positive when it is over. */
	long nanosLeft() {
		return this.nanoTime - System.nanoTime();
	}

}
