package io.xsk.socket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import io.xsk.kernel.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The TX ring, the completion ring, and the frames that are in neither: packets go into
 * the one, and their frames come back by the other. Frames from a number on are its own
 * and wait in its pool; those below came with received packets, and wait for the receiver
 * to fetch them. Whoever calls it holds the socket's lock for sending.
 */
final class Transmitter {

	/** So many frames can one packet take: the kernel's MAX_SKB_FRAGS and the first. */
	static final int MAX_FRAGMENTS = 18;

	/**
	 * How often the kernel is asked when it says "not now". In copy mode it sends up to
	 * 32 packets a call, unless {@code XDP_MAX_TX_SKB_BUDGET} is set, and answers EAGAIN
	 * when more are waiting.
	 */
	private static final int KICKS = 16;

	private final ProducerRing tx;

	private final ConsumerRing completion;

	private final Umem umem;

	private final Signals signals;

	private final boolean zeroCopy;

	private final int firstFrame;

	private final int maxFragments;

	private final int maxLength;

	/** A stack of the addresses of free frames. */
	private final long[] free;

	private int freeCount;

	/** The buffers of own frames, each made when it is first asked for. */
	private final @Nullable ByteBuffer[] buffers;

	/** A stack of the addresses of frames that the receiver fetches. */
	private final long[] received;

	private int receivedCount;

	/** Received packets that wait for room in the TX ring, a ring as well. */
	private final long[] waiting;

	private int firstWaiting;

	private int waitingCount;

	/** The frames of received packets that the receiver has not fetched back. */
	private int abroad;

	private int fromOutside;

	private volatile boolean stalled;

	/** What was put into the TX ring so far; shown to others once for each kick. */
	private long packets;

	private long bytes;

	// one writer at a time each, and any readers

	private final AtomicLong sentPackets = new AtomicLong();

	private final AtomicLong sentBytes = new AtomicLong();

	private final AtomicLong droppedPackets = new AtomicLong();

	/** Where a packet that takes several frames is written, made when one comes. */
	private @Nullable ByteBuffer assembly;

	Transmitter(Rings rings, Umem umem, Signals signals, XdpSocketConfig config, boolean zeroCopy) {
		this.tx = rings.requireTx();
		this.completion = rings.completion();
		this.umem = umem;
		this.signals = signals;
		this.zeroCopy = zeroCopy;
		this.firstFrame = config.fillFrames();
		int frames = umem.frameCount() - this.firstFrame;
		this.maxFragments = config.multiBuffer() ? Math.min(MAX_FRAGMENTS, config.txRingSize()) : 1;
		this.maxLength = Math.min(this.maxFragments, frames) * umem.room();
		this.free = new long[frames];
		for (int frame = umem.frameCount() - 1; frame >= this.firstFrame; frame--) {
			this.free[this.freeCount++] = umem.address(frame);
		}
		this.buffers = new ByteBuffer[frames];
		this.received = new long[this.firstFrame];
		this.waiting = new long[this.firstFrame];
	}

	/** How long a packet can be. */
	int maxLength() {
		return this.maxLength;
	}

	/** In how many frames a packet can lie. */
	int maxFragments() {
		return this.maxFragments;
	}

	boolean send(ByteBuffer packet) {
		reclaim();
		if (!makeRoom(packet.remaining())) {
			return false;
		}
		put(packet);
		push();
		return true;
	}

	boolean send(byte[] packet, int offset, int length) {
		reclaim();
		if (!makeRoom(length)) {
			return false;
		}
		for (int done = 0; done < length;) {
			int count = Math.min(length - done, this.umem.room());
			long address = takeFree() + this.umem.headroom();
			this.umem.write(address, packet, offset + done, count);
			done += count;
			add(address, count, done < length);
		}
		push();
		return true;
	}

	/**
	 * Send packets from a place in a list on.
	 * @return how many, from that place on
	 */
	int send(List<ByteBuffer> packets, int first) {
		reclaim();
		int next = first;
		while (next < packets.size() && makeRoom(packets.get(next).remaining())) {
			put(packets.get(next));
			next++;
		}
		if (next > first) {
			push();
		}
		return next - first;
	}

	boolean send(int maximumLength, int minimumLength, FrameWriter writer) {
		reclaim();
		if (!makeRoom(maximumLength)) {
			return false;
		}
		boolean several = maximumLength > this.umem.room();
		long frame = takeFree();
		boolean written = false;
		try {
			ByteBuffer buffer = several ? assembly() : buffer(frame);
			buffer.clear().limit(maximumLength).order(ByteOrder.BIG_ENDIAN);
			int length = writer.write(buffer);
			if (length < minimumLength || length > maximumLength) {
				throw new IllegalArgumentException(
						"The writer says that its packet has %d bytes; %d to %d are possible.".formatted(length,
								minimumLength, maximumLength));
			}
			if (several) {
				this.free[this.freeCount++] = frame;
				written = true;
				// the writer may have sent packets itself
				if (!makeRoom(length)) {
					return false;
				}
				put(buffer.position(0).limit(length));
			}
			else if (this.tx.free(1) > 0) {
				add(frame + this.umem.headroom(), length, false);
				written = true;
			}
			else {
				return false;
			}
		}
		finally {
			if (!written) {
				this.free[this.freeCount++] = frame;
			}
		}
		push();
		return true;
	}

	private ByteBuffer assembly() {
		ByteBuffer buffer = this.assembly;
		if (buffer == null) {
			buffer = ByteBuffer.allocateDirect(this.maxLength);
			this.assembly = buffer;
		}
		return buffer;
	}

	private ByteBuffer buffer(long frameAddress) {
		int index = this.umem.frame(frameAddress) - this.firstFrame;
		ByteBuffer buffer = this.buffers[index];
		if (buffer == null) {
			buffer = this.umem.slice(frameAddress, this.umem.headroom());
			this.buffers[index] = buffer;
		}
		return buffer;
	}

	private void put(ByteBuffer packet) {
		int index = packet.position();
		int end = packet.limit();
		while (index < end) {
			int count = Math.min(end - index, this.umem.room());
			long address = takeFree() + this.umem.headroom();
			this.umem.write(address, packet, index, count);
			index += count;
			add(address, count, index < end);
		}
	}

	private void add(long address, int length, boolean continued) {
		this.tx.add(address, length, continued);
		this.bytes += length;
		this.packets += continued ? 0 : 1;
	}

	private void add(long descriptor) {
		add(Descriptor.address(descriptor), Descriptor.length(descriptor), Descriptor.isContinued(descriptor));
	}

	private long takeFree() {
		return this.free[--this.freeCount];
	}

	/** Make room for a packet of a length, if need be by letting the kernel work. */
	private boolean makeRoom(int length) {
		int frames = (length <= this.umem.room()) ? 1 : (length + this.umem.room() - 1) / this.umem.room();
		if (hasRoom(frames)) {
			return true;
		}
		// what was put in earlier may only be waiting for a kick; an interface that is
		// down is no failure here, since the packet has not been taken
		int result = kick();
		if (result < 0 && result != -Errno.ENETDOWN) {
			throw Signals.failure("sendto", result);
		}
		reclaim();
		return hasRoom(frames);
	}

	private boolean hasRoom(int frames) {
		return this.freeCount >= frames && this.waitingCount == 0 && this.tx.free(frames) >= frames;
	}

	/**
	 * Take received packets to send them, at once or when there is room.
	 * @param descriptors the first of them are {@link Descriptor}s, in order
	 * @param count how many
	 */
	void transmit(long[] descriptors, int count) {
		this.abroad += count;
		if (this.waitingCount == 0 && this.tx.free(count) >= count) {
			for (int i = 0; i < count; i++) {
				add(descriptors[i]);
			}
			return;
		}
		for (int i = 0; i < count; i++) {
			enqueue(descriptors[i]);
		}
	}

	/** Transmit a packet that the receiver counts as the application's, and send it. */
	void transmitFromOutside(XdpPacket packet) {
		for (XdpPacket fragment = packet; fragment != null; fragment = fragment.nextFragment()) {
			this.abroad++;
			this.fromOutside++;
			enqueue(fragment.descriptor());
		}
		sendTransmitted();
	}

	private void enqueue(long descriptor) {
		this.waiting[(this.firstWaiting + this.waitingCount) % this.waiting.length] = descriptor;
		this.waitingCount++;
	}

	/**
	 * Let the kernel send what there is. An interface that is down or gone is no failure
	 * here: the packets wait.
	 */
	void sendTransmitted() {
		int result = kick();
		if (result < 0 && result != -Errno.ENETDOWN && result != -Errno.ENXIO) {
			throw Signals.failure("sendto", result);
		}
		reclaim();
	}

	/** Let the kernel send what there is. */
	private void push() {
		int result = kick();
		if (result < 0) {
			throw Signals.failure("sendto", result);
		}
	}

	boolean flush() {
		pushOn();
		return isIdle();
	}

	/** Whether nothing waits to be sent; without the lock a guess. */
	boolean isIdle() {
		return this.waitingCount == 0 && this.tx.isEmpty();
	}

	/** Take back the frames of packets that the kernel has sent. */
	void reclaim() {
		int count = this.completion.available(this.completion.size());
		if (count > 0) {
			for (int i = 0; i < count; i++) {
				int frame = this.umem.frame(this.completion.address(i));
				if (frame >= this.firstFrame) {
					this.free[this.freeCount++] = this.umem.address(frame);
				}
				else {
					this.received[this.receivedCount++] = this.umem.address(frame);
				}
			}
			this.completion.release(count);
		}
	}

	/**
	 * Show the kernel what was added, and wake it where it asks for that.
	 * @return 0, or a negated error number that is a failure
	 */
	private int kick() {
		putWaiting();
		publish();
		int before = this.tx.consumerIndex();
		for (int i = 0; i < KICKS && !this.tx.isEmpty() && this.tx.needsWakeup(); i++) {
			int result = this.signals.wakeSending();
			if (result == -Errno.EBUSY && !this.zeroCopy) {
				// in copy mode: one packet is lost, and its frame completed
				this.droppedPackets.setRelease(this.droppedPackets.getPlain() + 1);
			}
			if (result < 0 && !Signals.isForNow(result)) {
				return result;
			}
			if (result >= 0 && this.waitingCount == 0 && (this.zeroCopy || this.tx.isEmpty())) {
				// older kernels say 0 in copy mode, too, when the completion ring is full
				stalled(false);
				return 0;
			}
			// makes room where the completion ring is full, which is one reason for
			// EAGAIN
			reclaim();
			if (putWaiting()) {
				publish();
			}
			if (this.tx.consumerIndex() != before) {
				// only what gets nowhere is given up
				before = this.tx.consumerIndex();
				i = -1;
			}
		}
		stalled(this.waitingCount > 0 || (!this.tx.isEmpty() && this.tx.needsWakeup()));
		return 0;
	}

	private void stalled(boolean now) {
		// a volatile write costs more than a look
		if (this.stalled != now) {
			this.stalled = now;
		}
	}

	/**
	 * Whether somebody has to ask again, because the kernel said "not now" for too long;
	 * without the lock a guess.
	 */
	boolean isStalled() {
		return this.stalled;
	}

	/** Ask again. */
	void pushOn() {
		push();
		reclaim();
	}

	private void publish() {
		this.sentPackets.setRelease(this.packets);
		this.sentBytes.setRelease(this.bytes);
		this.tx.publish();
	}

	private boolean putWaiting() {
		int before = this.waitingCount;
		for (int fragments = firstWaitingFragments(); fragments > 0
				&& this.tx.free(fragments) >= fragments; fragments = firstWaitingFragments()) {
			for (int i = 0; i < fragments; i++) {
				add(waiting(i));
			}
			this.firstWaiting = (this.firstWaiting + fragments) % this.waiting.length;
			this.waitingCount -= fragments;
		}
		return this.waitingCount < before;
	}

	/** In how many frames the packet lies that waits first, 0 where none does. */
	private int firstWaitingFragments() {
		if (this.waitingCount == 0) {
			return 0;
		}
		int fragments = 1;
		while (Descriptor.isContinued(waiting(fragments - 1))) {
			fragments++;
		}
		return fragments;
	}

	private long waiting(int distance) {
		return this.waiting[(this.firstWaiting + distance) % this.waiting.length];
	}

	/** The frames in the pool and those that the receiver may fetch. */
	int freeCount() {
		return this.freeCount + this.receivedCount;
	}

	/** The frames that the receiver may fetch. */
	int receivedCount() {
		return this.receivedCount;
	}

	/** The frames of received packets that are here; without the lock a guess. */
	int abroad() {
		return this.abroad;
	}

	/** Give the receiver a frame. */
	long takeReceived() {
		this.abroad--;
		return this.received[--this.receivedCount];
	}

	/** The frames that the application has transmitted and that are in no ring yet. */
	int waitingFrames() {
		return this.waitingCount;
	}

	/** The packets that were put into the TX ring, in all; from any thread. */
	long sentPackets() {
		return this.sentPackets.getAcquire();
	}

	/** Their bytes. */
	long sentBytes() {
		return this.sentBytes.getAcquire();
	}

	/** Those of them that the kernel dropped, as far as it says so. */
	long droppedPackets() {
		return this.droppedPackets.getAcquire();
	}

	/** How many frames were transmitted past the receiver, in all. */
	int fromOutside() {
		return this.fromOutside;
	}

}
