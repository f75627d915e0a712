package io.xsk.socket;

import java.nio.ByteBuffer;

import io.xsk.kernel.LinuxIfXdp;

/**
 * A ring that we fill and the kernel empties: the fill ring, whose entries are addresses,
 * and the TX ring, whose entries are descriptors. Entries are added and then published
 * together.
 */
final class ProducerRing extends Ring {

	/** The index of the next entry that we add; what we published may be behind it. */
	private int next;

	/** The kernel's index, as we last read it. */
	private int cachedConsumer;

	ProducerRing(ByteBuffer memory, RingOffsets offsets, int size, int entrySize) {
		super(memory, offsets, size, entrySize);
		this.next = producerIndex();
		this.cachedConsumer = consumerIndex();
	}

	/**
	 * Return how many entries can be added, reading the kernel's index only when what we
	 * know of it is not enough.
	 */
	int free(int wanted) {
		int free = size() - (this.next - this.cachedConsumer);
		if (free < wanted) {
			// acquire: the kernel has read the entries that it gives back to us
			this.cachedConsumer = consumerIndex();
			free = size() - (this.next - this.cachedConsumer);
		}
		return free;
	}

	/** Add an address; there must be room. */
	void add(long address) {
		memory().putLong(entry(this.next++), address);
	}

	/** Add a descriptor of a packet or a fragment; there must be room. */
	void add(long address, int length, boolean continued) {
		int entry = entry(this.next++);
		memory().putLong(entry + LinuxIfXdp.XDP_DESC_ADDR, address);
		memory().putInt(entry + LinuxIfXdp.XDP_DESC_LEN, length);
		memory().putInt(entry + LinuxIfXdp.XDP_DESC_OPTIONS, continued ? LinuxIfXdp.XDP_PKT_CONTD : 0);
	}

	/** Whether the kernel has taken everything. */
	boolean isEmpty() {
		return consumerIndex() == producerIndex();
	}

	/** How many entries were added that the kernel cannot see yet. */
	int unpublished() {
		return this.next - producerIndex();
	}

	/** Show the kernel what was added. */
	void publish() {
		// release: the kernel that sees the index sees the entries
		publishProducerIndex(this.next);
	}

}
