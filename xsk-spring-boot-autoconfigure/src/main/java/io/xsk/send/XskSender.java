package io.xsk.send;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

import io.xsk.XskException;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSocketGroup;
import io.xsk.setup.XskSockets;
import io.xsk.socket.FrameWriter;
import io.xsk.socket.XdpSocket;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Sends out of one socket, with a queue and a timeout of the caller's choice. Outlives a
 * stop and start of the sockets: get it from {@link XskTemplate#sender} once, and keep
 * it. Thread-safe; nothing is allocated per packet.
 * <p>
 * {@code true} means that the packet was put into the TX ring, not that it has left. When
 * an exception says that the interface is down, the packet waits in the TX ring all the
 * same, and leaves when the interface is up: do not send it again.
 *
 * @since 0.1.0
 */
public final class XskSender {

	private static final int ANY_QUEUE = -1;

	private static final XdpSocket[] NONE = {};

	private final XskSockets sockets;

	private final String socket;

	private final Duration timeout;

	private final int queueId;

	/** What it sends out of, looked up again once that is closed. */
	private volatile XdpSocket[] targets = NONE;

	XskSender(XskSockets sockets, String socket, Duration timeout) {
		this(sockets, socket, timeout, ANY_QUEUE);
		XskSocketConfig config = sockets.config(socket);
		if (!config.xsk().direction().sends()) {
			throw new XskException("Socket '%s' only receives.".formatted(socket),
					"Set xsk.sockets.%s.direction to both or send, or name another socket.".formatted(socket));
		}
	}

	private XskSender(XskSockets sockets, String socket, Duration timeout, int queueId) {
		this.sockets = sockets;
		this.socket = socket;
		this.timeout = timeout;
		this.queueId = queueId;
	}

	/**
	 * Return a sender that uses one queue.
	 * @param queueId the id of a queue that the socket has
	 * @return another sender
	 * @throws XskException when the socket is open and has no such queue
	 */
	public XskSender queue(int queueId) {
		Assert.isTrue(queueId >= 0, "'queueId' must not be negative");
		XskSender sender = new XskSender(this.sockets, this.socket, this.timeout, queueId);
		this.sockets.group(this.socket).ifPresent(sender::find);
		return sender;
	}

	/**
	 * Return a sender that waits for room in the TX ring for another time.
	 * @param timeout how long; zero returns {@code false} at once
	 * @return another sender
	 */
	public XskSender timeout(Duration timeout) {
		Assert.isTrue(!timeout.isNegative(), "'timeout' must not be negative");
		return new XskSender(this.sockets, this.socket, timeout, this.queueId);
	}

	/**
	 * Send a packet: copy it into a free frame.
	 * @param packet its bytes between position and limit, which stay as they are
	 * @return {@code true} when it was put into the TX ring, {@code false} when there was
	 * no room for it until the timeout was over
	 * @throws IllegalArgumentException when the packet is too short or too long
	 * @throws XskException when the socket is not open or has no such queue, or when the
	 * interface is down or gone; where it is down, the packet is in the TX ring all the
	 * same, and leaves when it is up
	 */
	public boolean send(ByteBuffer packet) {
		XdpSocket target = target();
		try {
			return target.send(packet, this.timeout);
		}
		catch (IllegalStateException ex) {
			throw explain(target, ex);
		}
	}

	/**
	 * Send a packet: copy it into a free frame.
	 * @param packet its bytes
	 * @return {@code true} when it was put into the TX ring, {@code false} when there was
	 * no room for it until the timeout was over
	 * @throws IllegalArgumentException when the packet is too short or too long
	 * @throws XskException as {@link #send(ByteBuffer)}
	 */
	public boolean send(byte[] packet) {
		return send(packet, 0, packet.length);
	}

	/**
	 * Send a packet: copy it into a free frame.
	 * @param packet an array that holds it
	 * @param offset where it starts
	 * @param length its length in bytes
	 * @return {@code true} when it was put into the TX ring, {@code false} when there was
	 * no room for it until the timeout was over
	 * @throws IllegalArgumentException when the packet is too short or too long
	 * @throws XskException as {@link #send(ByteBuffer)}
	 */
	public boolean send(byte[] packet, int offset, int length) {
		XdpSocket target = target();
		try {
			return target.send(packet, offset, length, this.timeout);
		}
		catch (IllegalStateException ex) {
			throw explain(target, ex);
		}
	}

	/**
	 * Send a packet that is written straight into a free frame.
	 * @param maximumLength how long the packet may become
	 * @param writer writes it, and returns its length
	 * @return {@code true} when it was put into the TX ring, {@code false} when there was
	 * no room for it until the timeout was over, and the writer was not called
	 * @throws IllegalArgumentException when the packet is too short or too long
	 * @throws XskException as {@link #send(ByteBuffer)}
	 */
	public boolean send(int maximumLength, FrameWriter writer) {
		XdpSocket target = target();
		try {
			return target.send(maximumLength, writer, this.timeout);
		}
		catch (IllegalStateException ex) {
			throw explain(target, ex);
		}
	}

	/**
	 * Send packets, in their order and out of one queue.
	 * @param packets the packets
	 * @return how many were put into the TX ring until the timeout was over, from the
	 * first on
	 * @throws IllegalArgumentException when a packet is too short or too long; none is
	 * sent then
	 * @throws XskException as {@link #send(ByteBuffer)}; how many are in the TX ring by
	 * then is not known
	 */
	public int send(List<ByteBuffer> packets) {
		XdpSocket target = target();
		try {
			return target.send(packets, this.timeout);
		}
		catch (IllegalStateException ex) {
			throw explain(target, ex);
		}
	}

	/**
	 * Let the kernel send what still waits in the TX rings because it could not take it
	 * at once, and take back the frames of what was sent: of all queues of the socket, or
	 * of the one that was chosen. Does not wait.
	 * @return whether nothing waits to be sent any more
	 * @throws XskException as {@link #send(ByteBuffer)}
	 */
	public boolean flush() {
		XdpSocket[] targets = this.targets;
		if (!areOpen(targets)) {
			targets = findAgain();
		}
		boolean done = true;
		for (XdpSocket target : targets) {
			try {
				done &= target.flush();
			}
			catch (IllegalStateException ex) {
				throw explain(target, ex);
			}
		}
		return done;
	}

	private static boolean areOpen(XdpSocket[] targets) {
		for (XdpSocket target : targets) {
			if (!target.isOpen()) {
				return false;
			}
		}
		return targets.length > 0;
	}

	private XdpSocket target() {
		XdpSocket[] targets = this.targets;
		if (targets.length > 0) {
			XdpSocket target = choose(targets);
			if (target.isOpen()) {
				return target;
			}
		}
		return choose(findAgain());
	}

	private static XdpSocket choose(XdpSocket[] targets) {
		if (targets.length == 1) {
			return targets[0];
		}
		for (XdpSocket target : targets) {
			if (target.isConsumer()) {
				return target;
			}
		}
		return targets[(int) (Thread.currentThread().getId() % targets.length)];
	}

	private XdpSocket[] findAgain() {
		XdpSocket[] targets = find(this.sockets.group(this.socket).orElseThrow(() -> notOpen(null)));
		this.targets = targets;
		return targets;
	}

	private XdpSocket[] find(XskSocketGroup group) {
		List<XdpSocket> all = group.sockets();
		List<XdpSocket> found = all.stream()
			.filter((candidate) -> this.queueId == ANY_QUEUE || candidate.queueId() == this.queueId)
			.toList();
		if (found.isEmpty()) {
			throw new XskException("Socket '%s' has no queue %d.".formatted(this.socket, this.queueId),
					"Choose one of %s.".formatted(all.stream().map(XdpSocket::queueId).toList()));
		}
		return found.toArray(NONE);
	}

	/** What a socket says that is closed helps nobody who does not know it. */
	private RuntimeException explain(XdpSocket target, IllegalStateException thrown) {
		return target.isOpen() ? thrown : notOpen(thrown);
	}

	private XskException notOpen(@Nullable Throwable cause) {
		return new XskException("Socket '%s' is not open.".formatted(this.socket),
				"Send while the application context runs: after XskSocketLifecycle has started, and before it stops.",
				cause);
	}

	@Override
	public String toString() {
		return "XskSender[socket=%s, %s, timeout=%s]".formatted(this.socket,
				(this.queueId == ANY_QUEUE) ? "queue by thread" : "queue " + this.queueId, this.timeout);
	}

}
