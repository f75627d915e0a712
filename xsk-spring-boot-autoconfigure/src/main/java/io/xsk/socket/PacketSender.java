package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

import io.xsk.XskSystemException;

/**
 * Sends packets. A packet is copied into a free frame of the socket, or written there,
 * and the kernel is woken where it asks for that. When the TX ring is full or no frame is
 * free, because the interface sends more slowly, a method returns {@code false}: nothing
 * was sent then. Otherwise the packet is in the TX ring; where the kernel does not take
 * it at once, it goes out with the next packet, by {@link #flush()}, or while the
 * consumer of the socket receives or waits. Methods with a timeout wait for room first,
 * and until the kernel takes what is in the ring; they return early when the thread is
 * interrupted, whose flag stays set.
 * <p>
 * Every method throws {@link IllegalArgumentException} when a packet is shorter than an
 * Ethernet header or longer than {@link #maxPacketLength()},
 * {@link IllegalStateException} when the socket is closed or only receives, and
 * {@link XskSystemException} when the interface is gone, or is down and the packet was
 * put into the TX ring all the same: it waits there for {@link #flush()} or the next
 * packet after the interface is up again. Thread-safe.
 *
 * @since 0.1.0
 */
public interface PacketSender {

	/**
	 * Return how long a packet can be.
	 * @return the size of a frame less the headroom; with multi-buffer that of up to 18
	 * frames, in bytes
	 */
	int maxPacketLength();

	/**
	 * Send a packet.
	 * @param packet its bytes from the Ethernet header on, between position and limit,
	 * which stay as they are
	 * @return whether there was room
	 */
	boolean send(ByteBuffer packet);

	/**
	 * Send a packet, and wait for room.
	 * @param packet its bytes, as above
	 * @param timeout how long to wait, 0 for not at all
	 * @return whether there was room in time
	 */
	boolean send(ByteBuffer packet, Duration timeout);

	/**
	 * Send a packet out of an array.
	 * @param packet holds the packet, from its Ethernet header on
	 * @param offset where it starts
	 * @param length how long it is
	 * @return whether there was room
	 */
	boolean send(byte[] packet, int offset, int length);

	/**
	 * Send a packet out of an array, and wait for room.
	 * @param packet holds the packet, from its Ethernet header on
	 * @param offset where it starts
	 * @param length how long it is
	 * @param timeout how long to wait, 0 for not at all
	 * @return whether there was room in time
	 */
	boolean send(byte[] packet, int offset, int length, Duration timeout);

	/**
	 * Write a packet straight into the frame that it is sent from. A packet that needs
	 * several frames is written elsewhere and copied.
	 * @param maximumLength how long it can become
	 * @param writer writes it; what it throws is thrown here, and nothing is sent
	 * @return whether there was room; the writer is not called where there is none
	 */
	boolean send(int maximumLength, FrameWriter writer);

	/**
	 * Write a packet straight into the frame that it is sent from, and wait for room.
	 * @param maximumLength how long it can become
	 * @param writer writes it, as above
	 * @param timeout how long to wait, 0 for not at all
	 * @return whether there was room in time
	 */
	boolean send(int maximumLength, FrameWriter writer, Duration timeout);

	/**
	 * Send packets together: with one wake-up for all, and no packet of another thread
	 * between them.
	 * @param packets the packets, each as above; a list with fast access by index
	 * @return how many were sent, from the first one on
	 */
	int send(List<ByteBuffer> packets);

	/**
	 * Send packets, and wait for room. Packets of other threads can come between them.
	 * @param packets the packets, as above
	 * @param timeout how long to wait altogether, 0 for not at all
	 * @return how many were sent in time, from the first one on
	 */
	int send(List<ByteBuffer> packets, Duration timeout);

	/**
	 * Let the kernel send what still waits in the TX ring because it could not take it at
	 * once, and take back the frames of what was sent.
	 * @return whether nothing waits to be sent any more
	 */
	boolean flush();

	/**
	 * Let the kernel send what still waits, and wait for that: before a close, for
	 * example, which drops what has not been sent.
	 * @param timeout how long to wait, 0 for not at all
	 * @return whether nothing waits to be sent any more
	 */
	boolean flush(Duration timeout);

}
