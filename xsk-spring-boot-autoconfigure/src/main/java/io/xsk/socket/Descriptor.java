package io.xsk.socket;

/**
 * A descriptor of the TX ring as one number, as long as it waits for room there: a
 * reference to a packet instead would cost the garbage collector's barrier each time.
 */
final class Descriptor {

	private static final int LENGTH_SHIFT = 32;

	private static final int LENGTH_MASK = 0xffff;

	private static final long CONTINUED = 1L << 63;

	private Descriptor() {
	}

	/** Pack a descriptor. */
	static long of(int address, int length, boolean continued) {
		long descriptor = (long) length << LENGTH_SHIFT | address;
		return continued ? descriptor | CONTINUED : descriptor;
	}

	static int address(long descriptor) {
		return (int) descriptor;
	}

	static int length(long descriptor) {
		return (int) (descriptor >>> LENGTH_SHIFT) & LENGTH_MASK;
	}

	static boolean isContinued(long descriptor) {
		return descriptor < 0;
	}

}
