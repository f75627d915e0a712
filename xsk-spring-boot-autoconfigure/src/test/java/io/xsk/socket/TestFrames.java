package io.xsk.socket;

import java.nio.ByteBuffer;

import io.xsk.test.Packets;

/**
 * Frames that tell which one they are, and a socket that is small enough for every test.
 */
final class TestFrames {

	private static final int UDP_PAYLOAD = 42;

	private TestFrames() {
	}

	/** A UDP datagram with a number in it; different numbers are different flows. */
	static byte[] numbered(int number) {
		return Packets.between("198.51.100.1", "198.51.100.2")
			.udp(1024 + number % 60_000, 9, ByteBuffer.allocate(64).putInt(number).array());
	}

	/** The number in the datagram. */
	static int number(ByteBuffer packet) {
		return packet.getInt(UDP_PAYLOAD);
	}

	/** The number in the datagram. */
	static int number(XdpPacket packet) {
		return number(packet.data());
	}

	/** A UDP datagram of a length, no two bytes of whose start are the same. */
	static byte[] ofLength(int length) {
		byte[] payload = new byte[length - UDP_PAYLOAD];
		for (int i = 0; i < payload.length; i++) {
			payload[i] = (byte) (i * 31 + i / 256);
		}
		return Packets.between("198.51.100.1", "198.51.100.2").udp(1, 9, payload);
	}

	/** Rings of 64 entries and 128 frames. */
	static XdpSocketConfig.Builder small() {
		return XdpSocketConfig.builder()
			.rxRingSize(64)
			.txRingSize(64)
			.fillRingSize(64)
			.completionRingSize(64)
			.frameCount(128);
	}

}
