package io.xsk.setup;

import java.util.List;

import io.xsk.socket.XdpSocket;

/**
 * A named socket of the configuration, open: its XSKs by ascending queue.
 *
 * @param name the name
 * @param xskInterface the interface they are bound to
 * @param sockets the XSKs
 * @since 0.1.0
 */
public record XskSocketGroup(String name, XskInterface xskInterface, List<XdpSocket> sockets) {

	/**
	 * Return whether the XSKs receive, so that they belong into the XSKMAP.
	 * @return {@code false} for those that only send
	 */
	public boolean receives() {
		return this.sockets.get(0).config().direction().receives();
	}

}
