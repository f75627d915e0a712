package io.xsk.rule;

/**
 * What happens to a packet that a rule redirects, when its RX queue has no socket.
 *
 * @since 0.1.0
 */
public enum EmptySlot {

	/** It goes on to the kernel. */
	PASS,

	/** It is dropped. */
	DROP

}
