package io.xsk.bpf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * Finds rules that are probably not what was meant: that can never match, that another
 * one leaves nothing to, and that take what keeps the machine reachable.
 *
 * @since 0.1.0
 */
public final class RuleDiagnosis {

	private static final int ETHER_TYPE_ARP = 0x0806;

	private static final Integer[] NEIGHBOUR_DISCOVERY = { 133, 134, 135, 136, 137 };

	private static final List<Integer> PROTOCOLS_WITH_PORTS = List.of(RedirectRule.UDP, RedirectRule.TCP,
			RedirectRule.SCTP);

	private static final List<Section.Kind> IP = List.of(Section.Kind.IPV4, Section.Kind.IPV6);

	private final List<RedirectRule> rules;

	private final Set<Integer> sshPorts;

	private final List<Finding> findings = new ArrayList<>();

	private RuleDiagnosis(RedirectRules rules, Set<Integer> sshPorts) {
		this.rules = rules.ordered();
		this.sshPorts = sshPorts;
	}

	/**
	 * Examine rules.
	 * @param rules the rules
	 * @param sshPorts the ports that the machine's SSH server listens on
	 * @return what was found, in the order in which the rules are asked
	 */
	public static List<Finding> of(RedirectRules rules, Set<Integer> sshPorts) {
		if (rules.isAll()) {
			return List.of(new Finding(rules.names().get(0),
					("It takes every packet of the queues that have a socket: ARP, IPv6 neighbour discovery and SSH (port %s)"
							+ " among them. Name what your application wants instead, unless another interface leads to"
							+ " this machine.")
						.formatted(text(sshPorts))));
		}
		RuleDiagnosis diagnosis = new RuleDiagnosis(rules, sshPorts);
		for (int i = 0; i < diagnosis.rules.size(); i++) {
			diagnosis.examine(diagnosis.rules.get(i), diagnosis.rules.subList(0, i));
		}
		return List.copyOf(diagnosis.findings);
	}

	private void examine(RedirectRule rule, List<RedirectRule> earlier) {
		if (kinds(rule).isEmpty()) {
			add(rule, "It can never match, since %s. Correct it, or remove it.".formatted(contradiction(rule)));
			return;
		}
		for (RedirectRule other : earlier) {
			if (covers(other, rule)) {
				add(rule, (other.except() && !rule.except())
						? "It never redirects anything, since the exception '%s' lets all its packets go on to the kernel. Narrow the exception, or remove the rule."
							.formatted(other.name())
						: "It never counts anything, since rule '%s' before it takes all its packets. Put it in front, or remove it."
							.formatted(other.name()));
				return;
			}
		}
		if (!rule.except()) {
			RedirectRule.Builder ssh = RedirectRule.named("SSH")
				.tcpPorts(this.sshPorts.stream().map(PortRange::of).toList());
			warn(rule, RedirectRule.named("ARP").etherTypes(ETHER_TYPE_ARP).build(),
					"ARP, without which no IPv4 packet finds this machine", "ether-type: arp, except: true");
			warn(rule,
					RedirectRule.named("ND").etherTypes(Section.ETHER_TYPE_IPV6).icmpTypes(NEIGHBOUR_DISCOVERY).build(),
					"IPv6 neighbour discovery, without which no IPv6 packet finds this machine",
					"protocol: icmpv6, icmp-type: [133, 134, 135, 136, 137], except: true");
			warn(rule, ssh.build(), "TCP port %s, on which SSH listens".formatted(text(this.sshPorts)),
					"protocol: tcp, destination-port: %s, except: true".formatted(text(this.sshPorts)));
		}
	}

	private void warn(RedirectRule rule, RedirectRule vital, String what, String remedy) {
		if (!overlap(rule, vital)) {
			return;
		}
		RedirectRule narrowed = new RedirectRule(vital.name(), vital.etherTypes(), rule.vlans(), rule.sources(),
				rule.destinations(), vital.protocols(), List.of(), List.of(), List.of(), vital.tcpPorts(),
				vital.icmpTypes(), Set.of(), false, false);
		Predicate<RedirectRule> saves = (other) -> other.except() && (covers(other, vital) || covers(other, narrowed));
		if (this.rules.stream().noneMatch(saves)) {
			add(rule, "It would take %s. Add a rule with %s, or narrow this one.".formatted(what, remedy));
		}
	}

	private void add(RedirectRule rule, String text) {
		this.findings.add(new Finding(rule.name(), text));
	}

	private static String contradiction(RedirectRule rule) {
		Set<Integer> types = rule.etherTypes();
		if (!types.isEmpty() && types.stream()
			.allMatch((type) -> type == Section.ETHER_TYPE_VLAN || type == Section.ETHER_TYPE_SERVICE_VLAN)) {
			return "tags are looked behind: the EtherType is that of what follows them, and 'vlan' tells the tag";
		}
		if (!rule.icmpTypes().isEmpty() && rule.hasPorts()) {
			return "no packet has both an ICMP type and ports";
		}
		if (IP.stream().noneMatch((kind) -> isPossible(Section.protocols(kind, rule)))) {
			return rule.hasPorts() ? "packets of its protocols have no ports; UDP, TCP and SCTP have"
					: "packets of its protocols have no ICMP type";
		}
		return "its EtherTypes, addresses and protocols belong to different kinds of packets";
	}

	private static boolean isPossible(@Nullable Set<Integer> protocols) {
		return protocols == null || !protocols.isEmpty();
	}

	private static List<Section.Kind> kinds(RedirectRule rule) {
		return Arrays.stream(Section.Kind.values()).filter((kind) -> Section.canMatch(kind, rule)).toList();
	}

	private static boolean overlap(RedirectRule rule, RedirectRule vital) {
		boolean types = rule.etherTypes().isEmpty() || vital.etherTypes().isEmpty()
				|| !Collections.disjoint(rule.etherTypes(), vital.etherTypes());
		boolean messages = rule.icmpTypes().isEmpty() || vital.icmpTypes().isEmpty()
				|| !Collections.disjoint(rule.icmpTypes(), vital.icmpTypes());
		List<PortRange> ports = ports(rule, RedirectRule.TCP);
		boolean port = vital.tcpPorts().isEmpty() || ports.isEmpty()
				|| vital.tcpPorts()
					.stream()
					.anyMatch((range) -> ports.stream().anyMatch((other) -> contains(other, range)));
		return types && messages && port && kinds(vital).stream()
			.anyMatch((kind) -> Section.canMatch(kind, rule) && protocols(kind, rule, vital));
	}

	private static boolean protocols(Section.Kind kind, RedirectRule rule, RedirectRule vital) {
		@Nullable Set<Integer> first = Section.protocols(kind, rule);
		@Nullable Set<Integer> second = Section.protocols(kind, vital);
		return first == null || second == null || !Collections.disjoint(first, second);
	}

	/**
	 * Tell whether one rule takes every packet that another one takes. It may say no for
	 * rules that are too different to tell.
	 * @param rule the one
	 * @param other the other one
	 * @return whether it does for certain
	 */
	static boolean covers(RedirectRule rule, RedirectRule other) {
		return covers(rule.etherTypes(), other.etherTypes()) && covers(rule.vlans(), other.vlans())
				&& covers(rule.icmpTypes(), other.icmpTypes()) && coversAddresses(rule.sources(), other.sources())
				&& coversAddresses(rule.destinations(), other.destinations())
				&& rule.inside().containsAll(other.inside()) && coversFragments(rule, other)
				&& coversPorts(rule.sourcePorts(), other.sourcePorts())
				&& kinds(other).stream().allMatch((kind) -> coversKind(kind, rule, other));
	}

	private static boolean coversKind(Section.Kind kind, RedirectRule rule, RedirectRule other) {
		if (!Section.canMatch(kind, rule)) {
			return false;
		}
		if (kind == Section.Kind.OTHER) {
			return true;
		}
		@Nullable Set<Integer> protocols = Section.protocols(kind, rule);
		@Nullable Set<Integer> others = Section.protocols(kind, other);
		if (protocols != null && (others == null || !protocols.containsAll(others))) {
			return false;
		}
		return PROTOCOLS_WITH_PORTS.stream()
			.filter((protocol) -> others == null || others.contains(protocol))
			.allMatch((protocol) -> coversPorts(ports(rule, protocol), ports(other, protocol)));
	}

	/** The destination ports of one protocol, empty for all. */
	private static List<PortRange> ports(RedirectRule rule, int protocol) {
		if (!rule.hasShortPorts()) {
			return rule.destinationPorts();
		}
		return (protocol == RedirectRule.UDP) ? rule.udpPorts()
				: (protocol == RedirectRule.TCP) ? rule.tcpPorts() : List.of();
	}

	private static boolean covers(Collection<Integer> values, Collection<Integer> others) {
		return values.isEmpty() || !others.isEmpty() && values.containsAll(others);
	}

	private static boolean coversAddresses(List<IpPrefix> prefixes, List<IpPrefix> others) {
		return prefixes.isEmpty() || !others.isEmpty()
				&& others.stream().allMatch((other) -> prefixes.stream().anyMatch((prefix) -> prefix.contains(other)));
	}

	private static boolean coversPorts(List<PortRange> ports, List<PortRange> others) {
		return ports.isEmpty() || !others.isEmpty()
				&& others.stream().allMatch((other) -> ports.stream().anyMatch((range) -> contains(range, other)));
	}

	private static boolean contains(PortRange range, PortRange other) {
		return range.first() <= other.first() && other.last() <= range.last();
	}

	private static boolean coversFragments(RedirectRule rule, RedirectRule other) {
		if (!rule.needsTransport()) {
			return true;
		}
		return other.needsTransport() && (rule.firstFragments() || !other.firstFragments());
	}

	private static String text(Set<Integer> ports) {
		return String.join(", ", ports.stream().map(String::valueOf).toList());
	}

	/**
	 * Something about a rule.
	 *
	 * @param rule the name of the rule
	 * @param text what is the matter, and what to do
	 */
	public record Finding(String rule, String text) {
	}

}
