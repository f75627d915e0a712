package io.xsk.setup;

import java.time.Duration;
import java.util.List;

import io.xsk.Deadline;
import io.xsk.XskException;
import io.xsk.socket.XdpSocket;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * A named socket of the configuration, open: its XSKs by ascending queue.
 *
 * @param name the name
 * @param xskInterface the interface they are bound to
 * @param sockets the XSKs
 * @since 0.1.0
 */
public record XskSocketGroup(String name, XskInterface xskInterface, List<XdpSocket> sockets) {

	private static final Log logger = LogFactory.getLog(XskSockets.class);

	/**
	 * Return whether the XSKs receive, so that they belong into the XSKMAP.
	 * @return {@code false} for those that only send
	 */
	public boolean receives() {
		return this.sockets.get(0).config().direction().receives();
	}

	/** Let the kernel send what waits to be sent, before the XSKs are closed. */
	void flush(long deadline) {
		if (this.sockets.get(0).config().direction().sends()) {
			this.sockets.forEach((socket) -> flush(socket, deadline));
		}
	}

	private void flush(XdpSocket socket, long deadline) {
		String reason;
		try {
			if (!socket.isOpen() || socket.flush(Duration.ofNanos(Math.max(0, Deadline.left(deadline))))) {
				return;
			}
			reason = "the interface did not take them in time.";
		}
		catch (XskException ex) {
			reason = ex.getMessage();
		}
		catch (IllegalStateException ex) {
			if (socket.isOpen()) {
				throw ex;
			}
			// somebody else closed it meanwhile
			return;
		}
		logger.warn(("Socket '%s' is closed with %d frames in the TX ring of queue %d, which are lost, as is what waits"
				+ " for room in it: %s")
			.formatted(this.name, socket.tx().used(), socket.queueId(), reason));
	}

}
