package io.xsk.rule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Finds rules that are probably not what was meant: that can never match, that another
 * one leaves nothing to, and that take what keeps the machine reachable.
 *
 * @since 0.1.0
 */
public final class RuleDiagnosis {

	private static final List<Integer> NEIGHBOUR_DISCOVERY = List.of(133, 134, 135, 136, 137);

	private static final Map<Integer, String> NAMES = Map.of(IpProtocol.UDP, "udp", IpProtocol.TCP, "tcp",
			IpProtocol.SCTP, "sctp");

	private static final List<Integer> PROTOCOLS_WITH_PORTS = List.of(IpProtocol.UDP, IpProtocol.TCP, IpProtocol.SCTP);

	private static final List<RulesOfKind.Kind> IP = List.of(RulesOfKind.Kind.IPV4, RulesOfKind.Kind.IPV6);

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
		extensionHeaders(rule);
		if (rule.except()) {
			fragments(rule);
		}
		else {
			vital(rule);
		}
	}

	private void extensionHeaders(RedirectRule rule) {
		Set<Integer> walked = new TreeSet<>(rule.protocols());
		walked.removeIf((protocol) -> !IpProtocol.isExtension(protocol));
		if (!walked.isEmpty() && RulesOfKind.canMatch(RulesOfKind.Kind.IPV6, rule)) {
			add(rule,
					("On IPv6 its protocol %s is an extension header, which is looked behind: the protocol of a packet"
							+ " is what follows its extension headers. Name that one, or add ether-type: ipv4 where only IPv4 is"
							+ " meant.")
						.formatted(text(walked)));
		}
	}

	/** What an exception on ports does not do for the fragments of its packets. */
	private void fragments(RedirectRule exception) {
		@Nullable Set<Integer> protocols = RulesOfKind.protocols(RulesOfKind.Kind.IPV4, exception);
		if (!exception.hasPorts() || protocols == null) {
			return;
		}
		RedirectRule whole = new RedirectRule(exception.name(), exception.etherTypes(), exception.vlans(),
				exception.sources(), exception.destinations(), new TreeSet<>(protocols), List.of(), List.of(),
				List.of(), List.of(), exception.icmpTypes(), exception.inside(), false, true);
		if (this.rules.stream().anyMatch((other) -> other.except() && covers(other, whole))) {
			return;
		}
		for (RedirectRule rule : this.rules) {
			if (rule.except()) {
				continue;
			}
			if (!rule.needsTransport() && meet(rule, whole)) {
				add(exception,
						("Fragments have no ports: those of its packets match rule '%1$s' all the same. Add an"
								+ " exception without ports (protocol: %2$s, except: true), or give rule '%1$s' ports.")
							.formatted(rule.name(), protocols.stream().map(NAMES::get).toList()));
			}
			else if (rule.firstFragments() && !exception.firstFragments() && meet(rule, exception)) {
				add(exception,
						"The first fragments of its packets match rule '%s' all the same. Give the exception 'fragments: first' too."
							.formatted(rule.name()));
			}
		}
	}

	/** What a rule takes that keeps the machine reachable. */
	private void vital(RedirectRule rule) {
		if (takes(rule, RedirectRule.named("ARP").etherTypes(EtherType.ARP))) {
			warn(rule, "ARP, without which no IPv4 packet finds this machine", "ether-type: arp, except: true");
		}
		if (NEIGHBOUR_DISCOVERY.stream()
			.anyMatch((type) -> takes(rule, RedirectRule.named("ND").etherTypes(EtherType.IPV6).icmpTypes(type)))) {
			warn(rule, "IPv6 neighbour discovery, without which no IPv6 packet finds this machine",
					"protocol: icmpv6, icmp-type: %s, except: true".formatted(NEIGHBOUR_DISCOVERY));
		}
		List<Integer> ssh = this.sshPorts.stream()
			.filter((port) -> takes(rule, RedirectRule.named("SSH").tcpPorts(List.of(PortRange.of(port)))))
			.toList();
		if (!ssh.isEmpty()) {
			warn(rule, "TCP port %s, on which SSH listens".formatted(text(ssh)),
					"protocol: tcp, destination-port: %s, except: true"
						.formatted((ssh.size() == 1) ? ssh.get(0) : ssh));
		}
	}

	private boolean takes(RedirectRule rule, RedirectRule.Builder builder) {
		RedirectRule vital = builder.build();
		RedirectRule narrowed = new RedirectRule(vital.name(), vital.etherTypes(), rule.vlans(), rule.sources(),
				rule.destinations(), vital.protocols(), List.of(), List.of(), List.of(), vital.tcpPorts(),
				vital.icmpTypes(), Set.of(), false, false);
		return meet(rule, vital) && this.rules.stream()
			.noneMatch((other) -> other.except() && (covers(other, vital) || covers(other, narrowed)));
	}

	private void warn(RedirectRule rule, String what, String remedy) {
		add(rule, "It would take %s. Add a rule with %s, or narrow this one.".formatted(what, remedy));
	}

	private void add(RedirectRule rule, String text) {
		this.findings.add(new Finding(rule.name(), text));
	}

	private static String contradiction(RedirectRule rule) {
		Set<Integer> types = rule.etherTypes();
		if (!types.isEmpty()
				&& types.stream().allMatch((type) -> type == EtherType.VLAN || type == EtherType.SERVICE_VLAN)) {
			return "tags are looked behind: the EtherType is that of what follows them, and 'vlan' tells the tag";
		}
		if (!rule.icmpTypes().isEmpty() && rule.hasPorts()) {
			return "no packet has both an ICMP type and ports";
		}
		if (!rule.destinationPorts().isEmpty() && rule.hasShortPorts() && PROTOCOLS_WITH_PORTS.stream()
			.allMatch((protocol) -> List.of().equals(RulesOfKind.ports(protocol, rule)))) {
			return "none of its destination ports is one of its UDP or TCP ports";
		}
		if (IP.stream().noneMatch((kind) -> isPossible(RulesOfKind.protocols(kind, rule)))) {
			return rule.hasPorts() ? "packets of its protocols have no ports; UDP, TCP and SCTP have"
					: "packets of its protocols have no ICMP type";
		}
		return "its EtherTypes, addresses and protocols belong to different kinds of packets";
	}

	private static boolean isPossible(@Nullable Set<Integer> protocols) {
		return protocols == null || !protocols.isEmpty();
	}

	private static List<RulesOfKind.Kind> kinds(RedirectRule rule) {
		return Arrays.stream(RulesOfKind.Kind.values()).filter((kind) -> RulesOfKind.canMatch(kind, rule)).toList();
	}

	/** Whether a packet may match both; each may have a VLAN tag of its own. */
	private static boolean meet(RedirectRule rule, RedirectRule other) {
		return meet(rule.etherTypes(), other.etherTypes()) && meet(rule.icmpTypes(), other.icmpTypes())
				&& meetAddresses(rule.sources(), other.sources())
				&& meetAddresses(rule.destinations(), other.destinations()) && kinds(other).stream()
					.anyMatch((kind) -> RulesOfKind.canMatch(kind, rule) && meetKind(kind, rule, other));
	}

	private static boolean meetKind(RulesOfKind.Kind kind, RedirectRule rule, RedirectRule other) {
		@Nullable Set<Integer> protocols = RulesOfKind.protocols(kind, rule);
		@Nullable Set<Integer> others = RulesOfKind.protocols(kind, other);
		Set<Integer> both = new TreeSet<>((protocols != null) ? protocols : (others != null) ? others : Set.of());
		if (protocols == null && others == null) {
			return true;
		}
		if (protocols != null && others != null) {
			both.retainAll(others);
		}
		return both.stream()
			.anyMatch((protocol) -> !PROTOCOLS_WITH_PORTS.contains(protocol)
					|| meetPorts(RulesOfKind.ports(protocol, rule), RulesOfKind.ports(protocol, other)));
	}

	private static boolean meet(Collection<Integer> values, Collection<Integer> others) {
		return values.isEmpty() || others.isEmpty() || !Collections.disjoint(values, others);
	}

	private static boolean meetAddresses(List<IpPrefix> prefixes, List<IpPrefix> others) {
		return prefixes.isEmpty() || others.isEmpty() || prefixes.stream()
			.anyMatch(
					(prefix) -> others.stream().anyMatch((other) -> prefix.contains(other) || other.contains(prefix)));
	}

	private static boolean meetPorts(@Nullable List<PortRange> ports, @Nullable List<PortRange> others) {
		return ports == null || others == null || !PortRange.common(ports, others).isEmpty();
	}

	/**
	 * Tell whether one rule takes every packet that another one takes. It may say no for
	 * rules that are too different to tell.
	 */
	static boolean covers(RedirectRule rule, RedirectRule other) {
		return covers(rule.etherTypes(), other.etherTypes()) && covers(rule.vlans(), other.vlans())
				&& covers(rule.icmpTypes(), other.icmpTypes()) && coversAddresses(rule.sources(), other.sources())
				&& coversAddresses(rule.destinations(), other.destinations())
				&& rule.inside().containsAll(other.inside()) && coversFragments(rule, other)
				&& coversPorts(anyIfEmpty(rule.sourcePorts()), anyIfEmpty(other.sourcePorts()))
				&& kinds(other).stream().allMatch((kind) -> coversKind(kind, rule, other));
	}

	private static boolean coversKind(RulesOfKind.Kind kind, RedirectRule rule, RedirectRule other) {
		if (!RulesOfKind.canMatch(kind, rule)) {
			return false;
		}
		if (kind == RulesOfKind.Kind.OTHER) {
			return true;
		}
		@Nullable Set<Integer> protocols = RulesOfKind.protocols(kind, rule);
		@Nullable Set<Integer> others = RulesOfKind.protocols(kind, other);
		if (protocols != null && (others == null || !protocols.containsAll(others))) {
			return false;
		}
		return PROTOCOLS_WITH_PORTS.stream()
			.filter((protocol) -> others == null || others.contains(protocol))
			.allMatch((protocol) -> coversPorts(RulesOfKind.ports(protocol, rule), RulesOfKind.ports(protocol, other)));
	}

	private static boolean covers(Collection<Integer> values, Collection<Integer> others) {
		return values.isEmpty() || !others.isEmpty() && values.containsAll(others);
	}

	private static boolean coversAddresses(List<IpPrefix> prefixes, List<IpPrefix> others) {
		return prefixes.isEmpty() || !others.isEmpty()
				&& others.stream().allMatch((other) -> prefixes.stream().anyMatch((prefix) -> prefix.contains(other)));
	}

	private static @Nullable List<PortRange> anyIfEmpty(List<PortRange> ports) {
		return ports.isEmpty() ? null : ports;
	}

	private static boolean coversPorts(@Nullable List<PortRange> ports, @Nullable List<PortRange> others) {
		return ports == null || others != null && PortRange.common(ports, others).equals(others);
	}

	private static boolean coversFragments(RedirectRule rule, RedirectRule other) {
		if (!rule.needsTransport()) {
			return true;
		}
		return other.needsTransport() && (rule.firstFragments() || !other.firstFragments());
	}

	private static String text(Collection<Integer> numbers) {
		return String.join(", ", numbers.stream().map(String::valueOf).toList());
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
