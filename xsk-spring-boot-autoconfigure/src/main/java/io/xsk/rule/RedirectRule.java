package io.xsk.rule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One rule: a packet matches it when all its fields match, a field when any of its values
 * does, and an empty field matches everything. Immutable.
 *
 * @param name what warnings and counters call it
 * @param etherTypes the type of what follows the Ethernet header and its VLAN tags,
 * 0x0600 to 0xffff
 * @param vlans the id of one of the packet's VLAN tags, 0 to 4095; the two outermost are
 * looked at
 * @param sources the source address
 * @param destinations the destination address
 * @param protocols the protocol in the IPv4 header, or behind the extension headers of
 * IPv6, 0 to 255
 * @param sourcePorts the source port of UDP, TCP or SCTP
 * @param destinationPorts the destination port of UDP, TCP or SCTP
 * @param udpPorts the destination port of UDP; a packet of {@code tcpPorts} matches
 * instead
 * @param tcpPorts the destination port of TCP; a packet of {@code udpPorts} matches
 * instead
 * @param icmpTypes the type of ICMP, or of ICMPv6, 0 to 255
 * @param inside where the rule looks beside the plain packet
 * @param firstFragments whether the first fragment of a packet matches by ports or ICMP
 * type; without it no fragment does
 * @param except whether matching packets go on to the kernel, whatever other rules say;
 * one on ports does not match fragments either, and keeps none from another rule
 * @since 0.1.0
 */
public record RedirectRule(String name, SortedSet<Integer> etherTypes, SortedSet<Integer> vlans, List<IpPrefix> sources,
		List<IpPrefix> destinations, SortedSet<Integer> protocols, List<PortRange> sourcePorts,
		List<PortRange> destinationPorts, List<PortRange> udpPorts, List<PortRange> tcpPorts,
		SortedSet<Integer> icmpTypes, Set<Encapsulation> inside, boolean firstFragments, boolean except) {

	private static final int MIN_ETHER_TYPE = 0x0600;

	private static final int MAX_ETHER_TYPE = 0xffff;

	private static final int MAX_VLAN = 4095;

	private static final int MAX_BYTE = 255;

	/**
	 * Create a rule. {@link #named} is easier.
	 * @param name what warnings and counters call it
	 * @param etherTypes types in the Ethernet header
	 * @param vlans VLAN ids
	 * @param sources source addresses
	 * @param destinations destination addresses
	 * @param protocols protocols
	 * @param sourcePorts source ports
	 * @param destinationPorts destination ports
	 * @param udpPorts UDP destination ports
	 * @param tcpPorts TCP destination ports
	 * @param icmpTypes types of ICMP
	 * @param inside where to look beside the plain packet
	 * @param firstFragments whether first fragments match
	 * @param except whether it is an exception
	 * @throws IllegalArgumentException when a value is outside its range, or there is no
	 * field at all
	 */
	public RedirectRule {
		if (name.isBlank()) {
			throw new IllegalArgumentException("A rule needs a name, for warnings and counters.");
		}
		etherTypes = values("EtherType", etherTypes, MIN_ETHER_TYPE, MAX_ETHER_TYPE);
		vlans = values("VLAN id", vlans, 0, MAX_VLAN);
		sources = List.copyOf(sources);
		destinations = List.copyOf(destinations);
		protocols = values("protocol", protocols, 0, MAX_BYTE);
		sourcePorts = PortRange.merge(sourcePorts);
		destinationPorts = PortRange.merge(destinationPorts);
		udpPorts = PortRange.merge(udpPorts);
		tcpPorts = PortRange.merge(tcpPorts);
		icmpTypes = values("ICMP type", icmpTypes, 0, MAX_BYTE);
		inside = inside.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(inside));
		if (etherTypes.isEmpty() && vlans.isEmpty() && sources.isEmpty() && destinations.isEmpty()
				&& protocols.isEmpty() && sourcePorts.isEmpty() && destinationPorts.isEmpty() && udpPorts.isEmpty()
				&& tcpPorts.isEmpty() && icmpTypes.isEmpty()) {
			throw new IllegalArgumentException(
					"Rule '%s' has no field and would take every packet. Name at least one field, or redirect all packets explicitly."
						.formatted(name));
		}
	}

	private static SortedSet<Integer> values(String what, Collection<Integer> values, int min, int max) {
		for (int value : values) {
			if (value < min || value > max) {
				throw new IllegalArgumentException("%d (0x%x) is not a valid %s. Choose one from %d to %d."
					.formatted(value, value, what, min, max));
			}
		}
		return Collections.unmodifiableSortedSet(new TreeSet<>(values));
	}

	/**
	 * Start a rule.
	 * @param name what warnings and counters call it
	 * @return a builder whose fields match everything
	 */
	public static Builder named(String name) {
		return new Builder(name);
	}

	/** Return whether the rule asks for a port. */
	boolean hasPorts() {
		return !this.sourcePorts.isEmpty() || !this.destinationPorts.isEmpty() || hasShortPorts();
	}

	/**
	 * Return whether the rule has one of the short forms.
	 * @return {@code true} for UDP or TCP ports that are alternatives
	 */
	public boolean hasShortPorts() {
		return !this.udpPorts.isEmpty() || !this.tcpPorts.isEmpty();
	}

	/**
	 * Return whether the rule asks for something behind the IP header, which a fragment
	 * need not have.
	 * @return {@code true} for ports and ICMP types
	 */
	public boolean needsTransport() {
		return hasPorts() || !this.icmpTypes.isEmpty();
	}

	@Override
	public String toString() {
		return RuleText.of(this);
	}

	/**
	 * Builds a rule. Not thread-safe.
	 */
	public static final class Builder {

		private final String name;

		private final TreeSet<Integer> etherTypes = new TreeSet<>();

		private final TreeSet<Integer> vlans = new TreeSet<>();

		private final List<IpPrefix> sources = new ArrayList<>();

		private final List<IpPrefix> destinations = new ArrayList<>();

		private final TreeSet<Integer> protocols = new TreeSet<>();

		private final List<PortRange> sourcePorts = new ArrayList<>();

		private final List<PortRange> destinationPorts = new ArrayList<>();

		private final List<PortRange> udpPorts = new ArrayList<>();

		private final List<PortRange> tcpPorts = new ArrayList<>();

		private final TreeSet<Integer> icmpTypes = new TreeSet<>();

		private final Set<Encapsulation> inside = EnumSet.noneOf(Encapsulation.class);

		private boolean firstFragments;

		private boolean except;

		private Builder(String name) {
			this.name = name;
		}

		/**
		 * Match by what follows the Ethernet header and its VLAN tags.
		 * @param types 0x0600 to 0xffff
		 * @return this
		 */
		public Builder etherTypes(Integer... types) {
			this.etherTypes.addAll(Arrays.asList(types));
			return this;
		}

		/**
		 * Match by VLAN id.
		 * @param ids 0 to 4095
		 * @return this
		 */
		public Builder vlans(Integer... ids) {
			this.vlans.addAll(Arrays.asList(ids));
			return this;
		}

		/**
		 * Match by source address.
		 * @param prefixes the addresses
		 * @return this
		 */
		public Builder sources(Collection<IpPrefix> prefixes) {
			this.sources.addAll(prefixes);
			return this;
		}

		/**
		 * Match by destination address.
		 * @param prefixes the addresses
		 * @return this
		 */
		public Builder destinations(Collection<IpPrefix> prefixes) {
			this.destinations.addAll(prefixes);
			return this;
		}

		/**
		 * Match by protocol.
		 * @param numbers 0 to 255, 17 for UDP for example
		 * @return this
		 */
		public Builder protocols(Integer... numbers) {
			this.protocols.addAll(Arrays.asList(numbers));
			return this;
		}

		/**
		 * Match by source port of UDP, TCP or SCTP.
		 * @param ports the ports
		 * @return this
		 */
		public Builder sourcePorts(Collection<PortRange> ports) {
			this.sourcePorts.addAll(ports);
			return this;
		}

		/**
		 * Match by destination port of UDP, TCP or SCTP.
		 * @param ports the ports
		 * @return this
		 */
		public Builder destinationPorts(Collection<PortRange> ports) {
			this.destinationPorts.addAll(ports);
			return this;
		}

		/**
		 * Match by destination port of UDP, or by what {@link #tcpPorts} says.
		 * @param ports the ports
		 * @return this
		 */
		public Builder udpPorts(Collection<PortRange> ports) {
			this.udpPorts.addAll(ports);
			return this;
		}

		/**
		 * Match by destination port of TCP, or by what {@link #udpPorts} says.
		 * @param ports the ports
		 * @return this
		 */
		public Builder tcpPorts(Collection<PortRange> ports) {
			this.tcpPorts.addAll(ports);
			return this;
		}

		/**
		 * Match by type of ICMP, in IPv4, or of ICMPv6, in IPv6.
		 * @param types 0 to 255
		 * @return this
		 */
		public Builder icmpTypes(Integer... types) {
			this.icmpTypes.addAll(Arrays.asList(types));
			return this;
		}

		/**
		 * Look into encapsulated packets too.
		 * @param encapsulations which
		 * @return this
		 */
		public Builder inside(Encapsulation... encapsulations) {
			this.inside.addAll(Arrays.asList(encapsulations));
			return this;
		}

		/**
		 * Let the first fragment of a packet match by its ports or ICMP type. The others,
		 * which have none, go elsewhere.
		 * @return this
		 */
		public Builder firstFragments() {
			this.firstFragments = true;
			return this;
		}

		/**
		 * Let matching packets go on to the kernel, whatever other rules say.
		 * @return this
		 */
		public Builder except() {
			this.except = true;
			return this;
		}

		/**
		 * Finish the rule.
		 * @return the rule
		 * @throws IllegalArgumentException when a value is outside its range, or there is
		 * no field at all
		 */
		public RedirectRule build() {
			return new RedirectRule(this.name, this.etherTypes, this.vlans, this.sources, this.destinations,
					this.protocols, this.sourcePorts, this.destinationPorts, this.udpPorts, this.tcpPorts,
					this.icmpTypes, this.inside, this.firstFragments, this.except);
		}

	}

}
