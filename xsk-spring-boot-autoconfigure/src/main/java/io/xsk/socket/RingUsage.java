package io.xsk.socket;

/**
 * How full a ring is.
 *
 * @param size the number of entries that it has, 0 where the socket has no such ring
 * @param used the number of entries that its producer has put in and its consumer has not
 * taken out, from 0 to {@code size}
 * @since 0.1.0
 */
public record RingUsage(int size, int used) {

	/** A ring that does not exist. */
	static final RingUsage NONE = new RingUsage(0, 0);

}
