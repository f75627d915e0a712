package io.xsk.socket;

import java.time.Duration;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;

/**
 * A queue belongs to another XDP socket, of this process or another one, and was not
 * given free in time.
 *
 * @since 0.1.0
 */
public class QueueInUseException extends XskSystemException {

	private final String interfaceName;

	private final int queueId;

	/**
	 * Create an exception.
	 * @param interfaceName the name of the interface
	 * @param interfaceIndex the index of the interface
	 * @param queueId the queue
	 * @param waited how long it was tried
	 * @param interrupted whether the thread was interrupted while it waited
	 */
	public QueueInUseException(String interfaceName, int interfaceIndex, int queueId, Duration waited,
			boolean interrupted) {
		super("bind", "interface=%s, ifindex=%d, queue=%d".formatted(interfaceName, interfaceIndex, queueId),
				Errno.EBUSY, Errno.symbol(Errno.EBUSY),
				"queue %d of '%s' is held by another XDP socket, in this process or in another one%s."
					.formatted(queueId, interfaceName, waiting(waited, interrupted)),
				("See who holds it: ss --xdp -ep (where the kernel has CONFIG_XDP_SOCKETS_DIAG), or whether anybody"
						+ " does: ynl --family netdev --do queue-get --json '{\"ifindex\": %d, \"id\": %d, \"type\":"
						+ " \"rx\"}' (an answer with \"xsk\" is a socket). Stop that program, or choose another queue."
						+ " A queue whose socket was closed just now is free some ten milliseconds later: if that is"
						+ " all, a longer bind-timeout helps.")
					.formatted(interfaceIndex, queueId));
		this.interfaceName = interfaceName;
		this.queueId = queueId;
	}

	private static String waiting(Duration waited, boolean interrupted) {
		return (interrupted ? ", and the thread was interrupted when it had waited for %d ms"
				: ", and was not given free within %d ms")
			.formatted(waited.toMillis());
	}

	/**
	 * Return the interface.
	 * @return its name
	 */
	public final String getInterfaceName() {
		return this.interfaceName;
	}

	/**
	 * Return the queue.
	 * @return its id
	 */
	public final int getQueueId() {
		return this.queueId;
	}

}
