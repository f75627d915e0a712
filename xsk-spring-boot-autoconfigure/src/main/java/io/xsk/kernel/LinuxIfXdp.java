package io.xsk.kernel;

/**
 * Constants and layouts of {@code linux/if_xdp.h} (Linux 6.18; all of them exist since
 * 5.4 unless they say otherwise).
 *
 * @since 0.1.0
 */
public final class LinuxIfXdp {

	/** Read the offsets inside the four rings. */
	public static final int XDP_MMAP_OFFSETS = 1;

	/** Make the RX ring. */
	public static final int XDP_RX_RING = 2;

	/** Make the TX ring. */
	public static final int XDP_TX_RING = 3;

	/** Register a UMEM. */
	public static final int XDP_UMEM_REG = 4;

	/** Make the fill ring. */
	public static final int XDP_UMEM_FILL_RING = 5;

	/** Make the completion ring. */
	public static final int XDP_UMEM_COMPLETION_RING = 6;

	/** Read the statistics. */
	public static final int XDP_STATISTICS = 7;

	/** Read the options, {@link #XDP_OPTIONS_ZEROCOPY} among them. */
	public static final int XDP_OPTIONS = 8;

	/**
	 * Set how many packets one call sends in copy mode, from 32, which is the default, to
	 * the size of the TX ring. Newer than 5.4: tried on 6.18.
	 */
	public static final int XDP_MAX_TX_SKB_BUDGET = 9;

	/** Set in {@link #XDP_OPTIONS} where the socket works without a copy. */
	public static final int XDP_OPTIONS_ZEROCOPY = 1;

	/** Bind to the UMEM of another socket. */
	public static final int XDP_SHARED_UMEM = 1;

	/** Bind in copy mode. */
	public static final int XDP_COPY = 1 << 1;

	/** Bind in zero-copy mode. */
	public static final int XDP_ZEROCOPY = 1 << 2;

	/** Let the kernel say when it wants to be woken. */
	public static final int XDP_USE_NEED_WAKEUP = 1 << 3;

	/** Accept packets in several fragments, since 6.6. */
	public static final int XDP_USE_SG = 1 << 4;

	/** In the flags of a ring: the kernel wants to be woken. */
	public static final int XDP_RING_NEED_WAKEUP = 1;

	/** In the options of a descriptor: the packet goes on in the next one. */
	public static final int XDP_PKT_CONTD = 1;

	/** Where to map the RX ring. */
	public static final long XDP_PGOFF_RX_RING = 0;

	/** Where to map the TX ring. */
	public static final long XDP_PGOFF_TX_RING = 0x80000000L;

	/** Where to map the fill ring. */
	public static final long XDP_UMEM_PGOFF_FILL_RING = 0x100000000L;

	/** Where to map the completion ring. */
	public static final long XDP_UMEM_PGOFF_COMPLETION_RING = 0x180000000L;

	/**
	 * Bytes of a chunk that the kernel keeps in front of the headroom of a received
	 * packet.
	 */
	public static final int XDP_PACKET_HEADROOM = 256;

	/** Smallest chunk of a UMEM. */
	public static final int XDP_UMEM_MIN_CHUNK_SIZE = 2048;

	/** Size of {@code struct sockaddr_xdp}. */
	public static final int SOCKADDR_XDP_SIZE = 16;

	/** Offset of the family, two bytes. */
	public static final int SOCKADDR_XDP_FAMILY = 0;

	/** Offset of the bind flags, two bytes. */
	public static final int SOCKADDR_XDP_FLAGS = 2;

	/** Offset of the interface index. */
	public static final int SOCKADDR_XDP_IFINDEX = 4;

	/** Offset of the queue id. */
	public static final int SOCKADDR_XDP_QUEUE_ID = 8;

	/** Offset of the descriptor of the socket whose UMEM is shared. */
	public static final int SOCKADDR_XDP_SHARED_UMEM_FD = 12;

	/**
	 * Size of {@code struct xdp_umem_reg}. A shorter length is read as the first version
	 * of the struct, whose flags do not count.
	 */
	public static final int XDP_UMEM_REG_SIZE = 32;

	/** Offset of the address of the UMEM, eight bytes. */
	public static final int XDP_UMEM_REG_ADDR = 0;

	/** Offset of its length, eight bytes. */
	public static final int XDP_UMEM_REG_LEN = 8;

	/** Offset of the chunk size. */
	public static final int XDP_UMEM_REG_CHUNK_SIZE = 16;

	/** Offset of the headroom. */
	public static final int XDP_UMEM_REG_HEADROOM = 20;

	/** Size of {@code struct xdp_mmap_offsets}: four times {@code xdp_ring_offset}. */
	public static final int XDP_MMAP_OFFSETS_SIZE = 128;

	/** Size of {@code struct xdp_ring_offset}. */
	public static final int XDP_RING_OFFSET_SIZE = 32;

	/** Offset of the place of the producer index, eight bytes. */
	public static final int XDP_RING_OFFSET_PRODUCER = 0;

	/** Offset of the place of the consumer index, eight bytes. */
	public static final int XDP_RING_OFFSET_CONSUMER = 8;

	/** Offset of the place of the first descriptor, eight bytes. */
	public static final int XDP_RING_OFFSET_DESC = 16;

	/** Offset of the place of the flags, eight bytes. */
	public static final int XDP_RING_OFFSET_FLAGS = 24;

	/** Which {@code xdp_ring_offset} is the RX ring's. */
	public static final int XDP_MMAP_OFFSETS_RX = 0;

	/** Which {@code xdp_ring_offset} is the TX ring's. */
	public static final int XDP_MMAP_OFFSETS_TX = 32;

	/** Which {@code xdp_ring_offset} is the fill ring's. */
	public static final int XDP_MMAP_OFFSETS_FILL = 64;

	/** Which {@code xdp_ring_offset} is the completion ring's. */
	public static final int XDP_MMAP_OFFSETS_COMPLETION = 96;

	/** Size of {@code struct xdp_desc}, an element of the RX and TX ring. */
	public static final int XDP_DESC_SIZE = 16;

	/** Offset of the address in the UMEM, eight bytes. */
	public static final int XDP_DESC_ADDR = 0;

	/** Offset of the length. */
	public static final int XDP_DESC_LEN = 8;

	/** Offset of the options. */
	public static final int XDP_DESC_OPTIONS = 12;

	/** Size of an element of the fill and completion ring: an address in the UMEM. */
	public static final int UMEM_ADDR_SIZE = 8;

	/** Size of {@code struct xdp_statistics}. */
	public static final int XDP_STATISTICS_SIZE = 48;

	/** Offset of the packets dropped for other reasons than invalid descriptors. */
	public static final int XDP_STATISTICS_RX_DROPPED = 0;

	/** Offset of the invalid descriptors in the fill ring. */
	public static final int XDP_STATISTICS_RX_INVALID_DESCS = 8;

	/** Offset of the invalid descriptors in the TX ring. */
	public static final int XDP_STATISTICS_TX_INVALID_DESCS = 16;

	/** Offset of the packets dropped because the RX ring was full. */
	public static final int XDP_STATISTICS_RX_RING_FULL = 24;

	/** Offset of the times that the fill ring was empty. */
	public static final int XDP_STATISTICS_RX_FILL_RING_EMPTY_DESCS = 32;

	/** Offset of the times that the TX ring was empty, idle polls among them. */
	public static final int XDP_STATISTICS_TX_RING_EMPTY_DESCS = 40;

	private LinuxIfXdp() {
	}

}
