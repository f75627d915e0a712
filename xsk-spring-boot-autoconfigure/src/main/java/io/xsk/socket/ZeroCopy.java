package io.xsk.socket;

/**
 * Whether the driver works in the UMEM itself, or the kernel copies each packet
 * ({@code XDP_ZEROCOPY} and {@code XDP_COPY} in {@code linux/if_xdp.h}).
 *
 * @since 0.1.0
 */
public enum ZeroCopy {

	/** Zero-copy where the driver can, else copy, with the reason. */
	PREFER,

	/** Zero-copy or no socket. */
	REQUIRE,

	/** Copy, also where the driver could do without. */
	FORBID

}
