package io.xsk.socket;

import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.NativeMemory;

/**
 * Where a ring keeps what, in bytes from the start of its mapping
 * ({@code struct xdp_ring_offset}). The kernel is asked for it: the places differ between
 * versions.
 *
 * @param producer the place of the producer index, four bytes
 * @param consumer the place of the consumer index, four bytes
 * @param entries the place of the first entry
 * @param flags the place of the flags, four bytes
 */
record RingOffsets(int producer, int consumer, int entries, int flags) {

	/** Read the offsets of one of the four rings out of XDP_MMAP_OFFSETS. */
	static RingOffsets read(NativeMemory mmapOffsets, int ring) {
		return new RingOffsets((int) mmapOffsets.getLong(ring + LinuxIfXdp.XDP_RING_OFFSET_PRODUCER),
				(int) mmapOffsets.getLong(ring + LinuxIfXdp.XDP_RING_OFFSET_CONSUMER),
				(int) mmapOffsets.getLong(ring + LinuxIfXdp.XDP_RING_OFFSET_DESC),
				(int) mmapOffsets.getLong(ring + LinuxIfXdp.XDP_RING_OFFSET_FLAGS));
	}

	/** How long the mapping of a ring must be. */
	long length(int size, int entrySize) {
		return this.entries + (long) size * entrySize;
	}

}
