package io.xsk.kernel;

import org.junit.jupiter.api.Test;

/**
 * Tests for {@link LinuxIfXdp} against the kernel's header.
 */
class LinuxIfXdpTests {

	private final Layout layout = new Layout(LinuxIfXdp.class, headers());

	/** With what an older header does not have yet; recorded from Linux 6.18. */
	private static CHeaders headers() {
		return CHeaders.of("linux/if_xdp.h", "linux/if_link.h")
			.with("#ifndef XDP_USE_SG\n#define XDP_USE_SG (1 << 4)\n#endif")
			.with("#ifndef XDP_PKT_CONTD\n#define XDP_PKT_CONTD (1 << 0)\n#endif")
			.with("#ifndef XDP_PACKET_HEADROOM\n#define XDP_PACKET_HEADROOM 256\n#endif")
			.with("#define XDP_UMEM_MIN_CHUNK_SIZE 2048");
	}

	@Test
	void sockaddrXdp() {
		this.layout.struct("SOCKADDR_XDP", "struct sockaddr_xdp")
			.field("FAMILY", "sxdp_family")
			.field("FLAGS", "sxdp_flags")
			.field("IFINDEX", "sxdp_ifindex")
			.field("QUEUE_ID", "sxdp_queue_id")
			.field("SHARED_UMEM_FD", "sxdp_shared_umem_fd")
			.check();
	}

	@Test
	void xdpUmemReg() {
		this.layout.struct("XDP_UMEM_REG", "struct xdp_umem_reg")
			.field("ADDR", "addr")
			.field("LEN", "len")
			.field("CHUNK_SIZE", "chunk_size")
			.field("HEADROOM", "headroom")
			.check();
	}

	@Test
	void xdpMmapOffsets() {
		this.layout.struct("XDP_MMAP_OFFSETS", "struct xdp_mmap_offsets")
			.field("RX", "rx")
			.field("TX", "tx")
			.field("FILL", "fr")
			.field("COMPLETION", "cr")
			.check();
	}

	@Test
	void xdpRingOffset() {
		this.layout.struct("XDP_RING_OFFSET", "struct xdp_ring_offset")
			.field("PRODUCER", "producer")
			.field("CONSUMER", "consumer")
			.field("DESC", "desc")
			.field("FLAGS", "flags")
			.check();
	}

	@Test
	void xdpDesc() {
		this.layout.struct("XDP_DESC", "struct xdp_desc")
			.field("ADDR", "addr")
			.field("LEN", "len")
			.field("OPTIONS", "options")
			.check();
	}

	@Test
	void xdpStatistics() {
		this.layout.struct("XDP_STATISTICS", "struct xdp_statistics")
			.field("RX_DROPPED", "rx_dropped")
			.field("RX_INVALID_DESCS", "rx_invalid_descs")
			.field("TX_INVALID_DESCS", "tx_invalid_descs")
			.field("RX_RING_FULL", "rx_ring_full")
			.field("RX_FILL_RING_EMPTY_DESCS", "rx_fill_ring_empty_descs")
			.field("TX_RING_EMPTY_DESCS", "tx_ring_empty_descs")
			.check();
	}

	@Test
	void constants() {
		this.layout.alias("UMEM_ADDR_SIZE", "sizeof(__u64)")
			// newer than the header of many machines
			.alias("XDP_MAX_TX_SKB_BUDGET", "9")
			.everyOtherConstantIsOfTheSameName();
	}

}
