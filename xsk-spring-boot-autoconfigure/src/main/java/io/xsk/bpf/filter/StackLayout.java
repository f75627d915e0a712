package io.xsk.bpf.filter;

import io.xsk.rule.RulesOfKind;

/**
 * Where the program keeps what it knows. Registers: R6 the context; while it parses, R2
 * the place in the packet, R3 the packet's end, R5 how many bytes the IP header leaves,
 * R0 and R4 for the moment, R8 where the IP header begins in the frame; when it compares,
 * R7 the protocol or EtherType, R8 the destination port, or another mark, R9 the kind of
 * fragment. The rest is on the stack, at these offsets; what is inside another packet has
 * places of its own.
 */
final class StackLayout {

	/** R8 of a packet without ports. */
	static final int NO_PORT = 0x1_0000;

	/** R8 of an ICMP message, less its type. */
	static final int ICMP_TYPES = 0x2_0000;

	/** R9 of a whole packet. */
	static final int WHOLE = 0;

	/** R9 of a first fragment. */
	static final int FIRST_FRAGMENT = 1;

	/** R9 of another fragment. */
	static final int LATER_FRAGMENT = 2;

	/** A VLAN id that no packet has. */
	static final int NO_VLAN = 0x1000;

	/** A rule's index that no rule has. */
	static final int NO_RULE = Integer.MAX_VALUE;

	/** A key for a map: four bytes. */
	static final int KEY = -4;

	/** The index of the rule that matches inside: four bytes. */
	static final int BEST = -8;

	/** The ids of the VLAN tags, outermost first: four bytes each. */
	static final int[] VLANS = { -12, -16 };

	/** How long the frame is at least, as its IP header says: four bytes. */
	static final int LENGTH = -24;

	/** The key of an address: the length and the address, at most 20 bytes. */
	static final int PREFIX_KEY = -104;

	/** For the moment: eight bytes. */
	static final int SCRATCH = -112;

	private static final int SOURCE_PORT = -20;

	private static final int SOURCE_IPV4 = -28;

	private static final int DESTINATION_IPV4 = -32;

	private static final int SOURCE_IPV6 = -48;

	private static final int DESTINATION_IPV6 = -64;

	private static final int INNER = -48;

	private StackLayout() {
	}

	static int sourcePort(RulesOfKind section) {
		return section.inner() ? SOURCE_PORT + INNER : SOURCE_PORT;
	}

	/**
	 * Return where an address is, as a number: four bytes, or two times eight, the upper
	 * half behind the lower.
	 */
	static int address(RulesOfKind section, boolean source) {
		if (section.kind() == RulesOfKind.Kind.IPV6) {
			return source ? SOURCE_IPV6 : DESTINATION_IPV6;
		}
		int offset = source ? SOURCE_IPV4 : DESTINATION_IPV4;
		return section.inner() ? offset + INNER : offset;
	}

}
