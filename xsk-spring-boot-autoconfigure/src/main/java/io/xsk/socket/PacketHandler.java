package io.xsk.socket;

import java.nio.ByteBuffer;

/**
 * Takes received packets, one after the other, on the thread that receives.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface PacketHandler {

	/**
	 * Take a packet.
	 * @param packet its bytes from the Ethernet header on, between index 0 and the limit,
	 * in network byte order; valid during this call alone, because the kernel then writes
	 * the next packet there
	 */
	void onPacket(ByteBuffer packet);

}
