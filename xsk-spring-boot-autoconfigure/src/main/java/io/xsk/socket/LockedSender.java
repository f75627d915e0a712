package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

import io.xsk.Deadline;

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
		// the clock is not looked at before there is something to wait for
		if (send(packet)) {
			return pushOn(timeout);
		}
		long deadline = Deadline.after(timeout);
		for (long pause = SHORTEST_PAUSE_NANOS; pause(deadline, pause); pause = longer(pause)) {
			if (send(packet)) {
				return pushOn(deadline);
			}
		}
		return false;
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
		if (send(packet, offset, length)) {
			return pushOn(timeout);
		}
		long deadline = Deadline.after(timeout);
		for (long pause = SHORTEST_PAUSE_NANOS; pause(deadline, pause); pause = longer(pause)) {
			if (send(packet, offset, length)) {
				return pushOn(deadline);
			}
		}
		return false;
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
		if (send(maximumLength, writer)) {
			return pushOn(timeout);
		}
		long deadline = Deadline.after(timeout);
		for (long pause = SHORTEST_PAUSE_NANOS; pause(deadline, pause); pause = longer(pause)) {
			if (send(maximumLength, writer)) {
				return pushOn(deadline);
			}
		}
		return false;
	}

	@Override
	public int send(List<ByteBuffer> packets) {
		for (int i = 0; i < packets.size(); i++) {
			requireLength(packets.get(i).remaining());
		}
		return sendFrom(packets, 0);
	}

	@Override
	public int send(List<ByteBuffer> packets, Duration timeout) {
		int sent = send(packets);
		if (sent == packets.size()) {
			pushOn(timeout);
			return sent;
		}
		long deadline = Deadline.after(timeout);
		long pause = SHORTEST_PAUSE_NANOS;
		while (sent < packets.size() && pause(deadline, pause)) {
			int more = sendFrom(packets, sent);
			sent += more;
			pause = (more > 0) ? SHORTEST_PAUSE_NANOS : longer(pause);
		}
		pushOn(deadline);
		return sent;
	}

	private int sendFrom(List<ByteBuffer> packets, int first) {
		this.guard.enterSender();
		try {
			return this.transmitter.send(packets, first);
		}
		finally {
			this.guard.leaveSender();
		}
	}

	private boolean pushOn(Duration timeout) {
		return !this.transmitter.isStalled() || pushOn(Deadline.after(timeout));
	}

	/**
	 * Ask the kernel again for what it has not taken, so that it does not lie there until
	 * the next packet.
	 * @return {@code true}, since the packet is in the TX ring in any case
	 */
	private boolean pushOn(long deadline) {
		for (long pause = SHORTEST_PAUSE_NANOS; this.transmitter.isStalled()
				&& pause(deadline, pause); pause = longer(pause)) {
			this.guard.enterSender();
			try {
				this.transmitter.pushOn();
			}
			finally {
				this.guard.leaveSender();
			}
		}
		return true;
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
		boolean flushed = flush(Deadline.left(deadline));
		for (long pause = SHORTEST_PAUSE_NANOS; !flushed && pause(deadline, pause); pause = longer(pause)) {
			flushed = flush(Deadline.left(deadline));
		}
		return flushed;
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

	private static long longer(long pause) {
		return Math.min(2 * pause, LONGEST_PAUSE_NANOS);
	}

	private void requireLength(int length) {
		if (length < ETHERNET_HEADER || length > this.transmitter.maxLength()) {
			throw new IllegalArgumentException(("A packet of %d bytes cannot be sent: it must have %d to %d. A larger"
					+ " frame-size, a smaller headroom or multi-buffer gives more room.")
				.formatted(length, ETHERNET_HEADER, this.transmitter.maxLength()));
		}
	}

}
