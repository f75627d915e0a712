package io.xsk.socket;

import java.nio.ByteBuffer;

import io.xsk.kernel.LinuxIfXdp;

/**
 * A ring that the kernel fills and we empty: the RX ring, whose entries are descriptors,
 * and the completion ring, whose entries are addresses. Entries are read by their
 * distance from the oldest one and then given back together.
 */
final class ConsumerRing extends Ring {

	/** The index of the oldest entry that we have not given back. */
	private int next;

	/** The kernel's index, as we last read it. */
	private int cachedProducer;

	ConsumerRing(ByteBuffer memory, RingOffsets offsets, int size, int entrySize) {
		super(memory, offsets, size, entrySize);
		this.next = consumerIndex();
		this.cachedProducer = this.next;
	}

	/**
	 * Return how many entries can be read, reading the kernel's index only when what we
	 * know of it is not enough.
	 */
	int available(int wanted) {
		int available = this.cachedProducer - this.next;
		if (available < wanted) {
			// acquire: whoever sees the index sees the entries, and the packets they lead
			// to
			this.cachedProducer = producerIndex();
			available = this.cachedProducer - this.next;
		}
		return available;
	}

	/** The address in an entry; it starts both a descriptor and a completion entry. */
	long address(int distance) {
		return memory().getLong(entry(this.next + distance));
	}

	/** The length in a descriptor. */
	int length(int distance) {
		return memory().getInt(entry(this.next + distance) + LinuxIfXdp.XDP_DESC_LEN);
	}

	/** Whether the packet of a descriptor goes on in the next one. */
	boolean isContinued(int distance) {
		int options = memory().getInt(entry(this.next + distance) + LinuxIfXdp.XDP_DESC_OPTIONS);
		return (options & LinuxIfXdp.XDP_PKT_CONTD) != 0;
	}

	/** Give the oldest entries back to the kernel. */
	void release(int count) {
		this.next += count;
		// release: we have read the entries before the kernel may write over them
		publishConsumerIndex(this.next);
	}

}
