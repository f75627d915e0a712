package io.xsk.bpf;

/**
 * How an XDP program is to be attached to an interface.
 *
 * @since 0.1.0
 */
public enum AttachMode {

	/**
	 * Native where the driver can, else generic. The change to generic happens only when
	 * the driver has no native XDP, has too few queues for it, or cannot have it with the
	 * interface's MTU; never when the interface is taken.
	 */
	AUTO,

	/** In the driver, or not at all. */
	NATIVE,

	/** After the driver, in the network stack: works on every interface, slower. */
	GENERIC

}
