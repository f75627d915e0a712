package io.xsk.socket;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * Packets that were let go of outside the call that they were lent for, on their way to
 * the thread that receives: a stack without locks, whose links are in the packets. It is
 * emptied as a whole, so that nobody can take a packet off it that came back meanwhile.
 * Thread-safe, but for what is the consumer's.
 */
final class ReturnedPackets implements PacketHome {

	private final AtomicReference<@Nullable XdpPacket> top = new AtomicReference<>();

	private final PacketOrigin origin;

	private final Umem umem;

	private final SocketGuard guard;

	private final ConsumerWakeUp wakeUp;

	private final @Nullable Transmitter transmitter;

	private final @Nullable PacketTracker tracker;

	private @Nullable Thread consumer;

	private volatile @Nullable Runnable closing;

	ReturnedPackets(PacketOrigin origin, Umem umem, SocketGuard guard, ConsumerWakeUp wakeUp,
			@Nullable Transmitter transmitter, @Nullable PacketTracker tracker) {
		this.origin = origin;
		this.umem = umem;
		this.guard = guard;
		this.wakeUp = wakeUp;
		this.transmitter = transmitter;
		this.tracker = tracker;
	}

	/** Who keeps account of retained packets. */
	@Nullable PacketTracker tracker() {
		return this.tracker;
	}

	/** Say who receives from now on; whoever gets a packet then sees it. */
	void consumer(Thread thread) {
		this.consumer = thread;
	}

	@Override
	public PacketOrigin origin() {
		return this.origin;
	}

	@Override
	public ByteBuffer slice(long frameAddress, int offset) {
		return this.umem.slice(frameAddress, offset);
	}

	@Override
	public boolean isConsumer() {
		return Thread.currentThread().equals(this.consumer);
	}

	@Override
	public void retained(XdpPacket packet) {
		if (this.tracker != null && packet.retention == null) {
			packet.retention = this.tracker.retained(packet);
		}
	}

	/** Take notice that nobody holds a packet any more. */
	void letGo(XdpPacket packet) {
		if (this.tracker != null) {
			packet.expire();
			if (packet.retention != null) {
				this.tracker.released(packet.retention);
			}
		}
	}

	@Override
	public void release(XdpPacket packet) {
		letGo(packet);
		if (this.closing != null) {
			packet.expire();
		}
		XdpPacket below;
		do {
			below = this.top.get();
			packet.link = below;
		}
		while (!this.top.compareAndSet(below, packet));
		Runnable closing = this.closing;
		if (closing == null) {
			callConsumer();
		}
		else {
			this.guard.run(closing);
		}
	}

	@Override
	public void transmit(XdpPacket packet) {
		Transmitter transmitter = this.transmitter;
		if (transmitter == null || !this.guard.tryEnterSender()) {
			release(packet);
			return;
		}
		letGo(packet);
		boolean waits;
		try {
			transmitter.transmitFromOutside(packet);
			waits = transmitter.isStalled();
		}
		finally {
			this.guard.leaveSender();
		}
		if (waits) {
			// the consumer looks after it from now on, and may be sleeping
			this.guard.ifOpen(this.wakeUp::ring);
		}
		else {
			callConsumer();
		}
	}

	@Override
	public void requireTransmitter(XdpPacket packet) {
		if (this.transmitter == null) {
			throw new IllegalStateException(
					"This packet came by a socket that only receives. Set the socket's direction to both.");
		}
		if (packet.nextFragment() != null && packet.fragments() > this.transmitter.maxFragments()) {
			throw new IllegalStateException(("This packet lies in %d frames, and %d can be sent together. Set a larger"
					+ " frame-size, and a tx-ring-size of 32 or more.")
				.formatted(packet.fragments(), this.transmitter.maxFragments()));
		}
		this.guard.requireOpen();
	}

	private void callConsumer() {
		if (this.wakeUp.takeWaitForFrames()) {
			this.guard.ifOpen(this.wakeUp::ring);
		}
	}

	/** Take all packets, linked to each other. For the consumer. */
	@Nullable XdpPacket takeAll() {
		return (this.top.get() != null) ? this.top.getAndSet(null) : null;
	}

	/** Say what to do instead of calling the consumer, which is gone. */
	void closing(XdpPacket[] packets, Runnable closing) {
		// before the look at what is held: who releases later sees it
		this.closing = closing;
		expireUnheld(packets);
	}

	/** Let buffers fail that nobody holds: a read of unmapped memory ends the JVM. */
	private static void expireUnheld(XdpPacket[] packets) {
		Set<XdpPacket> held = new HashSet<>();
		for (XdpPacket packet : packets) {
			// of a packet in several fragments, the first one alone knows
			XdpPacket fragment = packet.isHeld() ? packet : null;
			while (fragment != null) {
				held.add(fragment);
				fragment = fragment.nextFragment();
			}
		}
		for (XdpPacket packet : packets) {
			if (!held.contains(packet)) {
				packet.expireFragment();
			}
		}
	}

}
