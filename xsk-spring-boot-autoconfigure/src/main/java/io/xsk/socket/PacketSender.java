package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

import io.xsk.XskSystemException;

/**
 * Sends packets. A packet is the whole frame, from the Ethernet header on. It is copied
 * into a free UMEM frame of the socket, or written there, and the kernel is woken where
 * it asks for that.
 * <p>
 * A method returns {@code true} when the packet is in the TX ring. When the TX ring is
 * full or no frame is free, because the interface sends more slowly, it waits for room,
 * as long as its timeout or else {@link #timeout()} says, and then returns {@code false}:
 * nothing was sent. An interrupt ends the wait, and the thread's flag stays set.
 * <p>
 * Nothing waits for a packet to leave. What the kernel does not take at once goes out
 * with the next packet, by a flush, or while the consumer of the socket receives or
 * waits. Where there is no consumer, only a {@link #flush(Duration)} after the last
 * packet of a burst makes sure that all of them leave.
 * <p>
 * Every method throws {@link IllegalArgumentException} when a packet is shorter than an
 * Ethernet header or longer than {@link #maxPacketLength()};
 * {@link IllegalStateException} when the socket is closed or only receives, and in a
 * {@link FrameWriter} that writes for this socket; {@link XskSystemException} when the
 * interface is gone or down. Where it is down the packet is in the TX ring all the same,
 * and leaves after it is up again, as above: do not send it twice. Thread-safe; nothing
 * is allocated per packet.
 *
 * @since 0.1.0
 */
public interface PacketSender {

	/**
	 * Return how long a packet can be that is put into the TX ring. The interface may
	 * take less: 14 bytes more than its {@link #mtu()}, and 4 more for each VLAN tag. The
	 * kernel drops what is longer, after {@code true} was returned, and counts it in
	 * {@link XdpTraffic#sendDrops()} alone.
	 * @return the size of a frame less the headroom; with multi-buffer that of up to 18
	 * frames, in bytes
	 */
	int maxPacketLength();

	/**
	 * Return the MTU of the interface when the socket was opened.
	 * @return how long a packet may be without its Ethernet header, in bytes
	 */
	int mtu();

	/**
	 * Return how long the methods without a timeout wait for room.
	 * @return the time; zero, not at all, unless a sender says otherwise
	 */
	default Duration timeout() {
		return Duration.ZERO;
	}

	/**
	 * Write the packet of a source straight into the frame that it is sent from. A packet
	 * that may need several frames is written elsewhere and copied.
	 * @param <S> what the packet is made of
	 * @param source is handed to the writer
	 * @param maximumLength how long the packet can become, in bytes
	 * @param writer writes it; what it throws is thrown here, and nothing is sent
	 * @param timeout how long to wait for room, zero for not at all
	 * @return whether there was room; the writer is not called where there was none
	 */
	<S> boolean send(S source, int maximumLength, PacketWriter<? super S> writer, Duration timeout);

	/**
	 * Send packets in their order, with one wake-up of the kernel for all. Packets of
	 * other threads come between them only when it waits for room.
	 * @param packets the packets, each as in {@link #send(ByteBuffer)}; a list with fast
	 * access by index. When one of them is too short or too long, none is sent
	 * @param timeout how long to wait for room altogether, zero for not at all
	 * @return how many there was room for, from the first one on; not known after an
	 * exception
	 */
	int send(List<ByteBuffer> packets, Duration timeout);

	/**
	 * Let the kernel send what still waits because it could not take it at once, and wait
	 * until it has taken all: before a close, for example, which drops what has not been
	 * sent. Takes the frames back of what was sent.
	 * @param timeout how long to wait, zero for not at all
	 * @return whether nothing waits to be sent any more; {@code false} also when another
	 * thread was sending all the time
	 */
	boolean flush(Duration timeout);

	/**
	 * Send a packet: copy it into a free frame.
	 * @param packet its bytes between position and limit, which stay as they are. Those
	 * of a received packet start at index 0 of {@link XdpPacket#data()}, so rewind it
	 * after relative reads
	 * @return whether there was room
	 */
	default boolean send(ByteBuffer packet) {
		return send(packet, timeout());
	}

	/**
	 * Send a packet: copy it into a free frame.
	 * @param packet its bytes, as in {@link #send(ByteBuffer)}
	 * @param timeout how long to wait for room, zero for not at all
	 * @return whether there was room
	 */
	default boolean send(ByteBuffer packet, Duration timeout) {
		return send(packet, packet.remaining(), PacketSender::copy, timeout);
	}

	/**
	 * Send a packet: copy it into a free frame.
	 * @param packet its bytes; for a part of an array there is
	 * {@link ByteBuffer#wrap(byte[], int, int)}
	 * @return whether there was room
	 */
	default boolean send(byte[] packet) {
		return send(packet, timeout());
	}

	/**
	 * Send a packet: copy it into a free frame.
	 * @param packet its bytes
	 * @param timeout how long to wait for room, zero for not at all
	 * @return whether there was room
	 */
	default boolean send(byte[] packet, Duration timeout) {
		return send(packet, packet.length, PacketSender::copy, timeout);
	}

	/**
	 * Write a packet straight into the frame that it is sent from.
	 * @param maximumLength how long the packet can become, in bytes
	 * @param writer writes it, and returns its length
	 * @return whether there was room; the writer is not called where there was none
	 */
	default boolean send(int maximumLength, FrameWriter writer) {
		return send(maximumLength, writer, timeout());
	}

	/**
	 * Write a packet straight into the frame that it is sent from.
	 * @param maximumLength how long the packet can become, in bytes
	 * @param writer writes it, and returns its length
	 * @param timeout how long to wait for room, zero for not at all
	 * @return whether there was room; the writer is not called where there was none
	 */
	default boolean send(int maximumLength, FrameWriter writer, Duration timeout) {
		return send(writer, maximumLength, FrameWriter::write, timeout);
	}

	/**
	 * Send packets in their order, with one wake-up of the kernel for all.
	 * @param packets the packets, as in {@link #send(List, Duration)}
	 * @return how many there was room for, from the first one on
	 */
	default int send(List<ByteBuffer> packets) {
		return send(packets, timeout());
	}

	/**
	 * Let the kernel send what still waits, as {@link #flush(Duration)} does, but do not
	 * wait for that.
	 * @return whether nothing waits to be sent any more
	 */
	default boolean flush() {
		return flush(Duration.ZERO);
	}

	private static int copy(ByteBuffer packet, ByteBuffer frame) {
		frame.put(0, packet, packet.position(), packet.remaining());
		return packet.remaining();
	}

	private static int copy(byte[] packet, ByteBuffer frame) {
		frame.put(0, packet);
		return packet.length;
	}

}
