package io.xsk.socket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.xsk.kernel.LinuxIfXdp;

/**
 * A ring in ordinary memory, laid out as Linux 6.18 does, whose other side is played by a
 * test. Both indices start a few entries before they wrap around.
 */
final class RingMemory {

	/** Seven entries before the wrap-around. */
	static final int START = -7;

	static final RingOffsets OFFSETS = new RingOffsets(0, 128, 320, 196);

	private final ByteBuffer memory;

	private final int size;

	private final int entrySize;

	private RingMemory(int size, int entrySize) {
		this.size = size;
		this.entrySize = entrySize;
		// atomic access needs memory outside the heap
		this.memory = ByteBuffer.allocateDirect((int) OFFSETS.length(size, entrySize)).order(ByteOrder.nativeOrder());
		this.memory.putInt(OFFSETS.producer(), START).putInt(OFFSETS.consumer(), START);
	}

	/** A fill or completion ring. */
	static RingMemory ofAddresses(int size) {
		return new RingMemory(size, LinuxIfXdp.UMEM_ADDR_SIZE);
	}

	/** An RX or TX ring. */
	static RingMemory ofDescriptors(int size) {
		return new RingMemory(size, LinuxIfXdp.XDP_DESC_SIZE);
	}

	ProducerRing producer() {
		return new ProducerRing(this.memory, OFFSETS, this.size, this.entrySize);
	}

	ConsumerRing consumer() {
		return new ConsumerRing(this.memory, OFFSETS, this.size, this.entrySize);
	}

	int producerIndex() {
		return this.memory.getInt(OFFSETS.producer());
	}

	int consumerIndex() {
		return this.memory.getInt(OFFSETS.consumer());
	}

	void needWakeup(boolean needed) {
		this.memory.putInt(OFFSETS.flags(), needed ? LinuxIfXdp.XDP_RING_NEED_WAKEUP : 0);
	}

	/** The kernel puts an address in. */
	void produce(long address) {
		this.memory.putLong(entry(producerIndex()), address);
		this.memory.putInt(OFFSETS.producer(), producerIndex() + 1);
	}

	/** The kernel puts a descriptor in. */
	void produce(long address, int length, boolean continued) {
		int entry = entry(producerIndex());
		this.memory.putInt(entry + LinuxIfXdp.XDP_DESC_LEN, length);
		this.memory.putInt(entry + LinuxIfXdp.XDP_DESC_OPTIONS, continued ? LinuxIfXdp.XDP_PKT_CONTD : 0);
		produce(address);
	}

	/** The kernel takes an entry out. */
	long consume() {
		if (consumerIndex() == producerIndex()) {
			throw new IllegalStateException("the ring is empty");
		}
		long address = this.memory.getLong(entry(consumerIndex()));
		this.memory.putInt(OFFSETS.consumer(), consumerIndex() + 1);
		return address;
	}

	/** The length in the descriptor that the kernel takes out next. */
	int nextLength() {
		return this.memory.getInt(entry(consumerIndex()) + LinuxIfXdp.XDP_DESC_LEN);
	}

	/** The options in the descriptor that the kernel takes out next. */
	int nextOptions() {
		return this.memory.getInt(entry(consumerIndex()) + LinuxIfXdp.XDP_DESC_OPTIONS);
	}

	/** Leave something in the entry that the next descriptor goes into. */
	void soilNextEntry() {
		int entry = entry(producerIndex());
		for (int i = 0; i < this.entrySize; i++) {
			this.memory.put(entry + i, (byte) 0xff);
		}
	}

	boolean isEmpty() {
		return producerIndex() == consumerIndex();
	}

	private int entry(int index) {
		return OFFSETS.entries() + Integer.remainderUnsigned(index, this.size) * this.entrySize;
	}

}
