package io.xsk.socket;

/**
 * How a packet leaves the call that it was lent for.
 */
enum PacketEnd {

	/** Nobody holds it. */
	RELEASED,

	/** Nobody holds it, and it is to be sent. */
	TRANSMITTED,

	/** Somebody has retained it. */
	HELD

}
