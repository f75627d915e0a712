package io.xsk.socket;

import java.util.concurrent.atomic.AtomicLong;

import io.xsk.kernel.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The RX ring and the fill ring: packets come out of the one, and their frames go back
 * into the other. For the consumer thread alone, but for what packets ask of it.
 * <p>
 * What comes out of the RX ring is the application's. Its frames come home at the end of
 * the call, or by way of the {@link ReturnedPackets} that other threads release, or by
 * way of the {@link Transmitter} once they are sent. A frame for which the fill ring has
 * no room is spare: the kernel shows the packets that it put into the RX ring a moment
 * before it shows the places in the fill ring that their frames came from.
 */
final class Receiver {

	private final ConsumerRing rx;

	private final ProducerRing fill;

	private final Umem umem;

	private final Signals signals;

	private final SocketGuard guard;

	private final @Nullable Transmitter transmitter;

	private final boolean multiBuffer;

	/** One for each frame that goes round between the fill and the RX ring. */
	private final XdpPacket[] packets;

	/** Stands for the packets of frames that are elsewhere, when they are tracked. */
	private final XdpPacket unused;

	private final @Nullable PacketTracker tracker;

	private final XdpPacketBatch batch;

	/** A stack of the addresses of frames that are home. */
	private final long[] spare;

	private int spareCount;

	/** The {@link Descriptor}s of what was transmitted in this batch, in its order. */
	private final long[] transmitted;

	private int transmittedCount;

	/** The oldest entries of the RX ring whose packets are in this batch. */
	private int taken;

	/** The frames that were handed to the application and have not come home. */
	private int lent;

	private final ReturnedPackets returned;

	// one writer each, and any readers

	private final AtomicLong receivedPackets = new AtomicLong();

	private final AtomicLong receivedBytes = new AtomicLong();

	/** The bytes of this batch. */
	private long bytes;

	Receiver(Rings rings, Umem umem, Signals signals, SocketGuard guard, @Nullable Transmitter transmitter,
			ReturnedPackets returned, XdpSocketConfig config) {
		this.rx = rings.requireRx();
		this.fill = rings.fill();
		this.umem = umem;
		this.signals = signals;
		this.guard = guard;
		this.transmitter = transmitter;
		this.returned = returned;
		this.multiBuffer = config.multiBuffer();
		int frames = config.fillFrames();
		this.tracker = returned.tracker();
		this.packets = new XdpPacket[frames];
		for (int frame = 0; frame < frames; frame++) {
			this.packets[frame] = newPacket(frame);
		}
		this.unused = newPacket(0);
		this.spare = new long[frames];
		this.transmitted = new long[frames];
		this.batch = new XdpPacketBatch(Math.min(frames, this.rx.size()));
	}

	/** Let the kernel send what was transmitted, where it could not do so at once. */
	boolean sendRest() {
		if (this.transmitter == null || this.transmitter.isIdle()) {
			return false;
		}
		exchange(this.transmitter);
		return !this.transmitter.isIdle();
	}

	private XdpPacket newPacket(int frame) {
		return new XdpPacket(this.returned, (int) this.umem.address(frame), this.umem.packetOffset());
	}

	private XdpPacket packet(long address) {
		int frame = this.umem.frame(address);
		if (this.tracker != null) {
			// so that whoever keeps it never sees another packet in it
			this.packets[frame] = newPacket(frame);
		}
		return this.packets[frame];
	}

	boolean hasPackets() {
		bringHome();
		return this.rx.available(1) > 0;
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

	private int begin(int budget) {
		this.returned.consumer(Thread.currentThread());
		// of a packet in several fragments, all must be seen: the newest index is wanted
		return this.rx.available(this.multiBuffer ? this.rx.size() : Math.min(budget, this.rx.size()));
	}

	/** The next packet, {@code null} when its last fragment is not there yet. */
	private @Nullable XdpPacket next(int available) {
		int first = this.taken;
		if (this.multiBuffer && this.rx.isContinued(first)) {
			return nextOfSeveral(available);
		}
		XdpPacket packet = lend(first);
		this.taken = first + 1;
		this.lent++;
		return packet;
	}

	private @Nullable XdpPacket nextOfSeveral(int available) {
		int first = this.taken;
		int last = first;
		while (last < available && this.rx.isContinued(last)) {
			last++;
		}
		if (last == available) {
			return null;
		}
		XdpPacket packet = lend(first);
		XdpPacket end = packet;
		for (int i = first + 1; i <= last; i++) {
			long address = this.rx.address(i);
			int length = this.rx.length(i);
			XdpPacket fragment = packet(address);
			end.append(fragment, this.umem.offset(address), length);
			this.bytes += length;
			end = fragment;
		}
		this.taken = last + 1;
		this.lent += last + 1 - first;
		return packet;
	}

	private XdpPacket lend(int entry) {
		long address = this.rx.address(entry);
		int length = this.rx.length(entry);
		XdpPacket packet = packet(address);
		packet.lend(this.umem.offset(address), length);
		this.bytes += length;
		return packet;
	}

	private void end(XdpPacket packet) {
		XdpPacket.End end = packet.endCall();
		if (this.tracker != null) {
			endTracked(packet, end);
		}
		if (end == XdpPacket.End.RELEASED) {
			home(packet);
		}
		else if (end == XdpPacket.End.TRANSMITTED) {
			for (XdpPacket fragment = packet; fragment != null; fragment = fragment.nextFragment()) {
				this.transmitted[this.transmittedCount++] = fragment.descriptor();
			}
		}
	}

	private void endTracked(XdpPacket packet, XdpPacket.End end) {
		if (end != XdpPacket.End.HELD) {
			this.returned.letGo(packet);
		}
		// the garbage collector tells when a packet that is held is forgotten
		for (XdpPacket fragment = packet; fragment != null; fragment = fragment.nextFragment()) {
			this.packets[this.umem.frame(fragment.frameAddress())] = this.unused;
		}
	}

	/** Take the frames of a packet back. */
	private void home(XdpPacket packet) {
		this.lent--;
		home(packet.frameAddress());
		if (this.multiBuffer) {
			for (XdpPacket more = packet.nextFragment(); more != null; more = more.nextFragment()) {
				this.lent--;
				home(more.frameAddress());
			}
		}
	}

	private void home(long frameAddress) {
		if (this.fill.free(1) > 0) {
			this.fill.add(frameAddress);
		}
		else {
			this.spare[this.spareCount++] = frameAddress;
		}
	}

	/** End a batch, also one that a handler broke off by a failure. */
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
	}

	private void finish(int count) {
		if (this.taken > 0) {
			this.rx.release(this.taken);
			this.taken = 0;
			this.receivedPackets.setRelease(this.receivedPackets.getPlain() + count);
			this.receivedBytes.setRelease(this.receivedBytes.getPlain() + this.bytes);
			this.bytes = 0;
		}
		bringHome();
		wake();
		if (this.tracker != null) {
			this.tracker.reportForgotten();
		}
	}

	/** Give the kernel every frame that is home. */
	private void bringHome() {
		if (this.transmitter != null
				&& (this.transmittedCount > 0 || this.transmitter.abroad() > 0 || this.transmitter.isStalled())) {
			exchange(this.transmitter);
		}
		for (XdpPacket packet = this.returned.takeAll(); packet != null;) {
			XdpPacket next = packet.link;
			packet.link = null;
			home(packet);
			packet = next;
		}
		while (this.spareCount > 0 && this.fill.free(1) > 0) {
			this.fill.add(this.spare[--this.spareCount]);
		}
		this.fill.publish();
	}

	/** Send what was transmitted, and fetch the frames of what was sent. */
	private void exchange(Transmitter transmitter) {
		this.guard.enterSenderAsConsumer();
		try {
			transmitter.reclaim();
			transmitter.transmit(this.transmitted, this.transmittedCount);
			this.lent -= this.transmittedCount;
			this.transmittedCount = 0;
			transmitter.sendTransmitted();
			for (int count = transmitter.receivedCount(); count > 0; count--) {
				home(transmitter.takeReceived());
			}
		}
		finally {
			this.guard.leaveSender();
		}
	}

	private void wake() {
		if (this.fill.needsWakeup()) {
			int result = this.signals.wakeReceiving();
			// an interface that is down or gone shows itself by isAlive(), as in copy
			// mode
			if (result < 0 && !Signals.isForNow(result) && result != -Errno.ENETDOWN && result != -Errno.ENXIO) {
				throw Signals.failure("recvfrom", result);
			}
		}
	}

	/**
	 * Close what the socket owns, but the UMEM only when no packet is retained any more.
	 * Nobody else is in the socket.
	 */
	void close(SocketResources resources) {
		// before the look at what has come back: who releases later sees it
		this.returned.closing(() -> {
			if (isEveryPacketBack()) {
				resources.closeUmem();
			}
		});
		if (isEveryPacketBack()) {
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

	private boolean isEveryPacketBack() {
		for (XdpPacket packet = this.returned.takeAll(); packet != null; packet = packet.link) {
			this.lent -= packet.fragments();
		}
		return application() == 0;
	}

	boolean isConsumer() {
		return this.returned.isConsumer();
	}

	/** Whether the kernel lacks more than half of the frames that it receives into. */
	boolean isStarving() {
		int missing = application() + ((this.transmitter != null) ? this.transmitter.abroad() : 0);
		return missing > this.packets.length / 2;
	}

	/** The frames that are home, but not in the fill ring; for other threads a guess. */
	int spareCount() {
		return this.spareCount;
	}

	/** The frames that the application has; for other threads a guess. */
	int application() {
		return this.lent - ((this.transmitter != null) ? this.transmitter.fromOutside() : 0);
	}

	/** The packets that were handed over, in all. */
	long receivedPackets() {
		return this.receivedPackets.getAcquire();
	}

	/** Their bytes. */
	long receivedBytes() {
		return this.receivedBytes.getAcquire();
	}

	/** The oldest entries of the RX ring that are taken; for other threads a guess. */
	int taken() {
		return this.taken;
	}

}
