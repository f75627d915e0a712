package io.xsk.bpf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which packets an XDP program redirects to the sockets in its XSKMAP. Everything else
 * goes on to the kernel. Immutable.
 *
 * @since 0.1.0
 */
public final class RedirectRules {

	private static final RedirectRules ALL = new RedirectRules(List.of());

	private final List<PortRange> udpPorts;

	private RedirectRules(List<PortRange> udpPorts) {
		this.udpPorts = udpPorts;
	}

	/**
	 * Redirect every packet of the interface: ARP, SSH and whatever else it receives.
	 * @return the rules
	 */
	public static RedirectRules all() {
		return ALL;
	}

	/**
	 * Redirect UDP packets, over IPv4 and IPv6, by their destination port. Fragments,
	 * packets with IPv6 extension headers and packets with VLAN tags go on to the kernel.
	 * @param ports at least one range
	 * @return the rules
	 * @throws IllegalArgumentException when there is no range
	 */
	public static RedirectRules udpPorts(PortRange... ports) {
		return udpPorts(Arrays.asList(ports));
	}

	/**
	 * Redirect UDP packets, over IPv4 and IPv6, by their destination port. Fragments,
	 * packets with IPv6 extension headers and packets with VLAN tags go on to the kernel.
	 * @param ports at least one range
	 * @return the rules
	 * @throws IllegalArgumentException when there is no range
	 */
	public static RedirectRules udpPorts(Collection<PortRange> ports) {
		if (ports.isEmpty()) {
			throw new IllegalArgumentException(
					"There is no UDP port to redirect. Name at least one, or redirect all packets explicitly.");
		}
		return new RedirectRules(merge(ports));
	}

	private static List<PortRange> merge(Collection<PortRange> ports) {
		List<PortRange> merged = new ArrayList<>();
		for (PortRange range : ports.stream().sorted(Comparator.comparingInt(PortRange::first)).toList()) {
			int lastIndex = merged.size() - 1;
			if (lastIndex >= 0 && range.first() <= merged.get(lastIndex).last() + 1) {
				PortRange before = merged.get(lastIndex);
				merged.set(lastIndex, new PortRange(before.first(), Math.max(before.last(), range.last())));
			}
			else {
				merged.add(range);
			}
		}
		return List.copyOf(merged);
	}

	/**
	 * Return whether every packet is redirected.
	 * @return {@code true} for {@link #all()}
	 */
	public boolean isAll() {
		return this.udpPorts.isEmpty();
	}

	/**
	 * Return the UDP destination ports that are redirected.
	 * @return the ranges in ascending order, with a gap between any two; empty for
	 * {@link #all()}
	 */
	public List<PortRange> udpPorts() {
		return this.udpPorts;
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof RedirectRules rules && this.udpPorts.equals(rules.udpPorts);
	}

	@Override
	public int hashCode() {
		return this.udpPorts.hashCode();
	}

	@Override
	public String toString() {
		if (isAll()) {
			return "all packets";
		}
		boolean one = this.udpPorts.size() == 1 && this.udpPorts.get(0).first() == this.udpPorts.get(0).last();
		return this.udpPorts.stream()
			.map(PortRange::toString)
			.collect(Collectors.joining(", ", one ? "UDP port " : "UDP ports ", ""));
	}

}
