package io.xsk.bpf.filter;

import io.xsk.bpf.asm.BpfAssembler;
import io.xsk.bpf.asm.Condition;
import io.xsk.bpf.asm.Label;
import io.xsk.bpf.asm.Register;
import io.xsk.bpf.asm.Size;
import io.xsk.rule.RulesOfKind;

/**
 * Writes code that reads the IPv4 header. Without CAP_PERFMON the verifier lets a packet
 * pointer move by constants only, so each length of the header has a branch of its own,
 * of which the first is that of nearly every packet.
 */
final class Ipv4Parser {

	private static final int IPV4_SIZE = 20;

	private static final int IPV4_FIRST_BYTE = 0x45;

	private static final int IPV4_LAST_BYTE = 0x4f;

	private static final int IPV4_LENGTH = 2;

	private static final int IPV4_FRAGMENT = 6;

	/** More fragments, or an offset: all but the bit that forbids fragments. */
	private static final int IPV4_FRAGMENT_MASK = 0x3fff;

	private static final int IPV4_OFFSET_MASK = 0x1fff;

	private static final int IPV4_PROTOCOL = 9;

	private static final int IPV4_SOURCE = 12;

	private static final int IPV4_DESTINATION = 16;

	private final BpfAssembler assembler;

	private final IpParser parser;

	private final RulesOfKind section;

	private final Addresses addresses;

	private final boolean fragments;

	private final Label pass;

	/** Prepare to parse. */
	Ipv4Parser(BpfAssembler assembler, IpParser parser, RulesOfKind section, Addresses addresses, Label pass) {
		this.assembler = assembler;
		this.parser = parser;
		this.section = section;
		this.addresses = addresses;
		this.fragments = section.matchesFragments();
		this.pass = pass;
	}

	/**
	 * Parse the header of the packet at R2.
	 */
	void parse() {
		IpParser.require(this.assembler, IPV4_SIZE, this.pass);
		this.parser.load(Size.BYTE, Register.R7, IPV4_PROTOCOL);
		this.parser.requireProtocol(true);
		if (this.section.needsSource()) {
			this.addresses.read(IPV4_SOURCE, true, this.pass);
		}
		if (this.section.needsDestination()) {
			this.addresses.read(IPV4_DESTINATION, false, this.pass);
		}
		if (this.fragments) {
			fragment();
		}
		else {
			this.parser.load(Size.HALF, Register.R0, IPV4_FRAGMENT);
			this.assembler.jumpIf(Register.R0, Condition.ANY_BIT, IpParser.raw16(IPV4_FRAGMENT_MASK), this.pass);
		}
		length();
		this.parser.load(Size.BYTE, Register.R0, 0);
		Label transport = this.assembler.label("after the IPv4 header");
		for (int first = IPV4_FIRST_BYTE; first <= IPV4_LAST_BYTE; first++) {
			Label longer = this.assembler.label("first byte is not " + first);
			this.assembler.jumpIf(Register.R0, Condition.NOT_EQUAL, first,
					(first < IPV4_LAST_BYTE) ? longer : this.pass);
			this.parser.advance((first & 0x0f) * Integer.BYTES, (first & 0x0f) * Integer.BYTES);
			if (first < IPV4_LAST_BYTE) {
				this.assembler.jump(transport);
				this.assembler.bind(longer);
			}
		}
		this.assembler.bind(transport);
	}

	private void length() {
		this.parser.load(Size.HALF, Register.R0, IPV4_LENGTH);
		this.assembler.networkOrder(Size.HALF, Register.R0);
		if (this.section.inner()) {
			this.assembler.jumpIf(Register.R0, Condition.GREATER, Register.R5, this.pass);
		}
		this.assembler.move(Register.R5, Register.R0);
		this.parser.keepLength(0);
	}

	private void fragment() {
		Label known = this.assembler.label("IPv4 fragment");
		this.parser.load(Size.HALF, Register.R9, IPV4_FRAGMENT);
		this.assembler.networkOrder(Size.HALF, Register.R9);
		this.assembler.and(Register.R9, IPV4_FRAGMENT_MASK);
		this.assembler.jumpIf(Register.R9, Condition.EQUAL, 0, known);
		this.assembler.and(Register.R9, IPV4_OFFSET_MASK);
		Label later = this.assembler.label("later IPv4 fragment");
		this.assembler.jumpIf(Register.R9, Condition.NOT_EQUAL, 0, later);
		this.assembler.move(Register.R9, StackLayout.FIRST_FRAGMENT);
		this.assembler.jump(known);
		this.assembler.bind(later);
		this.assembler.move(Register.R9, StackLayout.LATER_FRAGMENT);
		this.assembler.bind(known);
	}

}
