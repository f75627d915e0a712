package io.xsk.socket;

import org.jspecify.annotations.Nullable;

/**
 * The frames that go round between the fill ring and the RX ring, on their way home. For
 * the consumer thread, but for the numbers, which are a guess for others. Who owns a
 * frame, and what counts it: <pre>
 *  free pool        spare: home, but the fill ring had no room
 *  fill ring        the ring, from the kernel's index to ours
 *  kernel           taken from the fill ring or the TX ring, and not yet in RX or completion
 *  RX ring          the ring, less the entries whose packets are lent
 *  application      lent, less those that came to the transmitter from outside a call
 *  TX ring          the transmitter, abroad
 *  completion ring  the transmitter, until it reclaims
 * </pre> A frame for which the fill ring has no room is spare: the kernel shows the
 * packets that it put into the RX ring a moment before it shows the places in the fill
 * ring that their frames came from.
 */
final class ReceiveFrames {

	private final ProducerRing fill;

	private final SocketGuard guard;

	private final @Nullable Transmitter transmitter;

	private final ReturnedPackets returned;

	/** A stack of the addresses of frames that are home. */
	private final long[] spare;

	private int spareCount;

	/** The {@link Descriptor}s of what was transmitted in this batch, in its order. */
	private final long[] transmitted;

	private int transmittedCount;

	/** The frames that were handed to the application and have not come home. */
	private int lent;

	ReceiveFrames(int frames, ProducerRing fill, SocketGuard guard, @Nullable Transmitter transmitter,
			ReturnedPackets returned) {
		this.fill = fill;
		this.guard = guard;
		this.transmitter = transmitter;
		this.returned = returned;
		this.spare = new long[frames];
		this.transmitted = new long[frames];
	}

	/** Hand frames to the application. */
	void lend(int count) {
		this.lent += count;
	}

	/** Remember a packet that is to be sent with the others of its batch. */
	void transmit(XdpPacket packet) {
		for (XdpPacket fragment = packet; fragment != null; fragment = fragment.nextFragment()) {
			this.transmitted[this.transmittedCount++] = fragment.descriptor();
		}
	}

	/** Take the frames of a packet back. */
	void home(XdpPacket packet) {
		for (XdpPacket fragment = packet; fragment != null; fragment = fragment.nextFragment()) {
			this.lent--;
			home(fragment.frameAddress());
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

	/** Give the kernel every frame that is home. */
	void bringHome() {
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

	/**
	 * Let the kernel send what could not go out at once; returns whether some is left.
	 */
	boolean sendRest() {
		if (this.transmitter == null || this.transmitter.isIdle()) {
			return false;
		}
		exchange(this.transmitter);
		return !this.transmitter.isIdle();
	}

	boolean needsWakeup() {
		return this.fill.needsWakeup();
	}

	/** Whether the kernel lacks more than half of the frames that it receives into. */
	boolean isStarving() {
		int missing = application() + ((this.transmitter != null) ? this.transmitter.abroad() : 0);
		return missing > this.spare.length / 2;
	}

	/** The frames in the pool. */
	int spareCount() {
		return this.spareCount;
	}

	/** The frames that the application has. */
	int application() {
		return this.lent - ((this.transmitter != null) ? this.transmitter.fromOutside() : 0);
	}

	/** Whether the application has no frame any more. Nobody else is in the socket. */
	boolean isEveryPacketBack() {
		for (XdpPacket packet = this.returned.takeAll(); packet != null; packet = packet.link) {
			this.lent -= packet.fragments();
		}
		return application() == 0;
	}

}
