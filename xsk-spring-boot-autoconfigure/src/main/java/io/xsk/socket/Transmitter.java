package io.xsk.socket;

import java.util.concurrent.atomic.AtomicLong;

import io.xsk.kernel.Errno;

/**
 * The TX ring, the completion ring, and the frames that are in neither: packets go into
 * the one, and their frames come back by the other. Those of the {@link FramePool} go
 * back there; those that came with received packets wait for the receiver to fetch them.
 * Whoever calls it holds the socket's lock for sending, but where it says so.
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

	private final KernelKick kick;

	private final boolean zeroCopy;

	private final int maxFragments;

	private final FramePool pool;

	private final Backlog backlog;

	/** A stack of the addresses of frames that the receiver fetches. */
	private final long[] received;

	private int receivedCount;

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

	Transmitter(Rings rings, Umem umem, KernelKick kick, XdpSocketConfig config, boolean zeroCopy) {
		this.tx = rings.requireTx();
		this.completion = rings.completion();
		this.umem = umem;
		this.kick = kick;
		this.zeroCopy = zeroCopy;
		this.pool = new FramePool(umem, config.fillFrames());
		this.backlog = new Backlog(config.fillFrames());
		this.received = new long[config.fillFrames()];
		this.maxFragments = config.multiBuffer() ? Math.min(MAX_FRAGMENTS, config.txRingSize()) : 1;
	}

	/** In how many frames a packet can lie. Needs no lock. */
	int maxFragments() {
		return this.maxFragments;
	}

	/** The free frames for packets that are copied or written. */
	FramePool pool() {
		return this.pool;
	}

	/** Add a packet or a fragment of one, for which there is room in the TX ring. */
	void add(long address, int length, boolean continued) {
		this.tx.add(address, length, continued);
		this.bytes += length;
		this.packets += continued ? 0 : 1;
	}

	private void add(long descriptor) {
		add(Descriptor.address(descriptor), Descriptor.length(descriptor), Descriptor.isContinued(descriptor));
	}

	/** Make room for a packet in free frames, if need be by letting the kernel work. */
	boolean makeRoom(int frames) {
		if (hasRoom(frames)) {
			return true;
		}
		// what was put in earlier may only be waiting for a kick; an interface that is
		// down is no failure here, since the packet has not been taken
		int result = kick();
		if (result != -Errno.ENETDOWN) {
			requireDone(result);
		}
		reclaim();
		return hasRoom(frames);
	}

	private boolean hasRoom(int frames) {
		return this.pool.size() >= frames && this.backlog.isEmpty() && hasPlaces(frames);
	}

	/** Whether the TX ring takes a packet, or the fragments of one. */
	boolean hasPlaces(int frames) {
		return this.tx.free(frames) >= frames;
	}

	/** Take received packets to send them, at once or when there is room. */
	void transmit(long[] descriptors, int count) {
		this.abroad += count;
		boolean room = this.backlog.isEmpty() && hasPlaces(count);
		for (int i = 0; i < count; i++) {
			if (room) {
				add(descriptors[i]);
			}
			else {
				this.backlog.add(descriptors[i]);
			}
		}
	}

	/** Transmit a packet that the receiver counts as the application's, and send it. */
	void transmitFromOutside(XdpPacket packet) {
		for (XdpPacket fragment = packet; fragment != null; fragment = fragment.nextFragment()) {
			this.abroad++;
			this.fromOutside++;
			this.backlog.add(fragment.descriptor());
		}
		sendTransmitted();
	}

	/**
	 * Let the kernel send what there is. An interface that is down or gone is no failure
	 * here: the packets wait.
	 */
	void sendTransmitted() {
		int result = kick();
		if (result != -Errno.ENETDOWN && result != -Errno.ENXIO) {
			requireDone(result);
		}
		reclaim();
	}

	/** Let the kernel send what there is. */
	void push() {
		requireDone(kick());
	}

	private static void requireDone(int result) {
		if (result < 0) {
			throw KernelKick.failure("sendto", result);
		}
	}

	/** Whether nothing waits to be sent; without the lock a guess. */
	boolean isIdle() {
		return this.backlog.isEmpty() && this.tx.isEmpty();
	}

	/** Take back the frames of packets that the kernel has sent. */
	void reclaim() {
		int count = this.completion.available(this.completion.size());
		if (count > 0) {
			for (int i = 0; i < count; i++) {
				int frame = this.umem.frame(this.completion.address(i));
				if (this.pool.owns(frame)) {
					this.pool.give(this.umem.address(frame));
				}
				else {
					this.received[this.receivedCount++] = this.umem.address(frame);
				}
			}
			this.completion.release(count);
		}
	}

	/** Show the kernel what was added, and wake it where it asks for that. */
	private int kick() {
		addBacklog();
		publish();
		int before = this.tx.consumerIndex();
		for (int i = 0; i < KICKS && !this.tx.isEmpty() && this.tx.needsWakeup(); i++) {
			int result = this.kick.wakeSending();
			if (result == -Errno.EBUSY && !this.zeroCopy) {
				// in copy mode: one packet is lost, and its frame completed
				this.droppedPackets.setRelease(this.droppedPackets.getPlain() + 1);
			}
			if (result < 0 && !KernelKick.isForNow(result)) {
				stalled(result == -Errno.ENETDOWN);
				return result;
			}
			if (result >= 0 && this.backlog.isEmpty() && (this.zeroCopy || this.tx.isEmpty())) {
				// older kernels say 0 in copy mode, too, when the completion ring is full
				stalled(false);
				return 0;
			}
			// makes room where the completion ring is full, a reason for EAGAIN
			reclaim();
			if (addBacklog()) {
				publish();
			}
			if (this.tx.consumerIndex() != before) {
				// only what gets nowhere is given up
				before = this.tx.consumerIndex();
				i = -1;
			}
		}
		stalled(!this.backlog.isEmpty() || (!this.tx.isEmpty() && this.tx.needsWakeup()));
		return 0;
	}

	private void publish() {
		this.sentPackets.setRelease(this.packets);
		this.sentBytes.setRelease(this.bytes);
		this.tx.publish();
	}

	private boolean addBacklog() {
		int before = this.backlog.size();
		int fragments = this.backlog.fragmentsOfFirst();
		while (fragments > 0 && hasPlaces(fragments)) {
			for (int i = 0; i < fragments; i++) {
				add(this.backlog.take());
			}
			fragments = this.backlog.fragmentsOfFirst();
		}
		return this.backlog.size() < before;
	}

	private void stalled(boolean now) {
		// a volatile write costs more than a look
		if (this.stalled != now) {
			this.stalled = now;
		}
	}

	/**
	 * Whether the kernel has to be asked again, because it said "not now" for too long or
	 * the interface is down; without the lock a guess.
	 */
	boolean isStalled() {
		return this.stalled;
	}

	/** The frames in the pool and those that the receiver may fetch. */
	int freeCount() {
		return this.pool.size() + this.receivedCount;
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
		return this.backlog.size();
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
