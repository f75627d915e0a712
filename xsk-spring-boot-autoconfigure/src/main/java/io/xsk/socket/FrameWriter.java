package io.xsk.socket;

import java.nio.ByteBuffer;

/**
 * Writes a packet straight into the memory that it is sent from.
 * <p>
 * It runs under the socket's lock for sending, and so should do nothing but write: other
 * senders and the consumer of the socket wait for it. {@link PacketSender#send send},
 * {@link PacketSender#flush() flush} and {@link XdpSocket#frames()} of the same socket
 * fail in it with an {@link IllegalStateException}, because the packet would be written
 * over. Where it sends by another socket, a writer of that one must not send by this one:
 * each would wait for the other.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface FrameWriter {

	/**
	 * Write a packet.
	 * @param frame where to write, from index 0 with the Ethernet header on, in network
	 * byte order; as long as was asked for, with bytes of earlier packets in it, and
	 * valid during this call alone
	 * @return the length of the packet in bytes
	 */
	int write(ByteBuffer frame);

}
