package io.xsk.listener;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.xsk.XskException;
import io.xsk.core.XskSockets;
import io.xsk.socket.FrameWriter;

import org.springframework.util.Assert;

/**
 * The central class for sending packets out of the configured sockets, by name. The
 * kernel needs neither rule nor XSKMAP for that. A packet is the whole frame, from the
 * Ethernet header on.
 * <p>
 * Of a socket with several queues, each thread has one: a consumer thread of that socket
 * its own, so that an answer leaves by the queue that the packet came in by, and any
 * other thread the one that its id falls on. What one thread sends thus leaves in order,
 * and threads seldom wait for each other. {@link XskSender#queue} chooses another.
 * <p>
 * When the TX ring is full or no frame is free, because the interface sends more slowly,
 * the caller waits up to the send timeout. A packet that is not sent by then is told by
 * the return value; none is dropped silently.
 * <p>
 * Thread-safe. Nothing is allocated per packet.
 *
 * @since 0.1.0
 */
public class XskTemplate {

	/** How long a sender waits for room. */
	public static final Duration DEFAULT_SEND_TIMEOUT = Duration.ofMillis(100);

	private final XskSockets sockets;

	private final Map<String, XskSender> senders = new ConcurrentHashMap<>();

	private volatile Duration sendTimeout = DEFAULT_SEND_TIMEOUT;

	/**
	 * Create a template.
	 * @param sockets the sockets to send out of
	 */
	public XskTemplate(XskSockets sockets) {
		this.sockets = sockets;
	}

	/**
	 * Return how long a sender waits for room.
	 * @return the time, {@link #DEFAULT_SEND_TIMEOUT} unless it was set
	 */
	public final Duration getSendTimeout() {
		return this.sendTimeout;
	}

	/**
	 * Set how long a sender waits for room in the TX ring.
	 * @param sendTimeout the time; zero returns {@code false} at once
	 */
	public final void setSendTimeout(Duration sendTimeout) {
		Assert.isTrue(!sendTimeout.isNegative(), "'sendTimeout' must not be negative");
		this.sendTimeout = sendTimeout;
		this.senders.clear();
	}

	/**
	 * Return a sender for a socket, which chooses the queue as this template does.
	 * @param socket the name of the socket
	 * @return a sender, the same one as in the last call
	 * @throws XskException when there is no such socket, or it only receives
	 */
	public final XskSender sender(String socket) {
		XskSender sender = this.senders.get(socket);
		if (sender == null) {
			sender = new XskSender(this.sockets, socket, this.sendTimeout);
			this.senders.put(socket, sender);
		}
		return sender;
	}

	/**
	 * Send a packet: copy it into a free frame.
	 * @param socket the name of the socket
	 * @param packet its bytes between position and limit, which stay as they are
	 * @return {@code false} when there was no room for it until the send timeout was over
	 * @throws IllegalArgumentException when the packet is too short or too long
	 * @throws XskException when there is no such socket, it only receives or is not open,
	 * or when the interface is down or gone
	 */
	public boolean send(String socket, ByteBuffer packet) {
		return sender(socket).send(packet);
	}

	/**
	 * Send a packet: copy it into a free frame.
	 * @param socket the name of the socket
	 * @param packet its bytes
	 * @return {@code false} when there was no room for it until the send timeout was over
	 * @throws IllegalArgumentException when the packet is too short or too long
	 * @throws XskException as {@link #send(String, ByteBuffer)}
	 */
	public boolean send(String socket, byte[] packet) {
		return sender(socket).send(packet);
	}

	/**
	 * Send a packet that is written straight into a free frame.
	 * @param socket the name of the socket
	 * @param maximumLength how long the packet may become
	 * @param writer writes it, and returns its length
	 * @return {@code false} when there was no room for it until the send timeout was
	 * over, and the writer was not called
	 * @throws IllegalArgumentException when the packet is too short or too long
	 * @throws XskException as {@link #send(String, ByteBuffer)}
	 */
	public boolean send(String socket, int maximumLength, FrameWriter writer) {
		return sender(socket).send(maximumLength, writer);
	}

	/**
	 * Send packets, in their order and out of one queue: quicker than one by one.
	 * @param socket the name of the socket
	 * @param packets the packets
	 * @return how many were taken until the send timeout was over, from the first on
	 * @throws IllegalArgumentException when a packet is too short or too long
	 * @throws XskException as {@link #send(String, ByteBuffer)}
	 */
	public int send(String socket, List<ByteBuffer> packets) {
		return sender(socket).send(packets);
	}

}
