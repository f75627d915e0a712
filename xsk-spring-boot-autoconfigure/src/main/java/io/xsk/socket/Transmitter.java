package io.xsk.socket;

import java.nio.ByteBuffer;

/**
 * The TX ring, the completion ring, and the frames that are in neither: packets go into
 * the one, and their frames come back by the other. Whoever calls it holds the socket's
 * lock for sending.
 */
final class Transmitter {

	/**
	 * How often the kernel is asked when it says "not now". In copy mode it sends up to
	 * 32 packets a call and answers EAGAIN when more are waiting.
	 */
	private static final int KICKS = 16;

	private final ProducerRing tx;

	private final ConsumerRing completion;

	private final Umem umem;

	private final Signals signals;

	/** A stack of the addresses of free frames. */
	private final long[] free;

	private int freeCount;

	Transmitter(ProducerRing tx, ConsumerRing completion, Umem umem, Signals signals, int firstFrame) {
		this.tx = tx;
		this.completion = completion;
		this.umem = umem;
		this.signals = signals;
		this.free = new long[umem.frameCount() - firstFrame];
		for (int frame = umem.frameCount() - 1; frame >= firstFrame; frame--) {
			this.free[this.freeCount++] = umem.address(frame);
		}
	}

	boolean send(ByteBuffer packet) {
		reclaim();
		if (!hasRoom()) {
			// what was put in earlier may only be waiting for a kick
			kick();
			if (!hasRoom()) {
				return false;
			}
		}
		this.tx.add(this.umem.write(this.free[this.freeCount - 1], packet), packet.remaining());
		this.freeCount--;
		this.tx.publish();
		kick();
		return true;
	}

	boolean flush() {
		kick();
		reclaim();
		return this.tx.usage().used() == 0;
	}

	private boolean hasRoom() {
		return this.freeCount > 0 && this.tx.free(1) > 0;
	}

	/** Take back the frames of packets that the kernel has sent. */
	private void reclaim() {
		int count = this.completion.available(this.completion.size());
		if (count > 0) {
			for (int i = 0; i < count; i++) {
				this.free[this.freeCount++] = this.umem.frameOf(this.completion.address(i));
			}
			this.completion.release(count);
		}
	}

	private void kick() {
		for (int i = 0; i < KICKS && this.tx.needsWakeup(); i++) {
			int result = this.signals.wakeSending();
			if (result >= 0) {
				return;
			}
			if (!Signals.isForNow(result)) {
				throw Signals.failure("sendto", result);
			}
			// makes room where the completion ring is full, which is one reason for
			// EAGAIN
			reclaim();
		}
	}

	/** The frames in the pool. */
	int freeCount() {
		return this.freeCount;
	}

}
