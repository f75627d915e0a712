package io.xsk.bpf;

/**
 * Whether a slot of an XSKMAP holds a socket, as far as the rights of the process let it
 * be known.
 *
 * @since 0.1.0
 */
public enum Occupancy {

	/** The slot holds no socket: packets pass to the kernel. */
	EMPTY,

	/** The slot holds a socket, ours or another's. */
	OCCUPIED,

	/** There is no probe, and no right to load one. */
	UNKNOWN

}
