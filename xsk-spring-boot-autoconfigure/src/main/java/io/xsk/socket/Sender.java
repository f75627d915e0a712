package io.xsk.socket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;

import io.xsk.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * Puts the packets of the application into free frames, and these into the TX ring. Takes
 * the socket's lock for sending once a call, and waits for room without it. Thread-safe.
 */
final class Sender {

	/** The shortest packet: an Ethernet header. */
	private static final int ETHERNET_HEADER = 14;

	/** How long a thread that waits for room sleeps at first, and at most. */
	private static final long SHORTEST_PAUSE_NANOS = 20_000;

	private static final long LONGEST_PAUSE_NANOS = 1_000_000;

	private final Transmitter transmitter;

	private final FramePool pool;

	private final Umem umem;

	private final SocketGuard guard;

	private final Runnable onStall;

	private final int maxLength;

	/** Where a packet that takes several frames is written, made when one comes. */
	private @Nullable ByteBuffer assembly;

	/** Create a sender. */
	Sender(Transmitter transmitter, Umem umem, SocketGuard guard, Runnable onStall) {
		this.transmitter = transmitter;
		this.pool = transmitter.pool();
		this.umem = umem;
		this.guard = guard;
		this.onStall = onStall;
		this.maxLength = Math.min(transmitter.maxFragments(), this.pool.capacity()) * umem.room();
	}

	/** How long a packet can be. */
	int maxLength() {
		return this.maxLength;
	}

	/** Send a packet that a writer makes of a source, once there is room in time. */
	<S> boolean send(S source, int maximumLength, PacketWriter<? super S> writer, Duration timeout) {
		requireLength(maximumLength);
		// the clock is not looked at before there is something to wait for
		return trySend(source, maximumLength, writer) || (!timeout.isZero()
				&& retry(0, 1, Deadline.after(timeout), (done) -> trySend(source, maximumLength, writer) ? 1 : 0) == 1);
	}

	/**
	 * Send packets while there is room in time, and return how many from the first on.
	 */
	int send(List<ByteBuffer> packets, Duration timeout) {
		for (int i = 0; i < packets.size(); i++) {
			requireLength(packets.get(i).remaining());
		}
		int sent = trySend(packets, 0);
		return (sent == packets.size() || timeout.isZero()) ? sent
				: retry(sent, packets.size(), Deadline.after(timeout), (first) -> trySend(packets, first));
	}

	/** Send what is left, and return whether nothing is in time. */
	boolean flush(Duration timeout) {
		long deadline = Deadline.after(timeout);
		return tryFlush(deadline) || retry(0, 1, deadline, (done) -> tryFlush(deadline) ? 1 : 0) == 1;
	}

	/**
	 * Attempt again and again until everything is done, the time is over or the thread is
	 * interrupted. Sleeps in between, since nothing tells when a frame comes back.
	 */
	private static int retry(int done, int wanted, long deadline, IntUnaryOperator attempt) {
		int count = done;
		long pause = SHORTEST_PAUSE_NANOS;
		long left = Deadline.left(deadline);
		while (count < wanted && left > 0 && !Thread.currentThread().isInterrupted()) {
			LockSupport.parkNanos(Math.min(pause, left));
			int more = attempt.applyAsInt(count);
			count += more;
			pause = (more > 0) ? SHORTEST_PAUSE_NANOS : Math.min(2 * pause, LONGEST_PAUSE_NANOS);
			left = Deadline.left(deadline);
		}
		return count;
	}

	private <S> boolean trySend(S source, int maximumLength, PacketWriter<? super S> writer) {
		this.guard.enterSender();
		try {
			this.transmitter.reclaim();
			if (!this.transmitter.makeRoom(frames(maximumLength))) {
				return false;
			}
			boolean sent = (maximumLength > this.umem.room()) ? addInSeveral(source, maximumLength, writer)
					: addInOne(source, maximumLength, writer);
			if (sent) {
				push();
			}
			return sent;
		}
		finally {
			this.guard.leaveSender();
		}
	}

	private <S> boolean addInOne(S source, int maximumLength, PacketWriter<? super S> writer) {
		long frame = this.pool.take();
		boolean added = false;
		try {
			int length = write(source, this.pool.buffer(frame), maximumLength, writer);
			// a received packet that the writer transmitted may have taken the place
			added = this.transmitter.hasPlaces(1);
			if (added) {
				this.transmitter.add(frame + this.umem.headroom(), length, false);
			}
		}
		finally {
			if (!added) {
				this.pool.give(frame);
			}
		}
		return added;
	}

	private <S> boolean addInSeveral(S source, int maximumLength, PacketWriter<? super S> writer) {
		ByteBuffer packet = this.assembly;
		if (packet == null) {
			packet = ByteBuffer.allocateDirect(this.maxLength);
			this.assembly = packet;
		}
		int length = write(source, packet, maximumLength, writer);
		boolean room = this.transmitter.makeRoom(frames(length));
		if (room) {
			add(packet.position(0).limit(length));
		}
		return room;
	}

	private static <S> int write(S source, ByteBuffer frame, int maximumLength, PacketWriter<? super S> writer) {
		// the last writer may have left anything but the bytes changed
		int length = writer.write(source, frame.clear().limit(maximumLength).order(ByteOrder.BIG_ENDIAN));
		if (length < ETHERNET_HEADER || length > maximumLength) {
			throw new IllegalArgumentException("The writer says that its packet has %d bytes; %d to %d are possible."
				.formatted(length, ETHERNET_HEADER, maximumLength));
		}
		return length;
	}

	private int trySend(List<ByteBuffer> packets, int first) {
		this.guard.enterSender();
		try {
			this.transmitter.reclaim();
			int next = first;
			while (next < packets.size() && this.transmitter.makeRoom(frames(packets.get(next).remaining()))) {
				add(packets.get(next));
				next++;
			}
			if (next > first) {
				push();
			}
			return next - first;
		}
		finally {
			this.guard.leaveSender();
		}
	}

	/** Copy a packet into as many frames as it needs, for which there is room. */
	private void add(ByteBuffer packet) {
		int index = packet.position();
		int end = packet.limit();
		while (index < end) {
			int count = Math.min(end - index, this.umem.room());
			long address = this.pool.take() + this.umem.headroom();
			this.umem.write(address, packet, index, count);
			index += count;
			this.transmitter.add(address, count, index < end);
		}
	}

	private boolean tryFlush(long deadline) {
		// whoever wants to close must not wait for a writer that never returns
		if (!this.guard.enterSender(Deadline.left(deadline))) {
			return false;
		}
		try {
			push();
			this.transmitter.reclaim();
			return this.transmitter.isIdle();
		}
		finally {
			this.guard.leaveSender();
		}
	}

	private void push() {
		boolean before = this.transmitter.isStalled();
		try {
			this.transmitter.push();
		}
		finally {
			if (!before && this.transmitter.isStalled()) {
				this.onStall.run();
			}
		}
	}

	private int frames(int length) {
		return (length <= this.umem.room()) ? 1 : (length + this.umem.room() - 1) / this.umem.room();
	}

	private void requireLength(int length) {
		if (length < ETHERNET_HEADER) {
			throw new IllegalArgumentException(("A packet of %d bytes cannot be sent: its Ethernet header alone has %d."
					+ " Send the whole frame, from that header on.")
				.formatted(length, ETHERNET_HEADER));
		}
		if (length > this.maxLength) {
			throw new IllegalArgumentException(("A packet of %d bytes cannot be sent: it must have %d to %d. A larger"
					+ " frame-size, a smaller headroom or multi-buffer gives more room.")
				.formatted(length, ETHERNET_HEADER, this.maxLength));
		}
	}

}
