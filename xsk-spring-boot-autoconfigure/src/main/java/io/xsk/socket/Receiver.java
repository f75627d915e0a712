package io.xsk.socket;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import io.xsk.Deadline;
import io.xsk.kernel.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The RX ring: packets come out of it, are lent to a handler, and their frames go home by
 * way of the {@link ReceiveFrames}. For the consumer thread, but where it says so; each
 * call is in the consumer's part of the guard.
 */
final class Receiver {

	private final ConsumerRing rx;

	private final Umem umem;

	private final KernelKick kick;

	private final ConsumerWakeUp wakeUp;

	private final SocketGuard guard;

	private final ReceiveFrames frames;

	private final PacketWait waiting;

	private final ReturnedPackets returned;

	private final boolean multiBuffer;

	/** One for each frame that goes round between the fill and the RX ring. */
	private final XdpPacket[] packets;

	/** Stands for the packets of frames that are elsewhere, when they are tracked. */
	private final XdpPacket unused;

	private final @Nullable PacketTracker tracker;

	private final XdpPacketBatch batch;

	/** The oldest entries of the RX ring whose packets are in this batch. */
	private int taken;

	private long batchBytes;

	private final AtomicLong receivedPackets = new AtomicLong();

	private final AtomicLong receivedBytes = new AtomicLong();

	Receiver(Rings rings, Umem umem, KernelKick kick, ConsumerWakeUp wakeUp, SocketGuard guard,
			@Nullable Transmitter transmitter, ReturnedPackets returned, XdpSocketConfig config) {
		this.rx = rings.requireRx();
		this.umem = umem;
		this.kick = kick;
		this.wakeUp = wakeUp;
		this.guard = guard;
		this.returned = returned;
		this.tracker = returned.tracker();
		this.multiBuffer = config.multiBuffer();
		this.frames = new ReceiveFrames(config.fillFrames(), rings.fill(), guard, transmitter, returned);
		this.waiting = new PacketWait(this.rx, this.frames, wakeUp, guard);
		this.packets = new XdpPacket[config.fillFrames()];
		for (int frame = 0; frame < this.packets.length; frame++) {
			this.packets[frame] = newPacket(frame);
		}
		this.unused = newPacket(0);
		this.batch = new XdpPacketBatch(Math.min(this.packets.length, this.rx.size()));
	}

	private XdpPacket newPacket(int frame) {
		return new XdpPacket(this.returned, (int) this.umem.address(frame), this.umem.packetOffset());
	}

	int receive(PacketHandler handler, int budget) {
		int available = begin(budget);
		int count = 0;
		XdpPacket current = null;
		Throwable failure = null;
		try {
			while (count < budget && this.taken < available) {
				current = next(available);
				if (current == null) {
					break;
				}
				count++;
				handler.onPacket(current);
				XdpPacket done = current;
				current = null;
				end(done);
			}
		}
		catch (Throwable ex) {
			failure = ex;
			throw ex;
		}
		finally {
			if (current != null) {
				end(current);
			}
			finish(count, failure);
		}
		return count;
	}

	int receiveBatch(PacketBatchHandler handler, int budget) {
		int available = begin(budget);
		int count = 0;
		Throwable failure = null;
		try {
			while (count < budget && this.taken < available) {
				XdpPacket packet = next(available);
				if (packet == null) {
					break;
				}
				this.batch.add(packet);
				count++;
			}
			if (count > 0) {
				handler.onBatch(this.batch);
			}
		}
		catch (Throwable ex) {
			failure = ex;
			throw ex;
		}
		finally {
			for (int i = 0; i < count; i++) {
				end(this.batch.get(i));
			}
			this.batch.clear();
			finish(count, failure);
		}
		return count;
	}

	/** Enter the consumer's part, and look how many entries of the ring there are. */
	private int begin(int budget) {
		if (budget < 0) {
			throw new IllegalArgumentException("'budget' must not be negative: " + budget);
		}
		this.guard.enterConsumer();
		if (!this.guard.isOpen()) {
			this.guard.leaveConsumer();
			this.guard.requireOpen();
		}
		this.returned.consumer(Thread.currentThread());
		// of a packet in several fragments, all must be seen: the newest index is wanted
		return this.rx.available(this.multiBuffer ? this.rx.size() : Math.min(budget, this.rx.size()));
	}

	/** The next packet, {@code null} when its last fragment is not there yet. */
	private @Nullable XdpPacket next(int available) {
		int first = this.taken;
		int last = first;
		if (this.multiBuffer) {
			while (last < available && this.rx.isContinued(last)) {
				last++;
			}
			if (last == available) {
				return null;
			}
		}
		long address = this.rx.address(first);
		int length = this.rx.length(first);
		XdpPacket packet = packet(address);
		packet.lend(this.umem.offset(address), length);
		this.batchBytes += length;
		if (last > first) {
			append(packet, first + 1, last);
		}
		this.taken = last + 1;
		this.frames.lend(last + 1 - first);
		return packet;
	}

	private void append(XdpPacket packet, int first, int last) {
		XdpPacket end = packet;
		for (int entry = first; entry <= last; entry++) {
			long address = this.rx.address(entry);
			int length = this.rx.length(entry);
			XdpPacket fragment = packet(address);
			end.append(fragment, this.umem.offset(address), length);
			this.batchBytes += length;
			end = fragment;
		}
	}

	private XdpPacket packet(long address) {
		int frame = this.umem.frame(address);
		if (this.tracker != null) {
			// so that whoever keeps it never sees another packet in it
			this.packets[frame] = newPacket(frame);
		}
		return this.packets[frame];
	}

	private void end(XdpPacket packet) {
		PacketEnd end = packet.endCall();
		if (this.tracker != null) {
			endTracked(packet, end);
		}
		if (end == PacketEnd.RELEASED) {
			this.frames.home(packet);
		}
		else if (end == PacketEnd.TRANSMITTED) {
			this.frames.transmit(packet);
		}
	}

	private void endTracked(XdpPacket packet, PacketEnd end) {
		if (end != PacketEnd.HELD) {
			this.returned.letGo(packet);
		}
		// the garbage collector tells when a packet that is held is forgotten
		for (XdpPacket fragment = packet; fragment != null; fragment = fragment.nextFragment()) {
			this.packets[this.umem.frame(fragment.frameAddress())] = this.unused;
		}
	}

	/** End a batch, also one that a handler broke off by a failure, and leave. */
	private void finish(int count, @Nullable Throwable failure) {
		try {
			finish(count);
		}
		catch (RuntimeException | Error ex) {
			if (failure == null) {
				throw ex;
			}
			// that of the handler came first
			failure.addSuppressed(ex);
		}
		finally {
			this.guard.leaveConsumer();
		}
	}

	private void finish(int count) {
		if (this.taken > 0) {
			this.rx.release(this.taken);
			this.taken = 0;
			this.receivedPackets.setRelease(this.receivedPackets.getPlain() + count);
			this.receivedBytes.setRelease(this.receivedBytes.getPlain() + this.batchBytes);
			this.batchBytes = 0;
		}
		this.frames.bringHome();
		if (this.frames.needsWakeup()) {
			kick();
		}
		if (this.tracker != null) {
			this.tracker.reportForgotten();
		}
	}

	private void kick() {
		int result = this.kick.wakeReceiving();
		// isAlive() tells of an interface that is down or gone, as in copy mode
		if (result < 0 && !KernelKick.isForNow(result) && result != -Errno.ENETDOWN && result != -Errno.ENXIO) {
			throw KernelKick.failure("recvfrom", result);
		}
	}

	/** Wait for packets, until the time is over, the socket closed, or the wait ended. */
	boolean await(Duration timeout) {
		this.guard.enterConsumer();
		try {
			return this.waiting.await(Deadline.after(timeout));
		}
		finally {
			this.guard.leaveConsumer();
		}
	}

	/** Let the kernel poll the queue, where it is told to, or look at the fill ring. */
	void busyPoll() {
		this.guard.enterConsumer();
		try {
			if (this.guard.isOpen()) {
				this.kick.wakeReceiving();
			}
		}
		finally {
			this.guard.leaveConsumer();
		}
	}

	/** End the wait, or the next one. From any thread. */
	void wakeup() {
		this.guard.ifOpen(this.wakeUp::request);
	}

	/**
	 * Close what the socket owns, but the UMEM only when no packet is retained any more.
	 * From any thread.
	 */
	void close(SocketResources resources) {
		this.guard.close(this.wakeUp::ring, () -> closeAlone(resources));
	}

	private void closeAlone(SocketResources resources) {
		// before the look at what has come back: who releases later sees it
		this.returned.closing(this.packets, () -> {
			if (this.frames.isEveryPacketBack()) {
				resources.closeUmem();
			}
		});
		if (this.frames.isEveryPacketBack()) {
			resources.close();
			return;
		}
		try {
			resources.closeButUmem();
		}
		finally {
			if (this.tracker != null) {
				this.tracker.reportAll();
			}
		}
	}

	boolean isConsumer() {
		return this.returned.isConsumer();
	}

	/** The owners of frames; for other threads a guess. */
	ReceiveFrames frames() {
		return this.frames;
	}

	long receivedPackets() {
		return this.receivedPackets.getAcquire();
	}

	long receivedBytes() {
		return this.receivedBytes.getAcquire();
	}

	/** The oldest entries of the RX ring that are taken; for other threads a guess. */
	int taken() {
		return this.taken;
	}

}
