package io.xsk.bpf.filter;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.xsk.bpf.asm.BpfAssembler;
import io.xsk.bpf.asm.Condition;
import io.xsk.bpf.asm.Label;
import io.xsk.bpf.asm.Register;
import io.xsk.bpf.asm.Size;
import io.xsk.rule.Encapsulation;
import io.xsk.rule.EtherType;
import io.xsk.rule.IpProtocol;
import io.xsk.rule.PortRange;
import io.xsk.rule.RulesOfKind;
import org.jspecify.annotations.Nullable;

/**
 * Writes code that reads the headers of an IP packet into the places of
 * {@link StackLayout}: the IP headers by a parser of their version, and here what is
 * behind them.
 */
final class IpParser {

	private static final int MAX_LENGTH = 0xffff;

	/** GRE without flags, version 0, with IPv4 inside. */
	private static final int PLAIN_GRE = EtherType.IPV4;

	private static final int GRE_SIZE = 4;

	private static final int UDP_SIZE = 8;

	private static final int UDP_LENGTH = 4;

	private static final int TCP_SIZE = 20;

	/** The length of the TCP header, in the upper four bits, in words of four bytes. */
	private static final int TCP_OFFSET = 12;

	/** The size of a transport header without its options. */
	private static final Map<Integer, Integer> TRANSPORT_SIZES = Map.of(IpProtocol.UDP, UDP_SIZE, IpProtocol.TCP,
			TCP_SIZE, IpProtocol.SCTP, 12, IpProtocol.ICMP, 8, IpProtocol.ICMPV6, 8);

	private final BpfAssembler assembler;

	private final RulesOfKind section;

	private final Addresses addresses;

	private final @Nullable Set<Integer> protocols;

	private final boolean fragments;

	private final Map<Encapsulation, Label> inside;

	private final LengthCheck lengthCheck;

	private final Label pass;

	/** Prepare to parse the packets of a section. */
	IpParser(BpfAssembler assembler, RulesOfKind section, Addresses addresses, Map<Encapsulation, Label> inside,
			LengthCheck lengthCheck, Label pass) {
		this.assembler = assembler;
		this.section = section;
		this.addresses = addresses;
		this.protocols = section.protocols();
		this.fragments = section.matchesFragments();
		this.inside = inside;
		this.lengthCheck = lengthCheck;
		this.pass = pass;
	}

	/**
	 * Go on only when so many bytes follow R2: the verifier wants it before each load.
	 */
	static void require(BpfAssembler assembler, int bytes, Label otherwise) {
		assembler.move(Register.R4, Register.R2);
		if (bytes > 0) {
			assembler.add(Register.R4, bytes);
		}
		assembler.jumpIf(Register.R4, Condition.GREATER, Register.R3, otherwise);
	}

	/** Return what a load of 16 bits from a packet gives. */
	static int raw16(int value) {
		return (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN)
				? Short.toUnsignedInt(Short.reverseBytes((short) value)) : value;
	}

	/** Parse the packet at R2. */
	void parse(Label match) {
		if (this.section.kind() == RulesOfKind.Kind.IPV6) {
			new Ipv6Parser(this.assembler, this, this.section, this.addresses, this.pass).parse();
		}
		else {
			new Ipv4Parser(this.assembler, this, this.section, this.addresses, this.pass).parse();
		}
		transport(match);
	}

	/**
	 * Keep how long the packet at R2 says that it is, which is in R5, for a question to
	 * the kernel when it matches.
	 */
	void keepLength(int header) {
		if (this.lengthCheck == LengthCheck.CALL) {
			this.assembler.add(Register.R8, Register.R5);
			if (header > 0) {
				this.assembler.add(Register.R8, header);
			}
			this.assembler.store(Size.WORD, Register.R10, StackLayout.LENGTH, Register.R8);
		}
	}

	/** See to it that so many bytes follow R2 as the IP header leaves. */
	private void checkLength() {
		if (this.lengthCheck == LengthCheck.END) {
			this.assembler.move(Register.R4, Register.R5);
			// The verifier has lost how large it can be
			this.assembler.and(Register.R4, MAX_LENGTH);
			this.assembler.add(Register.R4, Register.R2);
			this.assembler.jumpIf(Register.R4, Condition.GREATER, Register.R3, this.pass);
		}
	}

	/** Leave what no rule can match. */
	void requireProtocol(boolean withInside) {
		if (this.protocols == null) {
			return;
		}
		List<Integer> wanted = new ArrayList<>(this.protocols);
		if (withInside) {
			this.inside.keySet().forEach((encapsulation) -> wanted.add(encapsulation.protocol()));
		}
		List<Integer> distinct = wanted.stream().distinct().sorted().toList();
		if (distinct.size() == 1) {
			this.assembler.jumpIf(Register.R7, Condition.NOT_EQUAL, distinct.get(0), this.pass);
			return;
		}
		Label found = this.assembler.label("protocol");
		RangeTree.search(this.assembler, Register.R7,
				distinct.stream().map((protocol) -> new RangeTree.Leaf(protocol, protocol, found)).toList(), this.pass);
		this.assembler.bind(found);
	}

	private void transport(Label match) {
		Label other = this.assembler.label("no transport header");
		if (this.fragments) {
			this.assembler.jumpIf(Register.R9, Condition.EQUAL, StackLayout.LATER_FRAGMENT, other);
		}
		this.inside.forEach((encapsulation, label) -> {
			Label plain = this.assembler.label("not " + encapsulation);
			this.assembler.jumpIf(Register.R7, Condition.NOT_EQUAL, encapsulation.protocol(), plain);
			if (this.fragments) {
				this.assembler.jumpIf(Register.R9, Condition.NOT_EQUAL, StackLayout.WHOLE, other);
			}
			requireBytes(0);
			checkLength();
			this.assembler.jump(label);
			this.assembler.bind(plain);
		});
		// With one protocol wanted, nothing else comes here
		boolean known = this.protocols != null && this.protocols.size() == 1 && this.inside.isEmpty();
		for (int protocol : List.of(IpProtocol.UDP, IpProtocol.TCP, IpProtocol.SCTP, icmp())) {
			if (this.protocols == null || this.protocols.contains(protocol)) {
				Label next = this.assembler.label("not protocol " + protocol);
				if (!known) {
					this.assembler.jumpIf(Register.R7, Condition.NOT_EQUAL, protocol, next);
				}
				requireBytes(TRANSPORT_SIZES.getOrDefault(protocol, 0));
				ports(protocol);
				requirePort(protocol);
				checkLength();
				transportLength(protocol);
				this.assembler.jump(match);
				if (!known) {
					this.assembler.bind(next);
				}
			}
		}
		if (this.assembler.isReachable() || other.isUsed()) {
			this.assembler.bind(other);
			requireBytes(0);
			checkLength();
			if (this.section.needsPorts()) {
				this.assembler.move(Register.R8, StackLayout.NO_PORT);
			}
		}
	}

	/**
	 * Leave what is for a port that no rule wants, where that is told at a glance, before
	 * lengths are looked at.
	 */
	private void requirePort(int protocol) {
		PortRange wanted = this.section.sharedPorts(protocol);
		if (wanted == null) {
			return;
		}
		if (wanted.first() == wanted.last()) {
			this.assembler.jumpIf(Register.R8, Condition.NOT_EQUAL, wanted.first(), this.pass);
			return;
		}
		this.assembler.jumpIf(Register.R8, Condition.LESS, wanted.first(), this.pass);
		this.assembler.jumpIf(Register.R8, Condition.GREATER, wanted.last(), this.pass);
	}

	/** What the transport header says of lengths must fit into the IP packet. */
	private void transportLength(int protocol) {
		if (protocol == IpProtocol.UDP) {
			load(Size.HALF, Register.R0, UDP_LENGTH);
			this.assembler.networkOrder(Size.HALF, Register.R0);
			this.assembler.jumpIf(Register.R0, Condition.LESS, UDP_SIZE, this.pass);
		}
		else if (protocol == IpProtocol.TCP) {
			load(Size.BYTE, Register.R0, TCP_OFFSET);
			this.assembler.shiftRight(Register.R0, 4);
			this.assembler.shiftLeft(Register.R0, 2);
			this.assembler.jumpIf(Register.R0, Condition.LESS, TCP_SIZE, this.pass);
		}
		else {
			return;
		}
		Label first = this.assembler.label("length in a first fragment");
		if (this.fragments) {
			// The rest is in its siblings
			this.assembler.jumpIf(Register.R9, Condition.EQUAL, StackLayout.FIRST_FRAGMENT, first);
		}
		this.assembler.jumpIf(Register.R0, Condition.GREATER, Register.R5, this.pass);
		this.assembler.bind(first);
	}

	private int icmp() {
		return (this.section.kind() == RulesOfKind.Kind.IPV6) ? IpProtocol.ICMPV6 : IpProtocol.ICMP;
	}

	private void ports(int protocol) {
		if (!this.section.needsPorts()) {
			return;
		}
		if (protocol == icmp()) {
			load(Size.BYTE, Register.R8, 0);
			this.assembler.add(Register.R8, StackLayout.ICMP_TYPES);
			return;
		}
		load(Size.HALF, Register.R8, 2);
		this.assembler.networkOrder(Size.HALF, Register.R8);
		if (this.section.needsSourcePort()) {
			load(Size.HALF, Register.R0, 0);
			this.assembler.networkOrder(Size.HALF, Register.R0);
			this.assembler.store(Size.WORD, Register.R10, StackLayout.sourcePort(this.section), Register.R0);
		}
	}

	/** Go on inside a GRE header at R2. */
	void gre(Label otherwise) {
		require(this.assembler, GRE_SIZE, otherwise);
		this.assembler.jumpIf(Register.R5, Condition.SIGNED_LESS, GRE_SIZE, otherwise);
		load(Size.WORD, Register.R0, 0);
		this.assembler.networkOrder(Size.WORD, Register.R0);
		this.assembler.jumpIf(Register.R0, Condition.NOT_EQUAL, PLAIN_GRE, otherwise);
		advance(GRE_SIZE, GRE_SIZE);
	}

	/** Both the frame and the IP header must leave so many bytes. */
	private void requireBytes(int bytes) {
		require(this.assembler, bytes, this.pass);
		this.assembler.jumpIf(Register.R5, Condition.SIGNED_LESS, bytes, this.pass);
	}

	void advance(int bytes, int ofLength) {
		this.assembler.add(Register.R2, bytes);
		if (ofLength > 0) {
			this.assembler.add(Register.R5, -ofLength);
		}
	}

	void load(Size size, Register target, int offset) {
		this.assembler.load(size, target, Register.R2, offset);
	}

}
