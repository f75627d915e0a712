package io.xsk.rule;

/**
 * What a rule looks into, beside the plain packet.
 *
 * @since 0.1.0
 */
public enum Encapsulation {

	/** IPv4 in GRE without flags, in IPv4 that is not fragmented. */
	GRE(47),

	/** IPv4 in IPv4 that is not fragmented (protocol 4). */
	IPIP(4);

	private final int protocol;

	Encapsulation(int protocol) {
		this.protocol = protocol;
	}

	/**
	 * Return the protocol of the outer IP header.
	 * @return its number
	 */
	public int protocol() {
		return this.protocol;
	}

}
