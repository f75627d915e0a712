package io.xsk.rule;

/**
 * Numbers of protocols above IP (IANA, {@code linux/in.h} and {@code linux/in6.h}).
 *
 * @since 0.1.0
 */
public final class IpProtocol {

	/** Hop-by-hop options of IPv6. */
	public static final int HOP_BY_HOP = 0;

	/** ICMP. */
	public static final int ICMP = 1;

	/** TCP. */
	public static final int TCP = 6;

	/** UDP. */
	public static final int UDP = 17;

	/** Routing header of IPv6. */
	public static final int ROUTING = 43;

	/** Fragment header of IPv6. */
	public static final int FRAGMENT = 44;

	/** Authentication header. */
	public static final int AUTHENTICATION = 51;

	/** ICMPv6. */
	public static final int ICMPV6 = 58;

	/** Destination options of IPv6. */
	public static final int DESTINATION_OPTIONS = 60;

	/** SCTP. */
	public static final int SCTP = 132;

	private IpProtocol() {
	}

	/**
	 * Return whether a protocol is that of an IPv6 extension header, behind which the
	 * program looks for the transport.
	 * @param protocol the number
	 * @return {@code true} for extension headers
	 */
	public static boolean isExtension(int protocol) {
		return switch (protocol) {
			case HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION_OPTIONS -> true;
			default -> false;
		};
	}

}
