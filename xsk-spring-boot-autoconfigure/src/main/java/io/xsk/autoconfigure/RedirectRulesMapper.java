package io.xsk.autoconfigure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import io.xsk.Suggestion;
import io.xsk.rule.Encapsulation;
import io.xsk.rule.IpPrefix;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.InvalidXskPropertyException;
import org.jspecify.annotations.Nullable;

/**
 * Turns the redirect properties of one interface into rules.
 */
final class RedirectRulesMapper {

	/** What warnings and counters call the rule of the short forms. */
	private static final String SHORT_NAME = "redirect";

	private static final int MAX_BYTE = 255;

	private static final int MAX_VLAN = 4095;

	private static final int MIN_ETHER_TYPE = 0x0600;

	private static final int MAX_ETHER_TYPE = 0xffff;

	private static final Map<String, Integer> PROTOCOLS = names("icmp", 1, "igmp", 2, "ipip", 4, "tcp", 6, "udp", 17,
			"gre", 47, "esp", 50, "ah", 51, "icmpv6", 58, "ospf", 89, "pim", 103, "vrrp", 112, "sctp", 132);

	private static final Map<String, Integer> ETHER_TYPES = names("ipv4", 0x0800, "arp", 0x0806, "ipv6", 0x86dd, "mpls",
			0x8847, "pppoe-discovery", 0x8863, "pppoe", 0x8864, "eapol", 0x888e, "lldp", 0x88cc, "ptp", 0x88f7);

	private final String prefix;

	private final XskProperties.Redirect redirect;

	RedirectRulesMapper(String prefix, XskProperties.Redirect redirect) {
		this.prefix = prefix;
		this.redirect = redirect;
	}

	private static Map<String, Integer> names(Object... pairs) {
		Map<String, Integer> names = new LinkedHashMap<>();
		for (int i = 0; i < pairs.length; i += 2) {
			names.put((String) pairs[i], (Integer) pairs[i + 1]);
		}
		return names;
	}

	@Nullable RedirectRules rules() {
		if (this.redirect.all()) {
			requireAllAlone();
			return RedirectRules.all(this.redirect.onEmptySlot());
		}
		RedirectRules.Builder builder = RedirectRules.builder().onEmptySlot(this.redirect.onEmptySlot());
		Set<String> names = new HashSet<>();
		RedirectRule shortForms = shortForms();
		if (shortForms != null) {
			builder.rule(shortForms);
			names.add(SHORT_NAME);
		}
		boolean redirects = shortForms != null;
		for (int i = 0; i < this.redirect.rules().size(); i++) {
			XskProperties.Rule source = this.redirect.rules().get(i);
			String name = (source.name() != null) ? source.name() : "rule-" + (i + 1);
			if (!names.add(name)) {
				throw new InvalidXskPropertyException("%s.rules[%d].name".formatted(this.prefix, i), name,
						"Another rule has that name%s: give each its own.".formatted(
								name.equals(SHORT_NAME) ? " (the one of udp-ports, tcp-ports and destinations)" : ""));
			}
			builder.rule(rule("%s.rules[%d]".formatted(this.prefix, i), name, source));
			redirects |= !source.except();
		}
		if (names.isEmpty()) {
			return null;
		}
		if (!redirects) {
			throw new InvalidXskPropertyException(this.prefix + ".rules", names,
					"All rules are exceptions, and nothing is redirected. Add a rule without 'except', or ports.");
		}
		return builder.build();
	}

	private void requireAllAlone() {
		Map<String, Collection<?>> others = new LinkedHashMap<>();
		others.put("udp-ports", this.redirect.udpPorts());
		others.put("tcp-ports", this.redirect.tcpPorts());
		others.put("destinations", this.redirect.destinations());
		others.put("rules", this.redirect.rules().stream().map(XskProperties.Rule::name).toList());
		others.forEach((name, values) -> {
			if (!values.isEmpty()) {
				throw new InvalidXskPropertyException(this.prefix + "." + name, values,
						"With %s.all=true every packet is redirected anyway: leave out one of the two."
							.formatted(this.prefix));
			}
		});
	}

	private @Nullable RedirectRule shortForms() {
		List<PortRange> udp = ports(this.prefix + ".udp-ports", this.redirect.udpPorts());
		List<PortRange> tcp = ports(this.prefix + ".tcp-ports", this.redirect.tcpPorts());
		List<IpPrefix> destinations = prefixes(this.prefix + ".destinations", this.redirect.destinations());
		if (udp.isEmpty() && tcp.isEmpty()) {
			if (!destinations.isEmpty()) {
				throw new InvalidXskPropertyException(this.prefix + ".destinations", this.redirect.destinations(),
						("Destinations alone would take every packet to them, SSH among them. Set %1$s.udp-ports or"
								+ " %1$s.tcp-ports too, or a rule under %1$s.rules with 'destination' where that is meant.")
							.formatted(this.prefix));
			}
			return null;
		}
		return RedirectRule.named(SHORT_NAME).udpPorts(udp).tcpPorts(tcp).destinations(destinations).build();
	}

	private static RedirectRule rule(String prefix, String name, XskProperties.Rule source) {
		RedirectRule.Builder builder = RedirectRule.named(name)
			.etherTypes(
					numbers(prefix + ".ether-type", source.etherType(), ETHER_TYPES, MIN_ETHER_TYPE, MAX_ETHER_TYPE))
			.vlans(numbers(prefix + ".vlan", source.vlan(), Map.of(), 0, MAX_VLAN))
			.sources(prefixes(prefix + ".source", source.source()))
			.destinations(prefixes(prefix + ".destination", source.destination()))
			.protocols(numbers(prefix + ".protocol", source.protocol(), PROTOCOLS, 0, MAX_BYTE))
			.sourcePorts(ports(prefix + ".source-port", source.sourcePort()))
			.destinationPorts(ports(prefix + ".destination-port", source.destinationPort()))
			.icmpTypes(numbers(prefix + ".icmp-type", source.icmpType(), Map.of(), 0, MAX_BYTE))
			.inside(source.inside().toArray(new Encapsulation[0]));
		if (source.fragments() == XskProperties.Fragments.FIRST) {
			builder.firstFragments();
		}
		if (source.except()) {
			builder.except();
		}
		try {
			return builder.build();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidXskPropertyException(prefix, name, XskPropertiesMapper.sentence(ex.getMessage()));
		}
	}

	private static List<PortRange> ports(String property, List<String> texts) {
		return each(property, texts, PortRange::parse);
	}

	private static List<IpPrefix> prefixes(String property, List<String> texts) {
		return each(property, texts, IpPrefix::parse);
	}

	private static Integer[] numbers(String property, List<String> texts, Map<String, Integer> names, int min,
			int max) {
		return each(property, texts, (text) -> number(text, names, min, max)).toArray(new Integer[0]);
	}

	private static int number(String text, Map<String, Integer> names, int min, int max) {
		String word = text.strip().toLowerCase(Locale.ROOT);
		Integer named = names.get(word);
		if (named != null) {
			return named;
		}
		try {
			int number = Integer.decode(word.matches("0+\\d+") ? Integer.toString(Integer.parseInt(word)) : word);
			if (min <= number && number <= max) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			throw new IllegalArgumentException(allowed(word, names, min, max), ex);
		}
		throw new IllegalArgumentException(allowed(word, names, min, max));
	}

	private static String allowed(String word, Map<String, Integer> names, int min, int max) {
		String numbers = "Choose a number from %d to %d, in decimal or hexadecimal (0x…)".formatted(min, max);
		return names.isEmpty() ? numbers : Suggestion.among(numbers + " or a name.", word, names.keySet());
	}

	private static <T> List<T> each(String property, List<String> texts, Function<String, T> parser) {
		List<T> values = new ArrayList<>();
		for (String text : texts) {
			values.add(XskPropertiesMapper.parse(property, text, parser));
		}
		return values;
	}

}
