package io.xsk.setup;

import java.time.Duration;
import java.util.List;

import io.xsk.Deadline;
import io.xsk.XskException;
import io.xsk.bpf.XskMap;
import io.xsk.core.XskMapOperations;
import io.xsk.core.XskMapTemplate;
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

	/**
	 * Make sure that operations put the XSKs into the XSKMAP of their interface. A
	 * template for an XSKMAP of the application's own would activate them where no packet
	 * comes from.
	 * @param operations what is to activate them
	 * @throws XskException when it is a template with another XSKMAP
	 */
	public void requireMapOf(XskMapOperations operations) {
		XskMap map = receives() ? this.xskInterface.map() : null;
		if (map == null || !(operations instanceof XskMapTemplate template)) {
			return;
		}
		XskMap theirs = template.mapOf(this.xskInterface.index());
		if (theirs == null || theirs.info().id() != map.info().id()) {
			throw new XskException(
					"The XskMapTemplate that is to activate socket '%s' has another XSKMAP than interface '%s', from which no packet would reach the socket."
						.formatted(this.name, this.xskInterface.config().key()),
					"Make a template for an XSKMAP of your own a @Bean(defaultCandidate = false), which is injected where a"
							+ " @Qualifier names it: the configured sockets then have a template beside it. One that is to"
							+ " take its place is made with the bean XskSockets, which finds the map of each interface.");
		}
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
