package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends by a {@link Transmitter} under the socket's lock, which is taken once a call, and
 * waits for room without it. Thread-safe.
 */
final class LockedSender implements PacketSender {

	/** The shortest packet: an Ethernet header. */
	private static final int ETHERNET_HEADER = 14;

	/** How long a sender that waits for room sleeps at first, and at most. */
	private static final long SHORTEST_PAUSE_NANOS = 20_000;

	private static final long LONGEST_PAUSE_NANOS = 1_000_000;

	private final Transmitter transmitter;

	private final SocketGuard guard;

	LockedSender(Transmitter transmitter, SocketGuard guard) {
		this.transmitter = transmitter;
		this.guard = guard;
	}

	/** The transmitter, to be asked what it has. */
	Transmitter transmitter() {
		return this.transmitter;
	}

	@Override
	public int maxPacketLength() {
		return this.transmitter.maxLength();
	}

	@Override
	public boolean send(ByteBuffer packet) {
		requireLength(packet.remaining());
		this.guard.enterSender();
		try {
			return this.transmitter.send(packet);
		}
		finally {
			this.guard.leaveSender();
		}
	}

	@Override
	public boolean send(ByteBuffer packet, Duration timeout) {
		long deadline = Deadline.after(timeout);
		long pause = SHORTEST_PAUSE_NANOS;
		while (!send(packet)) {
			if (!pause(deadline, pause)) {
				return false;
			}
			pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
		}
		return true;
	}

	@Override
	public boolean send(byte[] packet, int offset, int length) {
		Objects.checkFromIndexSize(offset, length, packet.length);
		requireLength(length);
		this.guard.enterSender();
		try {
			return this.transmitter.send(packet, offset, length);
		}
		finally {
			this.guard.leaveSender();
		}
	}

	@Override
	public boolean send(byte[] packet, int offset, int length, Duration timeout) {
		long deadline = Deadline.after(timeout);
		long pause = SHORTEST_PAUSE_NANOS;
		while (!send(packet, offset, length)) {
			if (!pause(deadline, pause)) {
				return false;
			}
			pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
		}
		return true;
	}

	@Override
	public boolean send(int maximumLength, FrameWriter writer) {
		requireLength(maximumLength);
		this.guard.enterSender();
		try {
			return this.transmitter.send(maximumLength, ETHERNET_HEADER, writer);
		}
		finally {
			this.guard.leaveSender();
		}
	}

	@Override
	public boolean send(int maximumLength, FrameWriter writer, Duration timeout) {
		long deadline = Deadline.after(timeout);
		long pause = SHORTEST_PAUSE_NANOS;
		while (!send(maximumLength, writer)) {
			if (!pause(deadline, pause)) {
				return false;
			}
			pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
		}
		return true;
	}

	@Override
	public int send(List<ByteBuffer> packets) {
		for (int i = 0; i < packets.size(); i++) {
			requireLength(packets.get(i).remaining());
		}
		this.guard.enterSender();
		try {
			return this.transmitter.send(packets, 0);
		}
		finally {
			this.guard.leaveSender();
		}
	}

	@Override
	public int send(List<ByteBuffer> packets, Duration timeout) {
		long deadline = Deadline.after(timeout);
		long pause = SHORTEST_PAUSE_NANOS;
		int sent = send(packets);
		while (sent < packets.size() && pause(deadline, pause)) {
			this.guard.enterSender();
			int more;
			try {
				more = this.transmitter.send(packets, sent);
			}
			finally {
				this.guard.leaveSender();
			}
			sent += more;
			pause = (more > 0) ? SHORTEST_PAUSE_NANOS : Math.min(2 * pause, LONGEST_PAUSE_NANOS);
		}
		return sent;
	}

	@Override
	public boolean flush() {
		this.guard.enterSender();
		try {
			return this.transmitter.flush();
		}
		finally {
			this.guard.leaveSender();
		}
	}

	@Override
	public boolean flush(Duration timeout) {
		long deadline = Deadline.after(timeout);
		long pause = SHORTEST_PAUSE_NANOS;
		while (!flush(Deadline.left(deadline))) {
			if (!pause(deadline, pause)) {
				return false;
			}
			pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
		}
		return true;
	}

	/** Whoever wants to close must not wait for a writer that never returns. */
	private boolean flush(long nanos) {
		if (!this.guard.enterSender(nanos)) {
			return false;
		}
		try {
			return this.transmitter.flush();
		}
		finally {
			this.guard.leaveSender();
		}
	}

	/**
	 * Pause before another attempt: nothing tells when a frame comes back.
	 * @return {@code false} when the time is over
	 */
	private static boolean pause(long deadline, long nanos) {
		long left = Deadline.left(deadline);
		if (left <= 0 || Thread.currentThread().isInterrupted()) {
			return false;
		}
		LockSupport.parkNanos(Math.min(nanos, left));
		return !Thread.currentThread().isInterrupted();
	}

	private void requireLength(int length) {
		if (length < ETHERNET_HEADER || length > this.transmitter.maxLength()) {
			throw new IllegalArgumentException(("A packet of %d bytes cannot be sent: it must have %d to %d. A larger"
					+ " frame-size, a smaller headroom or multi-buffer gives more room.")
				.formatted(length, ETHERNET_HEADER, this.transmitter.maxLength()));
		}
	}

}
