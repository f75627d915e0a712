package io.xsk.bpf.asm;

/**
 * What the kernel and an XDP program agree on: helpers, the context and the verdicts
 * ({@code linux/bpf.h}, Linux 6.18).
 *
 * @since 0.1.0
 */
public final class LinuxXdp {

	/** Helper: find an element of a map. */
	public static final int BPF_FUNC_MAP_LOOKUP_ELEM = 1;

	/** Helper: redirect to the target in a map's slot, since 4.14. */
	public static final int BPF_FUNC_REDIRECT_MAP = 51;

	/** Helper: the length of a packet, that of all its buffers, since 5.18. */
	public static final int BPF_FUNC_XDP_GET_BUFF_LEN = 188;

	/** Offset in {@code struct xdp_md} of the address of the packet's first byte. */
	public static final int XDP_MD_DATA = 0;

	/** Offset in {@code struct xdp_md} of the address behind the packet's last byte. */
	public static final int XDP_MD_DATA_END = 4;

	/** Offset in {@code struct xdp_md} of the RX queue that the packet came in on. */
	public static final int XDP_MD_RX_QUEUE_INDEX = 16;

	/** Verdict: error in the program, drop. */
	public static final int XDP_ABORTED = 0;

	/** Verdict: drop. */
	public static final int XDP_DROP = 1;

	/** Verdict: go on to the kernel. */
	public static final int XDP_PASS = 2;

	/** Verdict: send back. */
	public static final int XDP_TX = 3;

	/** Verdict: to the map's target. */
	public static final int XDP_REDIRECT = 4;

	private LinuxXdp() {
	}

}
