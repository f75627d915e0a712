package io.xsk.socket;

import java.nio.ByteBuffer;
import java.util.Objects;

import io.xsk.kernel.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The RX ring and the fill ring: packets come out of the one, and their frames go back
 * into the other. For the consumer thread alone.
 */
final class Receiver {

	private final ConsumerRing rx;

	private final ProducerRing fill;

	private final Umem umem;

	private final Signals signals;

	private final boolean multiBuffer;

	/**
	 * Where the fragments of a packet are put together, made when the first one comes.
	 */
	private @Nullable ByteBuffer assembly;

	/**
	 * The oldest entries of the RX ring that the application has or had, and whose frames
	 * are not in the fill ring yet. Some stay here from call to call where the fill ring
	 * has no room: the kernel shows the packets that it put into the RX ring a moment
	 * before it shows the places in the fill ring that their frames came from.
	 */
	private int handled;

	Receiver(ConsumerRing rx, ProducerRing fill, Umem umem, Signals signals, boolean multiBuffer) {
		this.rx = rx;
		this.fill = fill;
		this.umem = umem;
		this.signals = signals;
		this.multiBuffer = multiBuffer;
	}

	boolean hasPackets() {
		giveBack();
		return this.rx.available(this.handled + 1) > this.handled;
	}

	int receive(PacketHandler handler, int budget) {
		// of a packet in several fragments, all must be seen: the newest index is wanted
		int wanted = this.multiBuffer ? this.rx.size() : Math.min(this.handled + budget, this.rx.size());
		int available = this.rx.available(wanted);
		int packets = 0;
		try {
			while (packets < budget && this.handled < available) {
				int first = this.handled;
				int fragments = fragments(first, available);
				if (fragments == 0) {
					break;
				}
				packets++;
				// counted before the call, so that the frame goes back also when the
				// handler throws
				this.handled += fragments;
				handler.onPacket((fragments == 1) ? this.umem.packet(this.rx.address(first), this.rx.length(first))
						: assemble(first, fragments));
			}
		}
		finally {
			giveBack();
		}
		wake();
		return packets;
	}

	/**
	 * The number of entries that the packet takes, 0 when its last one is not there yet.
	 */
	private int fragments(int first, int available) {
		if (!this.multiBuffer) {
			return 1;
		}
		int last = first;
		while (last < available && this.rx.isContinued(last)) {
			last++;
		}
		return (last < available) ? last - first + 1 : 0;
	}

	private ByteBuffer assemble(int first, int fragments) {
		int length = 0;
		for (int i = first; i < first + fragments; i++) {
			length += this.rx.length(i);
		}
		if (this.assembly == null || this.assembly.capacity() < length) {
			this.assembly = ByteBuffer.allocateDirect(length);
		}
		ByteBuffer packet = Objects.requireNonNull(this.assembly).clear();
		for (int i = first; i < first + fragments; i++) {
			this.umem.copyTo(this.rx.address(i), this.rx.length(i), packet);
		}
		return packet.flip();
	}

	private void giveBack() {
		int count = Math.min(this.handled, this.fill.free(this.handled));
		if (count > 0) {
			for (int i = 0; i < count; i++) {
				this.fill.add(this.umem.frameOf(this.rx.address(i)));
			}
			this.fill.publish();
			this.rx.release(count);
			this.handled -= count;
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

	/** The entries of the RX ring that the application has; for other threads a guess. */
	int application() {
		return this.handled;
	}

}
