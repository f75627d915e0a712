package io.xsk.socket;

/**
 * What a socket is for. A socket has no ring for the direction that it does not use.
 *
 * @since 0.1.0
 */
public enum Direction {

	/** Receives and sends. */
	BOTH,

	/** Receives alone: no TX ring. */
	RECEIVE,

	/** Sends alone: no RX ring; it never goes into an XSKMAP. */
	SEND;

	/**
	 * Return whether a socket of this direction has an RX ring.
	 * @return {@code false} for {@link #SEND}
	 */
	public boolean receives() {
		return this != SEND;
	}

	/**
	 * Return whether a socket of this direction has a TX ring.
	 * @return {@code false} for {@link #RECEIVE}
	 */
	public boolean sends() {
		return this != RECEIVE;
	}

}
