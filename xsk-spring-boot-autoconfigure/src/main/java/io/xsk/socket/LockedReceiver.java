package io.xsk.socket;

import java.time.Duration;

import io.xsk.Deadline;

/**
 * Receives by a {@link Receiver} in the consumer's part of the guard, which is entered
 * once a call, and waits for packets. For the consumer thread, but where it says so.
 */
final class LockedReceiver {

	/** How long the consumer sleeps at most before it looks whether it is interrupted. */
	private static final int SLICE_MILLIS = 100;

	private static final long NANOS_PER_MILLI = 1_000_000;

	private final Receiver receiver;

	private final WakeUp wakeUp;

	private final SocketGuard guard;

	LockedReceiver(Receiver receiver, WakeUp wakeUp, SocketGuard guard) {
		this.receiver = receiver;
		this.wakeUp = wakeUp;
		this.guard = guard;
	}

	int receive(PacketHandler handler, int budget) {
		enter(budget);
		try {
			return this.receiver.receive(handler, budget);
		}
		finally {
			this.guard.leaveConsumer();
		}
	}

	int receiveBatch(PacketBatchHandler handler, int budget) {
		enter(budget);
		try {
			return this.receiver.receiveBatch(handler, budget);
		}
		finally {
			this.guard.leaveConsumer();
		}
	}

	private void enter(int budget) {
		if (budget < 0) {
			throw new IllegalArgumentException("'budget' must not be negative: " + budget);
		}
		this.guard.enterConsumer();
		if (!this.guard.isOpen()) {
			this.guard.leaveConsumer();
			this.guard.requireOpen();
		}
	}

	/** Wait for packets, until the time is over, the socket closed, or the wait ended. */
	boolean await(Duration timeout) {
		this.guard.enterConsumer();
		try {
			return await(Deadline.after(timeout));
		}
		finally {
			this.guard.leaveConsumer();
		}
	}

	private boolean await(long deadline) {
		int pause = 1;
		boolean last = false;
		while (!last) {
			if (!this.guard.isOpen() || Thread.currentThread().isInterrupted()) {
				return false;
			}
			boolean starving = this.receiver.isStarving();
			// before the look at what has come back: who releases later sees it
			this.wakeUp.waitForFrames(starving);
			boolean sending = this.receiver.sendRest();
			if (this.receiver.hasPackets()) {
				return true;
			}
			if (this.wakeUp.takeRequest()) {
				return false;
			}
			// nothing tells when the kernel has sent something
			long slice = (starving || sending) ? pause : SLICE_MILLIS;
			pause = Math.min(2 * pause, SLICE_MILLIS);
			long left = Deadline.left(deadline);
			last = left <= slice * NANOS_PER_MILLI;
			this.wakeUp.poll((int) (last ? Math.max(0, (left + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI) : slice));
		}
		return this.receiver.hasPackets();
	}

	/** End the wait, or the next one. From any thread. */
	void wakeup() {
		this.guard.ifOpen(this.wakeUp::request);
	}

	/** Close what the socket owns. From any thread. */
	void close(SocketResources resources) {
		this.guard.close(this.wakeUp::ring, () -> this.receiver.close(resources));
	}

	/** The receiver, to be asked how many frames it has. */
	Receiver receiver() {
		return this.receiver;
	}

}
