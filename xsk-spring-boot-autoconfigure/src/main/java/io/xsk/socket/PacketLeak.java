package io.xsk.socket;

/**
 * A packet that was retained and not released.
 *
 * @param interfaceName the interface that it came by
 * @param queueId its RX queue
 * @param reason how it was noticed
 * @param retainedAt the place that retained it first: its stack trace, which starts with
 * the caller of {@link XdpPacket#retain()}
 * @since 0.1.0
 * @see XdpSocketConfig#leakListener()
 */
public record PacketLeak(String interfaceName, int queueId, Reason reason, Throwable retainedAt) {

	@Override
	public String toString() {
		return "A packet from interface %s queue %d was retained at %s and never released: %s".formatted(
				this.interfaceName, this.queueId, place(),
				(this.reason == Reason.FORGOTTEN)
						? "nobody refers to it any more, and its frame is lost until the socket is closed."
						: "the socket was closed before, and its memory stays until the packet is released.");
	}

	private String place() {
		StackTraceElement[] trace = this.retainedAt.getStackTrace();
		return (trace.length > 0) ? trace[0].toString() : "an unknown place";
	}

	/**
	 * How a leak is noticed.
	 */
	public enum Reason {

		/** The garbage collector found that nobody can release the packet any more. */
		FORGOTTEN,

		/** The socket was closed while the packet was retained. */
		CLOSED

	}

}
