package io.xsk.send;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.xsk.XskException;
import io.xsk.setup.XskSockets;
import io.xsk.socket.PacketSender;

import org.springframework.util.Assert;

/**
 * The central class for sending packets out of the configured sockets, by name. The
 * kernel needs neither rule nor XSKMAP for that.
 * <p>
 * Of a socket with several queues, each thread has one: a consumer thread of that socket
 * its own, so that an answer leaves by the queue that the packet came in by, and any
 * other thread the one that its id falls on. What one thread sends thus leaves in order,
 * and threads seldom wait for each other. {@link XskSender#queue} chooses another.
 * <p>
 * When the TX ring is full or no frame is free, because the interface sends more slowly,
 * the caller waits for room up to the send timeout, and then is told {@code false}. A
 * listener that would rather drop an answer than leave its packets waiting meanwhile
 * sends by {@link #sender sender(socket)}{@code .timeout(Duration.ZERO)}. Nobody waits
 * for a packet to leave: see {@link PacketSender} for what takes care of those that the
 * kernel could not take at once.
 * <p>
 * Thread-safe. Nothing is allocated per packet.
 *
 * @since 0.1.0
 */
public class XskTemplate implements XskOperations {

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
	public Duration getSendTimeout() {
		return this.sendTimeout;
	}

	/**
	 * Set how long a sender waits for room in the TX ring.
	 * @param sendTimeout the time; zero returns {@code false} at once
	 */
	public void setSendTimeout(Duration sendTimeout) {
		Assert.isTrue(!sendTimeout.isNegative(), "the send timeout must not be negative");
		this.sendTimeout = sendTimeout;
	}

	/**
	 * Return a sender for a socket, which chooses the queue as this template does.
	 * @param socket the name of the socket
	 * @return a sender, the same one as in the last call unless the timeout was set since
	 * @throws XskException when there is no such socket, or it only receives
	 */
	@Override
	public XskSender sender(String socket) {
		Duration timeout = this.sendTimeout;
		XskSender sender = this.senders.get(socket);
		if (sender == null || !sender.timeout().equals(timeout)) {
			sender = new XskSender(this.sockets, socket, timeout);
			this.senders.put(socket, sender);
		}
		return sender;
	}

}
