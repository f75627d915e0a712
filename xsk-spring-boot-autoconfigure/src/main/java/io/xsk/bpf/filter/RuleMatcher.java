package io.xsk.bpf.filter;

import java.util.Collection;
import java.util.List;
import java.util.Set;

import io.xsk.bpf.asm.BpfAssembler;
import io.xsk.bpf.asm.Condition;
import io.xsk.bpf.asm.Label;
import io.xsk.bpf.asm.LinuxXdp;
import io.xsk.bpf.asm.Register;
import io.xsk.bpf.asm.Size;
import io.xsk.rule.IpProtocol;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RulesOfKind;

/**
 * Writes code that finds the first rule of a section that a parsed packet matches. What
 * it reads is described at {@link StackLayout}.
 */
final class RuleMatcher {

	private static final int MAX_PORT = 65535;

	private static final int WORD_SHIFT = 6;

	private static final int WORD_MASK = Long.SIZE - 1;

	private final BpfAssembler assembler;

	private final RulesOfKind section;

	private final Addresses addresses;

	private final ProgramMaps maps;

	private final MapLimits limits;

	private final Label matched;

	/** Prepare to match. */
	RuleMatcher(BpfAssembler assembler, RulesOfKind section, Addresses addresses, ProgramMaps maps, MapLimits limits,
			Label matched) {
		this.assembler = assembler;
		this.section = section;
		this.addresses = addresses;
		this.maps = maps;
		this.limits = limits;
		this.matched = matched;
	}

	/** Try all rules. */
	void match(Label miss) {
		List<RulesOfKind.Place> places = this.section.rules();
		int i = 0;
		while (i < places.size()) {
			List<RulesOfKind.Place> group = PortGroup.of(places.subList(i, places.size()));
			i += group.size();
			Label next = (i < places.size()) ? this.assembler.label("rule after " + places.get(i - 1).rule().name())
					: miss;
			if (group.size() > 1) {
				matchGroup(group, next);
			}
			else {
				fields(group.get(0).rule(), next);
				ports(group.get(0).rule(), next);
				found(group.get(0).index());
			}
			if (next != miss) {
				this.assembler.bind(next);
			}
			if (!this.assembler.isReachable()) {
				return;
			}
		}
	}

	private void matchGroup(List<RulesOfKind.Place> group, Label next) {
		RedirectRule first = group.get(0).rule();
		fields(first, next);
		sourcePorts(first, next);
		PortGroup.protocol(first)
			.ifPresent((protocol) -> this.assembler.jumpIf(Register.R7, Condition.NOT_EQUAL, protocol, next));
		List<Label> targets = group.stream().map((place) -> this.assembler.label(place.rule().name())).toList();
		RangeTree.search(this.assembler, Register.R8, PortGroup.leaves(group, targets), next);
		for (int i = 0; i < targets.size(); i++) {
			if (targets.get(i).isUsed()) {
				this.assembler.bind(targets.get(i));
				found(group.get(i).index());
			}
		}
	}

	private void found(int index) {
		this.assembler.move(Register.R7, index);
		this.assembler.jump(this.matched);
	}

	private void fields(RedirectRule rule, Label next) {
		if (this.section.kind() == RulesOfKind.Kind.OTHER) {
			number(Register.R7, rule.etherTypes(), next);
		}
		else {
			if (!protocolIsKnown(rule)) {
				number(Register.R7, rule.protocols(), next);
			}
			if (rule.needsTransport() && !rule.firstFragments() && this.section.matchesFragments()) {
				this.assembler.jumpIf(Register.R9, Condition.NOT_EQUAL, StackLayout.WHOLE, next);
			}
			this.addresses.match(rule, true, next);
			this.addresses.match(rule, false, next);
		}
		vlans(rule.vlans(), next);
	}

	/** When every packet that comes here has the only protocol that rules want. */
	private boolean protocolIsKnown(RedirectRule rule) {
		Set<Integer> wanted = this.section.protocols();
		return wanted != null && wanted.size() == 1 && wanted.equals(RulesOfKind.protocols(this.section.kind(), rule));
	}

	private void number(Register value, Collection<Integer> numbers, Label next) {
		if (!numbers.isEmpty()) {
			Label found = this.assembler.label("number");
			RangeTree.search(this.assembler, value,
					numbers.stream().map((number) -> new RangeTree.Leaf(number, number, found)).toList(), next);
			this.assembler.bind(found);
		}
	}

	private void vlans(Collection<Integer> ids, Label next) {
		if (ids.isEmpty()) {
			return;
		}
		Label found = this.assembler.label("VLAN");
		Label second = this.assembler.label("second VLAN tag");
		List<RangeTree.Leaf> leaves = ids.stream().map((id) -> new RangeTree.Leaf(id, id, found)).toList();
		this.assembler.load(Size.WORD, Register.R0, Register.R10, StackLayout.VLANS[0]);
		RangeTree.search(this.assembler, Register.R0, leaves, second);
		this.assembler.bind(second);
		this.assembler.load(Size.WORD, Register.R0, Register.R10, StackLayout.VLANS[1]);
		RangeTree.search(this.assembler, Register.R0, leaves, next);
		this.assembler.bind(found);
	}

	private void ports(RedirectRule rule, Label next) {
		sourcePorts(rule, next);
		if (!rule.destinationPorts().isEmpty()) {
			portSet(Register.R8, rule.destinationPorts(), next);
		}
		if (rule.hasShortPorts()) {
			shortPorts(rule, next);
		}
		if (!rule.icmpTypes().isEmpty()) {
			number(Register.R8, rule.icmpTypes().stream().map((type) -> StackLayout.ICMP_TYPES + type).toList(), next);
		}
	}

	private void sourcePorts(RedirectRule rule, Label next) {
		if (!rule.sourcePorts().isEmpty()) {
			// Without ports in the packet, nothing was stored
			this.assembler.jumpIf(Register.R8, Condition.GREATER, MAX_PORT, next);
			this.assembler.load(Size.WORD, Register.R0, Register.R10, StackLayout.sourcePort(this.section));
			portSet(Register.R0, rule.sourcePorts(), next);
		}
	}

	private void shortPorts(RedirectRule rule, Label next) {
		if (rule.tcpPorts().isEmpty() || rule.udpPorts().isEmpty()) {
			if (!protocolIsKnown(rule)) {
				this.assembler.jumpIf(Register.R7, Condition.NOT_EQUAL,
						rule.tcpPorts().isEmpty() ? IpProtocol.UDP : IpProtocol.TCP, next);
			}
			portSet(Register.R8, rule.tcpPorts().isEmpty() ? rule.udpPorts() : rule.tcpPorts(), next);
			return;
		}
		Label tcp = this.assembler.label("not UDP");
		Label found = this.assembler.label("port");
		this.assembler.jumpIf(Register.R7, Condition.NOT_EQUAL, IpProtocol.UDP, tcp);
		portSet(Register.R8, rule.udpPorts(), next);
		this.assembler.jump(found);
		this.assembler.bind(tcp);
		this.assembler.jumpIf(Register.R7, Condition.NOT_EQUAL, IpProtocol.TCP, next);
		portSet(Register.R8, rule.tcpPorts(), next);
		this.assembler.bind(found);
	}

	private void portSet(Register value, List<PortRange> ports, Label next) {
		if (ports.size() <= this.limits.portRanges()) {
			Label found = this.assembler.label("port");
			RangeTree.search(this.assembler, value,
					ports.stream().map((range) -> new RangeTree.Leaf(range.first(), range.last(), found)).toList(),
					next);
			this.assembler.bind(found);
			return;
		}
		this.assembler.move(Register.R1, value);
		this.assembler.shiftRight(Register.R1, WORD_SHIFT);
		this.assembler.store(Size.WORD, Register.R10, StackLayout.KEY, Register.R1);
		// The port itself has to outlive the call
		boolean kept = value == Register.R8;
		if (!kept) {
			this.assembler.store(Size.WORD, Register.R10, StackLayout.PREFIX_KEY, value);
		}
		lookUp(this.assembler, this.maps.ports(ports), StackLayout.KEY);
		this.assembler.jumpIf(Register.R0, Condition.EQUAL, 0, next);
		this.assembler.load(Size.DOUBLE, Register.R0, Register.R0, 0);
		if (kept) {
			this.assembler.move(Register.R1, value);
		}
		else {
			this.assembler.load(Size.WORD, Register.R1, Register.R10, StackLayout.PREFIX_KEY);
		}
		this.assembler.and(Register.R1, WORD_MASK);
		this.assembler.shiftRight(Register.R0, Register.R1);
		this.assembler.and(Register.R0, 1);
		this.assembler.jumpIf(Register.R0, Condition.EQUAL, 0, next);
	}

	/** Look up a key on the stack; the address of the value, or 0, is in R0 then. */
	static void lookUp(BpfAssembler assembler, int map, int key) {
		assembler.loadMap(Register.R1, map);
		assembler.move(Register.R2, Register.R10);
		assembler.add(Register.R2, key);
		assembler.call(LinuxXdp.BPF_FUNC_MAP_LOOKUP_ELEM, 2);
	}

}
