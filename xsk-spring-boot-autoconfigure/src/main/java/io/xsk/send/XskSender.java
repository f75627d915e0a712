package io.xsk.send;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

import io.xsk.Deadline;
import io.xsk.XskException;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSocketGroup;
import io.xsk.setup.XskSockets;
import io.xsk.socket.PacketSender;
import io.xsk.socket.PacketWriter;
import io.xsk.socket.XdpSocket;

import org.springframework.util.Assert;

/**
 * Sends out of one socket, with a queue and a timeout of the caller's choice. Outlives a
 * stop and start of the sockets: get it from {@link XskTemplate#sender} once, and keep
 * it. Where a {@link PacketSender} of one XSK throws {@link IllegalStateException}
 * because that is closed, this one throws {@link XskException}. Thread-safe; nothing is
 * allocated per packet.
 * <p>
 * <b>Virtual threads.</b> Without a queue of its own the sender takes the one that the id
 * of the calling thread falls on. A server that handles each request on a new virtual
 * thread thus sends request after request out of another queue. Where their packets are
 * to leave in order, choose one: {@code sender.queue(n)}. A send pins its carrier thread
 * for the time of one system call; the wait for room does not.
 *
 * @since 0.1.0
 */
public final class XskSender implements PacketSender {

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

	@Override
	public Duration timeout() {
		return this.timeout;
	}

	@Override
	public int maxPacketLength() {
		return target().maxPacketLength();
	}

	@Override
	public int mtu() {
		return target().mtu();
	}

	@Override
	public <S> boolean send(S source, int maximumLength, PacketWriter<? super S> writer, Duration timeout) {
		XdpSocket target = target();
		try {
			return target.send(source, maximumLength, writer, timeout);
		}
		catch (IllegalStateException ex) {
			throw explain(target, ex);
		}
	}

	@Override
	public int send(List<ByteBuffer> packets, Duration timeout) {
		XdpSocket target = target();
		try {
			return target.send(packets, timeout);
		}
		catch (IllegalStateException ex) {
			throw explain(target, ex);
		}
	}

	/**
	 * Let the kernel send what still waits, as {@link PacketSender#flush(Duration)} says:
	 * out of all queues of the socket, or of the one that was chosen.
	 */
	@Override
	public boolean flush(Duration timeout) {
		long deadline = Deadline.after(timeout);
		XdpSocket[] targets = this.targets;
		if (!areOpen(targets)) {
			targets = findAgain();
		}
		boolean done = true;
		for (XdpSocket target : targets) {
			try {
				done &= target.flush(Duration.ofNanos(Math.max(0, Deadline.left(deadline))));
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
		XdpSocket[] targets = find(this.sockets.requireGroup(this.socket));
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

	private XskException notOpen(Throwable cause) {
		return new XskException("Socket '%s' is not open.".formatted(this.socket),
				"Send while the application context runs: from an ApplicationRunner or an ApplicationReadyEvent on, and"
						+ " until it closes.",
				cause);
	}

	@Override
	public String toString() {
		return "XskSender[socket=%s, %s, timeout=%s]".formatted(this.socket,
				(this.queueId == ANY_QUEUE) ? "queue by thread" : "queue " + this.queueId, this.timeout);
	}

}
