package io.xsk.core;

/**
 * How a socket and its slot in the XSKMAP stand to each other.
 *
 * @since 0.1.0
 */
public enum BindingState {

	/** The socket is not meant to be in the map. */
	INACTIVE,

	/** The slot holds our socket. */
	ACTIVE,

	/** The socket is meant to be in the map, and its slot is empty. */
	MISSING,

	/** The socket is meant to be in the map, and its slot holds another one. */
	FOREIGN,

	/** The interface of the socket is gone, and the socket with it. */
	DEAD

}
