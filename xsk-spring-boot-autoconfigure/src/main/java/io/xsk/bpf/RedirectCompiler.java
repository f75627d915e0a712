package io.xsk.bpf;

import java.util.List;

import io.xsk.XskException;
import io.xsk.kernel.LinuxBpf;

/**
 * Turns rules into a program: parses a packet as far as the rules need it, redirects it
 * to the slot of its RX queue when it matches, and lets it go on to the kernel when it
 * does not, or when the slot is empty. Registers: R6 the context, R2 the packet, R3 its
 * end, R0, R4 and R5 for the moment.
 */
final class RedirectCompiler {

	/** So many ranges of ports that every jump still fits into its 16 bits. */
	static final int MAX_RANGES = 8192;

	private static final int ETHERNET_SIZE = 14;

	private static final int ETHERNET_TYPE = 12;

	private static final int ETHERNET_TYPE_IPV4 = 0x0800;

	private static final int ETHERNET_TYPE_IPV6 = 0x86dd;

	private static final int IPV4_MIN_SIZE = 20;

	private static final int IPV4_MIN_WORDS = 5;

	private static final int IPV4_WORDS_MASK = 0x0f;

	private static final int IPV4_MAX_WORDS = 15;

	/** The length of the header is counted in words of so many bytes. */
	private static final int IPV4_WORD = 4;

	private static final int IPV4_FRAGMENT = 6;

	/** More fragments, or an offset: all but the bit that forbids fragments. */
	private static final int IPV4_FRAGMENT_MASK = 0x3fff;

	private static final int IPV4_PROTOCOL = 9;

	private static final int IPV6_SIZE = 40;

	private static final int IPV6_NEXT_HEADER = 6;

	/** IPv4 and IPv6 start with the version in the upper half of a byte. */
	private static final int VERSION_SHIFT = 4;

	private static final int PROTOCOL_UDP = 17;

	private static final int UDP_SIZE = 8;

	private static final int UDP_DESTINATION_PORT = 2;

	private static final int MAX_PORT = 65535;

	private final BpfAssembler assembler = new BpfAssembler();

	private final Label redirect = this.assembler.label("redirect");

	private final Label pass = this.assembler.label("pass");

	private RedirectCompiler() {
	}

	/**
	 * Compile rules.
	 * @param rules the rules
	 * @param mapFd the descriptor of the XSKMAP
	 * @return the instructions
	 * @throws XskException when there are more ranges of ports than a program can hold
	 */
	static byte[] compile(RedirectRules rules, int mapFd) {
		if (rules.udpPorts().size() > MAX_RANGES) {
			throw new XskException("The rules have %d separate ranges of ports, and a program can hold %d."
				.formatted(rules.udpPorts().size(), MAX_RANGES), "Use fewer and wider ranges.");
		}
		return new RedirectCompiler().program(rules, mapFd);
	}

	private byte[] program(RedirectRules rules, int mapFd) {
		this.assembler.move(Register.R6, Register.R1);
		if (rules.isAll()) {
			this.assembler.jump(this.redirect);
		}
		else {
			udpDestinationPort();
			match(rules.udpPorts(), false);
		}
		this.assembler.bind(this.redirect);
		this.assembler.load(Size.WORD, Register.R2, Register.R6, LinuxBpf.XDP_MD_RX_QUEUE_INDEX);
		redirectToSlot(this.assembler, mapFd);
		if (!rules.isAll()) {
			this.assembler.bind(this.pass);
			this.assembler.move(Register.R0, LinuxBpf.XDP_PASS);
			this.assembler.exit();
		}
		return this.assembler.assemble();
	}

	/**
	 * End a program with the redirection to the slot whose number is in R2. An empty slot
	 * gives XDP_PASS.
	 * @param assembler the program
	 * @param mapFd the descriptor of the XSKMAP
	 */
	static void redirectToSlot(BpfAssembler assembler, int mapFd) {
		assembler.loadMap(Register.R1, mapFd);
		assembler.move(Register.R3, LinuxBpf.XDP_PASS);
		assembler.call(LinuxBpf.BPF_FUNC_REDIRECT_MAP, 3);
		assembler.exit();
	}

	// Load the destination port of a UDP packet into R5; anything else passes
	private void udpDestinationPort() {
		Label ipv6 = this.assembler.label("ipv6");
		Label udp = this.assembler.label("udp");
		this.assembler.load(Size.WORD, Register.R2, Register.R6, LinuxBpf.XDP_MD_DATA);
		this.assembler.load(Size.WORD, Register.R3, Register.R6, LinuxBpf.XDP_MD_DATA_END);
		require(ETHERNET_SIZE);
		this.assembler.load(Size.HALF, Register.R5, Register.R2, ETHERNET_TYPE);
		this.assembler.networkOrder16(Register.R5);
		this.assembler.add(Register.R2, ETHERNET_SIZE);
		this.assembler.jumpIf(Register.R5, Condition.EQUAL, ETHERNET_TYPE_IPV6, ipv6);
		this.assembler.jumpIf(Register.R5, Condition.NOT_EQUAL, ETHERNET_TYPE_IPV4, this.pass);
		ipv4Header();
		this.assembler.jump(udp);
		this.assembler.bind(ipv6);
		ipv6Header();
		this.assembler.bind(udp);
		require(UDP_SIZE);
		this.assembler.load(Size.HALF, Register.R5, Register.R2, UDP_DESTINATION_PORT);
		this.assembler.networkOrder16(Register.R5);
	}

	/**
	 * Move R2 past the header of a UDP packet that is no fragment; anything else passes.
	 */
	private void ipv4Header() {
		require(IPV4_MIN_SIZE);
		this.assembler.load(Size.BYTE, Register.R5, Register.R2, 0);
		requireVersion(4);
		this.assembler.and(Register.R5, IPV4_WORDS_MASK);
		this.assembler.jumpIf(Register.R5, Condition.LESS, IPV4_MIN_WORDS, this.pass);
		requireUdp(IPV4_PROTOCOL);
		this.assembler.load(Size.HALF, Register.R0, Register.R2, IPV4_FRAGMENT);
		this.assembler.networkOrder16(Register.R0);
		this.assembler.and(Register.R0, IPV4_FRAGMENT_MASK);
		this.assembler.jumpIf(Register.R0, Condition.NOT_EQUAL, 0, this.pass);
		skipIpv4Header();
	}

	/**
	 * Move R2 on by the number of words in R5. Without CAP_PERFMON the verifier lets a
	 * packet pointer move by constants only, so each length has a branch of its own; the
	 * first one is that of nearly every packet.
	 */
	private void skipIpv4Header() {
		Label skipped = this.assembler.label("after the IPv4 header");
		for (int words = IPV4_MIN_WORDS; words < IPV4_MAX_WORDS; words++) {
			Label longer = this.assembler.label("more than " + words + " words");
			this.assembler.jumpIf(Register.R5, Condition.NOT_EQUAL, words, longer);
			this.assembler.add(Register.R2, words * IPV4_WORD);
			this.assembler.jump(skipped);
			this.assembler.bind(longer);
		}
		this.assembler.add(Register.R2, IPV4_MAX_WORDS * IPV4_WORD);
		this.assembler.bind(skipped);
	}

	// Move R2 past the header of a UDP packet; anything else passes
	private void ipv6Header() {
		require(IPV6_SIZE);
		this.assembler.load(Size.BYTE, Register.R5, Register.R2, 0);
		requireVersion(6);
		requireUdp(IPV6_NEXT_HEADER);
		this.assembler.add(Register.R2, IPV6_SIZE);
	}

	// Go on only when so many bytes follow R2: the verifier wants it before each load
	private void require(int bytes) {
		this.assembler.move(Register.R4, Register.R2);
		this.assembler.add(Register.R4, bytes);
		this.assembler.jumpIf(Register.R4, Condition.GREATER, Register.R3, this.pass);
	}

	// Go on only when R5 holds the first byte of a header of that version
	private void requireVersion(int version) {
		this.assembler.move(Register.R0, Register.R5);
		this.assembler.shiftRight(Register.R0, VERSION_SHIFT);
		this.assembler.jumpIf(Register.R0, Condition.NOT_EQUAL, version, this.pass);
	}

	private void requireUdp(int protocolOffset) {
		this.assembler.load(Size.BYTE, Register.R0, Register.R2, protocolOffset);
		this.assembler.jumpIf(Register.R0, Condition.NOT_EQUAL, PROTOCOL_UDP, this.pass);
	}

	/**
	 * Compare the port in R5 by halving the ranges: with 500 of them, nine comparisons
	 * instead of 500.
	 * @param ranges ascending, with a gap between any two
	 * @param atLeastFirst whether the port is known not to lie below the first range
	 */
	private void match(List<PortRange> ranges, boolean atLeastFirst) {
		if (ranges.size() == 1) {
			match(ranges.get(0), atLeastFirst);
			return;
		}
		int half = ranges.size() / 2;
		List<PortRange> upper = ranges.subList(half, ranges.size());
		Label above = this.assembler.label("port " + upper.get(0).first() + " and above");
		this.assembler.jumpIf(Register.R5, Condition.GREATER_OR_EQUAL, upper.get(0).first(), above);
		match(ranges.subList(0, half), atLeastFirst);
		this.assembler.bind(above);
		match(upper, true);
	}

	private void match(PortRange range, boolean atLeastFirst) {
		if (!atLeastFirst) {
			this.assembler.jumpIf(Register.R5, Condition.LESS, range.first(), this.pass);
		}
		if (range.last() < MAX_PORT) {
			this.assembler.jumpIf(Register.R5, Condition.GREATER, range.last(), this.pass);
		}
		this.assembler.jump(this.redirect);
	}

}
