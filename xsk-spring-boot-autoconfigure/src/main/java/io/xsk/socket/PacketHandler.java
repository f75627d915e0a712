package io.xsk.socket;

/**
 * Takes received packets, one after the other, on the thread that receives.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface PacketHandler {

	/**
	 * Take a packet.
	 * @param packet the packet, lent for this call: {@linkplain XdpPacket#retain() retain
	 * it} to keep it longer
	 */
	void onPacket(XdpPacket packet);

}
