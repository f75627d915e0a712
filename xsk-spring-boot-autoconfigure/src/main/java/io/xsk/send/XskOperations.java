package io.xsk.send;

import java.nio.ByteBuffer;
import java.util.List;

import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.socket.FrameWriter;
import io.xsk.socket.PacketSender;

/**
 * Sends packets out of the configured sockets, by name. What a method returns, and when
 * it waits, is told at {@link PacketSender}: {@code true} means that the packet is in the
 * TX ring, {@code false} that there was no room for it in time.
 * <p>
 * Every method throws {@link XskException} when there is no such socket, or it only
 * receives or is not open. Its subclass {@link XskSystemException} says that the
 * interface is gone or down; where it is down, the packet is in the TX ring all the same:
 * do not send it again. {@link IllegalArgumentException} says that a packet is too short
 * or too long; nothing was sent then.
 *
 * @since 0.1.0
 */
public interface XskOperations {

	/**
	 * Return what sends out of a socket.
	 * @param socket the name of the socket
	 * @return a sender, to be kept
	 * @throws XskException when there is no such socket, or it only receives
	 */
	PacketSender sender(String socket);

	/**
	 * Send a packet: copy it into a free frame.
	 * @param socket the name of the socket
	 * @param packet the frame from its Ethernet header on, between position and limit,
	 * which stay as they are
	 * @return whether there was room in time
	 */
	default boolean send(String socket, ByteBuffer packet) {
		return sender(socket).send(packet);
	}

	/**
	 * Send a packet: copy it into a free frame.
	 * @param socket the name of the socket
	 * @param packet the frame from its Ethernet header on
	 * @return whether there was room in time
	 */
	default boolean send(String socket, byte[] packet) {
		return sender(socket).send(packet);
	}

	/**
	 * Send a packet that is written straight into a free frame.
	 * @param socket the name of the socket
	 * @param maximumLength how long the packet can become, in bytes
	 * @param writer writes it, and returns its length
	 * @return whether there was room in time; the writer is not called where there was
	 * none
	 */
	default boolean send(String socket, int maximumLength, FrameWriter writer) {
		return sender(socket).send(maximumLength, writer);
	}

	/**
	 * Send packets, in their order and out of one queue: quicker than one by one.
	 * @param socket the name of the socket
	 * @param packets the packets, each as above
	 * @return how many there was room for in time, from the first one on
	 */
	default int send(String socket, List<ByteBuffer> packets) {
		return sender(socket).send(packets);
	}

	/**
	 * Let the kernel send what still waits because it could not take it at once, out of
	 * all queues of a socket. Does not wait.
	 * @param socket the name of the socket
	 * @return whether nothing waits to be sent any more
	 */
	default boolean flush(String socket) {
		return sender(socket).flush();
	}

}
