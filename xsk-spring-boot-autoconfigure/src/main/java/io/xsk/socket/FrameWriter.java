package io.xsk.socket;

import java.nio.ByteBuffer;

/**
 * Writes a packet straight into the memory that it is sent from.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface FrameWriter {

	/**
	 * Write a packet. Runs under the socket's lock for sending: other senders wait, and
	 * it must not send by the same socket itself.
	 * @param frame where to write, from index 0 with the Ethernet header on, in network
	 * byte order; as long as was asked for, with bytes of earlier packets in it, and
	 * valid during this call alone
	 * @return the length of the packet in bytes
	 */
	int write(ByteBuffer frame);

}
