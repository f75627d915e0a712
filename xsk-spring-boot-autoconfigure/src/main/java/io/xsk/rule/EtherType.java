package io.xsk.rule;

/**
 * Numbers of what follows an Ethernet header ({@code linux/if_ether.h}).
 *
 * @since 0.1.0
 */
public final class EtherType {

	/** IPv4. */
	public static final int IPV4 = 0x0800;

	/** ARP. */
	public static final int ARP = 0x0806;

	/** A VLAN tag, 802.1Q. */
	public static final int VLAN = 0x8100;

	/** IPv6. */
	public static final int IPV6 = 0x86dd;

	/** A service VLAN tag, 802.1ad. */
	public static final int SERVICE_VLAN = 0x88a8;

	private EtherType() {
	}

}
