package io.xsk.bpf.filter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import io.xsk.bpf.asm.Label;
import io.xsk.rule.IpProtocol;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RulesOfKind;
import org.jspecify.annotations.Nullable;

/**
 * Rules in a row that differ in their destination ports alone: one search finds the first
 * of them that a packet matches.
 */
final class PortGroup {

	private static final int PORTS = 1 << 16;

	private static final List<PortRange> ANY = List.of(new PortRange(1, PORTS - 1));

	private PortGroup() {
	}

	/** Find how many rules form a group. */
	static List<RulesOfKind.Place> of(List<RulesOfKind.Place> places) {
		RedirectRule first = places.get(0).rule();
		int end = 1;
		if (ports(first) != null) {
			RedirectRule rest = withoutPorts(first);
			while (end < places.size() && ports(places.get(end).rule()) != null
					&& withoutPorts(places.get(end).rule()).equals(rest)) {
				end++;
			}
		}
		return places.subList(0, end);
	}

	/** The ports, null where other fields speak of ports too. */
	private static @Nullable List<PortRange> ports(RedirectRule rule) {
		List<List<PortRange>> given = new ArrayList<>();
		for (List<PortRange> ports : List.of(rule.destinationPorts(), rule.udpPorts(), rule.tcpPorts())) {
			if (!ports.isEmpty()) {
				given.add(ports);
			}
		}
		return (given.size() == 1 && rule.icmpTypes().isEmpty()) ? given.get(0) : null;
	}

	private static RedirectRule withoutPorts(RedirectRule rule) {
		return new RedirectRule("group", rule.etherTypes(), rule.vlans(), rule.sources(), rule.destinations(),
				rule.protocols(), rule.sourcePorts(), any(rule.destinationPorts()), any(rule.udpPorts()),
				any(rule.tcpPorts()), rule.icmpTypes(), rule.inside(), rule.firstFragments(), rule.except());
	}

	private static List<PortRange> any(List<PortRange> ports) {
		return ports.isEmpty() ? ports : ANY;
	}

	/** Return the protocol that a short form asks for. */
	static Optional<Integer> protocol(RedirectRule rule) {
		if (!rule.udpPorts().isEmpty()) {
			return Optional.of(IpProtocol.UDP);
		}
		return rule.tcpPorts().isEmpty() ? Optional.empty() : Optional.of(IpProtocol.TCP);
	}

	/** Divide the ports among the rules: the first that wants a port gets it. */
	static List<RangeTree.Leaf> leaves(List<RulesOfKind.Place> group, List<Label> targets) {
		int[] owners = new int[PORTS + 1];
		for (int i = group.size() - 1; i >= 0; i--) {
			List<PortRange> ports = ports(group.get(i).rule());
			for (PortRange range : (ports != null) ? ports : List.<PortRange>of()) {
				Arrays.fill(owners, range.first(), range.last() + 1, i + 1);
			}
		}
		List<RangeTree.Leaf> leaves = new ArrayList<>();
		int start = 0;
		for (int port = 1; port <= PORTS; port++) {
			if (owners[port] != owners[start]) {
				if (owners[start] != 0) {
					leaves.add(new RangeTree.Leaf(start, port - 1, targets.get(owners[start] - 1)));
				}
				start = port;
			}
		}
		return leaves;
	}

}
