package io.xsk.socket;

/**
 * Takes received packets, several at once, on the thread that receives.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface PacketBatchHandler {

	/**
	 * Take what was received.
	 * @param batch the packets, at least one; it and they are lent for this call:
	 * {@linkplain XdpPacket#retain() retain a packet} to keep it longer
	 */
	void onBatch(XdpPacketBatch batch);

}
