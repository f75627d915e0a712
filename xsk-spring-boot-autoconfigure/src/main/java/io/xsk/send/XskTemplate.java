package io.xsk.send;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.xsk.XskException;
import io.xsk.setup.XskSockets;
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
 * the caller waits up to the send timeout, and then is told {@code false}. What
 * {@code true} and an exception say of a packet is told at {@link XskSender}.
 * <p>
 * Thread-safe. Nothing is allocated per packet.
 *
 * @since 0.1.0
 */
public class XskTemplate {

	/** How long a sender waits for room. */
	public static final Duration DEFAULT_SEND_TIMEOUT = Duration.ofMillis(100);

	private final XskSockets sockets;

	private volatile Senders senders = new Senders(DEFAULT_SEND_TIMEOUT);

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
		return this.senders.timeout;
	}

	/**
	 * Set how long a sender waits for room in the TX ring.
	 * @param sendTimeout the time; zero returns {@code false} at once
	 */
	public final void setSendTimeout(Duration sendTimeout) {
		Assert.isTrue(!sendTimeout.isNegative(), "'sendTimeout' must not be negative");
		this.senders = new Senders(sendTimeout);
	}

	/**
	 * Return a sender for a socket, which chooses the queue as this template does.
	 * @param socket the name of the socket
	 * @return a sender, the same one as in the last call unless the timeout was set since
	 * @throws XskException when there is no such socket, or it only receives
	 */
	public final XskSender sender(String socket) {
		Senders senders = this.senders;
		XskSender sender = senders.byName.get(socket);
		return (sender != null) ? sender
				: senders.byName.computeIfAbsent(socket, (name) -> new XskSender(this.sockets, name, senders.timeout));
	}

	/**
	 * Send a packet: copy it into a free frame.
	 * @param socket the name of the socket
	 * @param packet its bytes between position and limit, which stay as they are
	 * @return {@code true} when it was put into the TX ring, {@code false} when there was
	 * no room for it until the send timeout was over
	 * @throws IllegalArgumentException when the packet is too short or too long
	 * @throws XskException when there is no such socket, it only receives or is not open,
	 * or when the interface is down or gone; where it is down, the packet is in the TX
	 * ring all the same, and leaves when it is up: do not send it again
	 */
	public boolean send(String socket, ByteBuffer packet) {
		return sender(socket).send(packet);
	}

	/**
	 * Send a packet: copy it into a free frame.
	 * @param socket the name of the socket
	 * @param packet its bytes
	 * @return {@code true} when it was put into the TX ring, {@code false} when there was
	 * no room for it until the send timeout was over
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
	 * @return {@code true} when it was put into the TX ring, {@code false} when there was
	 * no room for it until the send timeout was over, and the writer was not called
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
	 * @return how many were put into the TX ring until the send timeout was over, from
	 * the first on
	 * @throws IllegalArgumentException when a packet is too short or too long; none is
	 * sent then
	 * @throws XskException as {@link #send(String, ByteBuffer)}; how many are in the TX
	 * ring by then is not known
	 */
	public int send(String socket, List<ByteBuffer> packets) {
		return sender(socket).send(packets);
	}

	/**
	 * Let the kernel send what still waits in the TX rings of a socket because it could
	 * not take it at once, and take back the frames of what was sent. Does not wait.
	 * @param socket the name of the socket
	 * @return whether nothing waits to be sent any more
	 * @throws XskException as {@link #send(String, ByteBuffer)}
	 */
	public boolean flush(String socket) {
		return sender(socket).flush();
	}

	/** The senders with one timeout: none with another gets among them. */
	private static final class Senders {

		private final Duration timeout;

		private final Map<String, XskSender> byName = new ConcurrentHashMap<>();

		private Senders(Duration timeout) {
			this.timeout = timeout;
		}

	}

}
