package io.xsk.socket;

import java.nio.ByteBuffer;

/**
 * Writes the packet of a source straight into the memory that it is sent from. It is
 * handed the source, where a {@link FrameWriter} would have to capture it: a method
 * reference or a lambda that captures nothing is one object for all packets. What holds
 * for a {@link FrameWriter} holds for it too.
 *
 * @param <S> what the packet is made of
 * @since 0.1.0
 * @see PacketSender#send(Object, int, PacketWriter, java.time.Duration)
 */
@FunctionalInterface
public interface PacketWriter<S> {

	/**
	 * Write a packet.
	 * @param source what to make it of
	 * @param frame where to write, as for {@link FrameWriter#write}
	 * @return the length of the packet in bytes
	 */
	int write(S source, ByteBuffer frame);

}
