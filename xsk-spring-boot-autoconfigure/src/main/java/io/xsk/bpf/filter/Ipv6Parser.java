package io.xsk.bpf.filter;

import java.util.Set;

import io.xsk.bpf.asm.BpfAssembler;
import io.xsk.bpf.asm.Condition;
import io.xsk.bpf.asm.Label;
import io.xsk.bpf.asm.Register;
import io.xsk.bpf.asm.Size;
import io.xsk.rule.IpProtocol;
import io.xsk.rule.RulesOfKind;
import org.jspecify.annotations.Nullable;

/**
 * Writes code that reads the IPv6 header and walks the extension headers behind it, in
 * steps of eight bytes: each step is a constant, which the verifier wants of a packet
 * pointer without CAP_PERFMON.
 */
final class Ipv6Parser {

	/** How many bytes of extension headers are walked. */
	static final int MAX_EXTENSIONS = 128;

	private static final int IPV6_SIZE = 40;

	private static final int IPV6_LENGTH = 4;

	private static final int IPV6_NEXT = 6;

	private static final int IPV6_SOURCE = 8;

	private static final int IPV6_DESTINATION = 24;

	private static final int UNIT = 8;

	private static final int IPV6_OFFSET_MASK = 0xfff8;

	private static final int IPV6_FRAGMENT_MASK = 0xfff9;

	private final BpfAssembler assembler;

	private final IpParser parser;

	private final RulesOfKind section;

	private final Addresses addresses;

	private final @Nullable Set<Integer> protocols;

	private final boolean fragments;

	private final Label pass;

	/** Prepare to parse. */
	Ipv6Parser(BpfAssembler assembler, IpParser parser, RulesOfKind section, Addresses addresses, Label pass) {
		this.assembler = assembler;
		this.parser = parser;
		this.section = section;
		this.addresses = addresses;
		this.protocols = section.protocols();
		this.fragments = section.matchesFragments();
		this.pass = pass;
	}

	/**
	 * Parse the headers of the packet at R2.
	 */
	void parse() {
		IpParser.require(this.assembler, IPV6_SIZE, this.pass);
		this.parser.load(Size.BYTE, Register.R0, 0);
		this.assembler.shiftRight(Register.R0, 4);
		this.assembler.jumpIf(Register.R0, Condition.NOT_EQUAL, 6, this.pass);
		this.parser.load(Size.BYTE, Register.R7, IPV6_NEXT);
		if (this.section.needsSource()) {
			this.addresses.read(IPV6_SOURCE, true, this.pass);
		}
		if (this.section.needsDestination()) {
			this.addresses.read(IPV6_DESTINATION, false, this.pass);
		}
		this.parser.load(Size.HALF, Register.R5, IPV6_LENGTH);
		this.assembler.networkOrder(Size.HALF, Register.R5);
		this.parser.keepLength(IPV6_SIZE);
		if (this.fragments) {
			this.assembler.move(Register.R9, StackLayout.WHOLE);
		}
		Label transport = this.assembler.label("after the IPv6 headers");
		@Nullable Label skipped = null;
		for (int unit = 0; unit <= MAX_EXTENSIONS / UNIT; unit++) {
			skipped = extension(unit, skipped, transport);
		}
		this.assembler.bind(transport);
	}

	/** Look at the header that may begin so many units behind the IPv6 header. */
	private @Nullable Label extension(int unit, @Nullable Label skipped, Label transport) {
		int offset = IPV6_SIZE + unit * UNIT;
		boolean last = unit == MAX_EXTENSIONS / UNIT;
		Label next = this.assembler.label("extension header at " + (offset + UNIT));
		if (skipped != null) {
			this.assembler.bind(skipped);
			Label here = this.assembler.label("header at " + offset);
			this.assembler.jumpIf(Register.R0, Condition.EQUAL, 0, here);
			if (last) {
				this.assembler.jump(this.pass);
			}
			else {
				this.assembler.add(Register.R0, -1);
				this.assembler.jump(next);
			}
			this.assembler.bind(here);
		}
		Label upper = this.assembler.label("transport header at " + offset);
		Label extension = this.assembler.label("extension at " + offset);
		toTransportUnlessExtension(upper, extension);
		this.assembler.bind(extension);
		if (last) {
			this.assembler.jump(this.pass);
		}
		else {
			Label fragment = this.assembler.label("fragment header at " + offset);
			Label generic = this.assembler.label("length at " + offset);
			this.assembler.move(Register.R4, Register.R2);
			this.assembler.add(Register.R4, offset + UNIT);
			this.assembler.jumpIf(Register.R4, Condition.GREATER, Register.R3, this.pass);
			this.assembler.jumpIf(Register.R5, Condition.SIGNED_LESS, (unit + 1) * UNIT, this.pass);
			this.assembler.jumpIf(Register.R7, Condition.EQUAL, IpProtocol.FRAGMENT, fragment);
			this.parser.load(Size.BYTE, Register.R0, offset + 1);
			this.assembler.jumpIf(Register.R7, Condition.NOT_EQUAL, IpProtocol.AUTHENTICATION, generic);
			// Its length is in words of four bytes, less two of them
			this.assembler.jumpIf(Register.R0, Condition.EQUAL, 0, this.pass);
			this.assembler.jumpIf(Register.R0, Condition.ANY_BIT, 1, this.pass);
			this.assembler.shiftRight(Register.R0, 1);
			this.assembler.bind(generic);
			this.parser.load(Size.BYTE, Register.R7, offset);
			this.assembler.jump(next);
			this.assembler.bind(fragment);
			ipv6Fragment(offset, next, transport, unit);
		}
		this.assembler.bind(upper);
		this.parser.advance(offset, unit * UNIT);
		if (!last) {
			this.assembler.jump(transport);
		}
		return next;
	}

	private void toTransportUnlessExtension(Label upper, Label extension) {
		if (this.protocols != null && this.protocols.stream().noneMatch(IpProtocol::isExtension)) {
			this.protocols.forEach((protocol) -> this.assembler.jumpIf(Register.R7, Condition.EQUAL, protocol, upper));
		}
		this.assembler.jumpIf(Register.R7, Condition.EQUAL, IpProtocol.HOP_BY_HOP, extension);
		this.assembler.jumpIf(Register.R7, Condition.EQUAL, IpProtocol.ROUTING, extension);
		this.assembler.jumpIf(Register.R7, Condition.EQUAL, IpProtocol.FRAGMENT, extension);
		this.assembler.jumpIf(Register.R7, Condition.EQUAL, IpProtocol.AUTHENTICATION, extension);
		this.assembler.jumpIf(Register.R7, Condition.EQUAL, IpProtocol.DESTINATION_OPTIONS, extension);
		if (this.protocols == null) {
			this.assembler.jump(upper);
		}
		else if (this.protocols.stream().anyMatch(IpProtocol::isExtension)) {
			this.parser.requireProtocol(false);
			this.assembler.jump(upper);
		}
		else {
			this.assembler.jump(this.pass);
		}
	}

	private void ipv6Fragment(int offset, Label next, Label transport, int unit) {
		this.parser.load(Size.HALF, Register.R4, offset + 2);
		this.parser.load(Size.BYTE, Register.R7, offset);
		this.assembler.move(Register.R0, 0);
		// A fragment that is the whole packet has no siblings (RFC 6946)
		if (!this.fragments) {
			this.assembler.jumpIf(Register.R4, Condition.ANY_BIT, IpParser.raw16(IPV6_FRAGMENT_MASK), this.pass);
			this.assembler.jump(next);
			return;
		}
		Label later = this.assembler.label("later IPv6 fragment at " + offset);
		this.assembler.jumpIf(Register.R4, Condition.ANY_BIT, IpParser.raw16(IPV6_OFFSET_MASK), later);
		this.assembler.and(Register.R4, IpParser.raw16(1));
		this.assembler.jumpIf(Register.R4, Condition.EQUAL, 0, next);
		this.assembler.move(Register.R9, StackLayout.FIRST_FRAGMENT);
		this.assembler.jump(next);
		this.assembler.bind(later);
		this.assembler.move(Register.R9, StackLayout.LATER_FRAGMENT);
		this.parser.requireProtocol(false);
		this.parser.advance(offset + UNIT, (unit + 1) * UNIT);
		this.assembler.jump(transport);
	}

}
