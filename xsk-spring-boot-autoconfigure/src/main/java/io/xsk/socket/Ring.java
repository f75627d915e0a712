package io.xsk.socket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.xsk.kernel.LinuxIfXdp;

/**
 * A ring with one producer and one consumer in memory that is shared with the kernel. Its
 * two indices run freely through all 32-bit numbers and wrap around; the slot of an index
 * is its low bits. Each side publishes its own index with release, after it has read or
 * written the entries, and reads the other's with acquire, before it does so.
 * <p>
 * One thread at a time works on a ring; {@link #usage()} and the indices may be read from
 * any.
 */
abstract class Ring {

	private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

	private final ByteBuffer memory;

	private final RingOffsets offsets;

	private final int size;

	private final int entryShift;

	Ring(ByteBuffer memory, RingOffsets offsets, int size, int entrySize) {
		if (Integer.bitCount(size) != 1 || size < 1) {
			throw new IllegalArgumentException("'size' must be a power of two: " + size);
		}
		this.memory = memory.duplicate().order(ByteOrder.nativeOrder());
		this.offsets = offsets;
		this.size = size;
		this.entryShift = Integer.numberOfTrailingZeros(entrySize);
	}

	final int size() {
		return this.size;
	}

	/** The producer index as the other side sees it. */
	final int producerIndex() {
		return (int) INT.getAcquire(this.memory, this.offsets.producer());
	}

	/** The consumer index as the other side sees it. */
	final int consumerIndex() {
		return (int) INT.getAcquire(this.memory, this.offsets.consumer());
	}

	final void publishProducerIndex(int index) {
		INT.setRelease(this.memory, this.offsets.producer(), index);
	}

	final void publishConsumerIndex(int index) {
		INT.setRelease(this.memory, this.offsets.consumer(), index);
	}

	/** Whether the kernel wants to be woken; it says so on the fill and TX ring alone. */
	final boolean needsWakeup() {
		// the kernel sets the flag and then looks at our index, we publish the index and
		// then look
		// at the flag: without a full fence both could miss the other's write
		VarHandle.fullFence();
		return ((int) INT.getOpaque(this.memory, this.offsets.flags()) & LinuxIfXdp.XDP_RING_NEED_WAKEUP) != 0;
	}

	/** The place of the entry of an index. */
	final int entry(int index) {
		return this.offsets.entries() + ((index & (this.size - 1)) << this.entryShift);
	}

	/** The memory, for entries; both sides' indices tell who may touch which. */
	final ByteBuffer memory() {
		return this.memory;
	}

	final RingUsage usage() {
		// the consumer first: the producer is then ahead of it, though perhaps by more
		// than the size
		int consumer = consumerIndex();
		return new RingUsage(this.size, Math.min(producerIndex() - consumer, this.size));
	}

	@Override
	public String toString() {
		return "%s[size=%d, producer=%s, consumer=%s]".formatted(getClass().getSimpleName(), this.size,
				Integer.toUnsignedString(producerIndex()), Integer.toUnsignedString(consumerIndex()));
	}

}
