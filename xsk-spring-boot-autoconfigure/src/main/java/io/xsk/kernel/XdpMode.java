package io.xsk.kernel;

/**
 * Where in its path through the kernel a packet meets an attached XDP program
 * ({@code IFLA_XDP_ATTACHED} in {@code linux/if_link.h}).
 *
 * @since 0.1.0
 */
public enum XdpMode {

	/** In the driver. */
	NATIVE,

	/** After the driver, in the network stack; works on every interface, slower. */
	GENERIC,

	/** On the network card. */
	OFFLOADED

}
