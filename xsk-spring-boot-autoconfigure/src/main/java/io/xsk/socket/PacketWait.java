package io.xsk.socket;

import io.xsk.Deadline;

/**
 * Waits until there is a packet in the RX ring. Sleeps until the kernel or a
 * {@link ConsumerWakeUp} tells of something to do; only while packets wait to be sent, or
 * many frames are out, it looks now and then by itself, since nothing tells of these. For
 * the consumer thread, in its part of the guard.
 */
final class PacketWait {

	private static final int LONGEST_PAUSE_MILLIS = 100;

	private static final long NANOS_PER_MILLI = 1_000_000;

	private final ConsumerRing rx;

	private final ReceiveFrames frames;

	private final ConsumerWakeUp wakeUp;

	private final SocketGuard guard;

	PacketWait(ConsumerRing rx, ReceiveFrames frames, ConsumerWakeUp wakeUp, SocketGuard guard) {
		this.rx = rx;
		this.frames = frames;
		this.wakeUp = wakeUp;
		this.guard = guard;
	}

	/** Returns whether there is a packet; see {@link XdpSocket#await}. */
	boolean await(long deadline) {
		int pause = 1;
		boolean over = false;
		while (!over) {
			if (!this.guard.isOpen() || Thread.currentThread().isInterrupted()) {
				return false;
			}
			boolean starving = this.frames.isStarving();
			// before the look at what has come back: who releases later sees it
			this.wakeUp.waitForFrames(starving);
			boolean sending = this.frames.sendRest();
			if (hasPackets()) {
				return true;
			}
			if (this.wakeUp.takeRequest()) {
				return false;
			}
			long left = Math.max(0, (Deadline.left(deadline) + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
			this.wakeUp.poll((int) Math.min((starving || sending) ? pause : Integer.MAX_VALUE, left));
			pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
			over = left == 0 || Deadline.isOver(deadline);
		}
		return hasPackets();
	}

	private boolean hasPackets() {
		this.frames.bringHome();
		return this.rx.available(1) > 0;
	}

}
