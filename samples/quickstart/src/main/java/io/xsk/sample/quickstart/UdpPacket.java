package io.xsk.sample.quickstart;

import java.nio.ByteBuffer;

/**
 * A UDP packet over IPv4 in an Ethernet frame.
 */
final class UdpPacket {

	private static final int DESTINATION_MAC = 0;

	private static final int SOURCE_MAC = 6;

	private static final int ETHER_TYPE = 12;

	private static final int IPV4 = 14;

	private static final int IPV4_PROTOCOL = IPV4 + 9;

	private static final int IPV4_SOURCE = IPV4 + 12;

	private static final int IPV4_DESTINATION = IPV4 + 16;

	private static final int IPV4_MIN_LENGTH = 20;

	private static final int UDP_LENGTH = 8;

	private static final int UDP_DESTINATION_PORT = 2;

	private static final int UDP_CHECKSUM = 6;

	private static final int ETHER_TYPE_IPV4 = 0x0800;

	private static final int PROTOCOL_UDP = 17;

	private UdpPacket() {
	}

	/**
	 * Swap the addresses and ports, so that the packet goes back to its sender.
	 * @param frame the frame from its Ethernet header on
	 * @return {@code false} when it is no UDP packet over IPv4, and was left as it was
	 */
	static boolean turnAround(ByteBuffer frame) {
		if (frame.limit() < IPV4 + IPV4_MIN_LENGTH + UDP_LENGTH || frame.getShort(ETHER_TYPE) != ETHER_TYPE_IPV4
				|| frame.get(IPV4_PROTOCOL) != PROTOCOL_UDP) {
			return false;
		}
		int udp = IPV4 + (frame.get(IPV4) & 0x0f) * 4;
		if (udp + UDP_LENGTH > frame.limit()) {
			return false;
		}
		swap(frame, DESTINATION_MAC, SOURCE_MAC, 6);
		// the checksum of the IP header stays right: it is a sum, whatever the order
		swap(frame, IPV4_SOURCE, IPV4_DESTINATION, 4);
		swap(frame, udp, udp + UDP_DESTINATION_PORT, 2);
		// That of UDP would stay right, too, if it were: a veth's sender leaves it to the
		// network card, and there is none. 0 means in IPv4 that there is no checksum.
		frame.putShort(udp + UDP_CHECKSUM, (short) 0);
		return true;
	}

	private static void swap(ByteBuffer frame, int first, int second, int length) {
		for (int i = 0; i < length; i++) {
			byte value = frame.get(first + i);
			frame.put(first + i, frame.get(second + i));
			frame.put(second + i, value);
		}
	}

}
