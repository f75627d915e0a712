package io.xsk.socket;

import io.xsk.XskException;

/**
 * A socket must not go into an XSKMAP, although the kernel would take it, because packets
 * would be lost there without a trace.
 *
 * @since 0.1.0
 */
public class XskNotReadyException extends XskException {

	/**
	 * Create an exception.
	 * @param description what is wrong with the socket
	 * @param action what to do about it
	 */
	public XskNotReadyException(String description, String action) {
		super(description, action);
	}

}
