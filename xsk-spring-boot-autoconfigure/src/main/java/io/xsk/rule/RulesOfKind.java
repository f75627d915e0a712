package io.xsk.rule;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * The rules that a packet of one kind can match, and what the program has to know of such
 * a packet.
 *
 * @param kind what the packet is
 * @param inner whether it is inside another one
 * @param rules the rules, with their places in the order in which rules are asked
 * @since 0.1.0
 */
public record RulesOfKind(Kind kind, boolean inner, List<Place> rules) {

	/** Types that mean a header which the program reads. */
	private static final Set<Integer> READ = Set.of(EtherType.IPV4, EtherType.IPV6, EtherType.VLAN,
			EtherType.SERVICE_VLAN);

	/**
	 * Choose the rules for a kind of packet.
	 * @param kind the kind
	 * @param rules all rules, in the order in which they are asked
	 * @return those that such a packet can match
	 */
	public static RulesOfKind of(Kind kind, List<RedirectRule> rules) {
		return of(kind, false, rules, (rule) -> true);
	}

	/**
	 * Choose the rules for what is inside another packet.
	 * @param encapsulation how it is inside
	 * @param rules all rules, in the order in which they are asked
	 * @return those that such a packet can match
	 */
	public static RulesOfKind inside(Encapsulation encapsulation, List<RedirectRule> rules) {
		return of(Kind.IPV4, true, rules, (rule) -> rule.inside().contains(encapsulation));
	}

	private static RulesOfKind of(Kind kind, boolean inner, List<RedirectRule> rules, Predicate<RedirectRule> filter) {
		List<Place> places = new ArrayList<>();
		for (int i = 0; i < rules.size(); i++) {
			if (filter.test(rules.get(i)) && canMatch(kind, rules.get(i))) {
				places.add(new Place(i, rules.get(i)));
			}
		}
		return new RulesOfKind(kind, inner, List.copyOf(places));
	}

	/** Tell whether a rule can match packets of a kind at all. */
	static boolean canMatch(Kind kind, RedirectRule rule) {
		if (kind == Kind.OTHER) {
			return rule.sources().isEmpty() && rule.destinations().isEmpty() && rule.protocols().isEmpty()
					&& !rule.needsTransport() && (rule.etherTypes().isEmpty() || !READ.containsAll(rule.etherTypes()));
		}
		boolean ipv6 = kind == Kind.IPV6;
		Set<Integer> protocols = protocols(kind, rule);
		return (rule.etherTypes().isEmpty() || rule.etherTypes().contains(ipv6 ? EtherType.IPV6 : EtherType.IPV4))
				&& hasFamily(rule.sources(), ipv6) && hasFamily(rule.destinations(), ipv6)
				&& (protocols == null || !protocols.isEmpty());
	}

	private static boolean hasFamily(Collection<IpPrefix> prefixes, boolean ipv6) {
		return prefixes.isEmpty() || prefixes.stream().anyMatch((prefix) -> prefix.ipv6() == ipv6);
	}

	/**
	 * Return the protocols that a rule can match.
	 * @param kind the kind of packet, IPv4 or IPv6
	 * @param rule the rule
	 * @return the protocols, {@code null} for all of them
	 */
	public static @Nullable Set<Integer> protocols(Kind kind, RedirectRule rule) {
		@Nullable Set<Integer> protocols = rule.protocols().isEmpty() ? null : rule.protocols();
		if (rule.hasShortPorts()) {
			TreeSet<Integer> shortForms = new TreeSet<>();
			for (int protocol : List.of(IpProtocol.UDP, IpProtocol.TCP)) {
				@Nullable List<PortRange> ports = ports(protocol, rule);
				if (ports != null && !ports.isEmpty()) {
					shortForms.add(protocol);
				}
			}
			protocols = intersection(protocols, shortForms);
		}
		if (rule.hasPorts()) {
			protocols = intersection(protocols, Set.of(IpProtocol.UDP, IpProtocol.TCP, IpProtocol.SCTP));
		}
		if (!rule.icmpTypes().isEmpty()) {
			protocols = intersection(protocols, Set.of((kind == Kind.IPV6) ? IpProtocol.ICMPV6 : IpProtocol.ICMP));
		}
		return protocols;
	}

	/** Return the destination ports that a rule can match in packets of one protocol. */
	static @Nullable List<PortRange> ports(int protocol, RedirectRule rule) {
		@Nullable List<PortRange> ports = rule.destinationPorts().isEmpty() ? null : rule.destinationPorts();
		if (!rule.hasShortPorts()) {
			return ports;
		}
		List<PortRange> shortForm = (protocol == IpProtocol.UDP) ? rule.udpPorts()
				: (protocol == IpProtocol.TCP) ? rule.tcpPorts() : List.of();
		return (ports != null) ? PortRange.common(shortForm, ports) : shortForm;
	}

	private static Set<Integer> intersection(@Nullable Set<Integer> protocols, Set<Integer> others) {
		TreeSet<Integer> common = new TreeSet<>(others);
		if (protocols != null) {
			common.retainAll(protocols);
		}
		return common;
	}

	/**
	 * Return whether no rule can match such a packet.
	 * @return {@code true} when there is none
	 */
	public boolean isEmpty() {
		return this.rules.isEmpty();
	}

	/**
	 * Return the protocols that any rule can match.
	 * @return the protocols, {@code null} for all of them
	 */
	public @Nullable Set<Integer> protocols() {
		TreeSet<Integer> union = new TreeSet<>();
		for (Place place : this.rules) {
			@Nullable Set<Integer> protocols = protocols(this.kind, place.rule());
			if (protocols == null) {
				return null;
			}
			union.addAll(protocols);
		}
		return union;
	}

	/**
	 * Return whether some rule can match a fragment.
	 * @return {@code false} when each asks for ports or ICMP types of whole packets
	 */
	public boolean matchesFragments() {
		return any((rule) -> !rule.needsTransport() || rule.firstFragments());
	}

	/**
	 * Return whether some rule asks for ports or ICMP types.
	 * @return {@code true} when the transport header has to be read
	 */
	public boolean needsPorts() {
		return any(RedirectRule::needsTransport);
	}

	/**
	 * Return whether some rule asks for source ports.
	 * @return {@code true} when one does
	 */
	public boolean needsSourcePort() {
		return any((rule) -> !rule.sourcePorts().isEmpty());
	}

	/**
	 * Return whether some rule asks for source addresses.
	 * @return {@code true} when one does
	 */
	public boolean needsSource() {
		return any((rule) -> !rule.sources().isEmpty());
	}

	/**
	 * Return whether some rule asks for destination addresses.
	 * @return {@code true} when one does
	 */
	public boolean needsDestination() {
		return any((rule) -> !rule.destinations().isEmpty());
	}

	/**
	 * Return the addresses of a rule that packets of this kind can have.
	 * @param rule the rule
	 * @param source whether those of the source are meant
	 * @return the addresses, empty for all of them
	 */
	public List<IpPrefix> addresses(RedirectRule rule, boolean source) {
		return (source ? rule.sources() : rule.destinations()).stream()
			.filter((prefix) -> prefix.ipv6() == (this.kind == Kind.IPV6))
			.toList();
	}

	/**
	 * Return the addresses without which a packet matches no rule.
	 * @param source whether those of the source are meant
	 * @return what all rules have in common, empty when they differ
	 */
	public List<IpPrefix> sharedAddresses(boolean source) {
		List<List<IpPrefix>> distinct = this.rules.stream()
			.map((place) -> addresses(place.rule(), source))
			.distinct()
			.limit(2)
			.toList();
		return (distinct.size() == 1) ? distinct.get(0) : List.of();
	}

	/**
	 * Return the destination ports without which a packet of a protocol matches no rule.
	 * @param protocol the protocol
	 * @return the one range that all rules for the protocol want, {@code null} when there
	 * is none, or more than one
	 */
	public @Nullable PortRange sharedPorts(int protocol) {
		Set<PortRange> wanted = new HashSet<>();
		for (Place place : this.rules) {
			@Nullable Set<Integer> protocols = protocols(this.kind, place.rule());
			if (protocols == null || protocols.contains(protocol)) {
				@Nullable List<PortRange> ports = ports(protocol, place.rule());
				if (ports == null) {
					return null;
				}
				wanted.addAll(ports);
			}
		}
		return (wanted.size() == 1) ? wanted.iterator().next() : null;
	}

	private boolean any(Predicate<RedirectRule> condition) {
		return this.rules.stream().anyMatch((place) -> condition.test(place.rule()));
	}

	/** What a packet is, to the program. */
	public enum Kind {

		/** IPv4. */
		IPV4,

		/** IPv6. */
		IPV6,

		/** Anything else. */
		OTHER

	}

	/**
	 * A rule and its place.
	 *
	 * @param index its place in the order in which rules are asked
	 * @param rule the rule
	 */
	public record Place(int index, RedirectRule rule) {
	}

}
