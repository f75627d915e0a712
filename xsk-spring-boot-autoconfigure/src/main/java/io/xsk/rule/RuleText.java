package io.xsk.rule;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * A rule in words, for warnings and the endpoint.
 */
final class RuleText {

	/** So many values of a field are shown. */
	private static final int SHOWN = 16;

	private RuleText() {
	}

	static String of(RedirectRule rule) {
		StringBuilder text = new StringBuilder();
		append(text, "EtherType ", rule.etherTypes().stream().map("0x%04x"::formatted).toList());
		append(text, "VLAN ", rule.vlans());
		append(text, "from ", rule.sources());
		append(text, "to ", rule.destinations());
		append(text, "protocol ", rule.protocols());
		append(text, ports("source", rule.sourcePorts()), rule.sourcePorts());
		append(text, ports("", rule.destinationPorts()).strip() + " ", rule.destinationPorts());
		if (!rule.udpPorts().isEmpty() && !rule.tcpPorts().isEmpty()) {
			append(text, ports("UDP", rule.udpPorts()) + list(rule.udpPorts()) + " or " + ports("TCP", rule.tcpPorts()),
					rule.tcpPorts());
		}
		else {
			append(text, ports("UDP", rule.udpPorts()), rule.udpPorts());
			append(text, ports("TCP", rule.tcpPorts()), rule.tcpPorts());
		}
		append(text, "ICMP type ", rule.icmpTypes());
		append(text, "also inside ", new TreeSet<>(rule.inside()));
		if (rule.firstFragments()) {
			text.append(" with first fragments");
		}
		return (rule.except() ? "except " : "") + text.toString().strip();
	}

	private static String ports(String kind, List<PortRange> ports) {
		boolean one = ports.size() == 1 && ports.get(0).first() == ports.get(0).last();
		return kind + (one ? " port " : " ports ");
	}

	private static void append(StringBuilder text, String field, Collection<?> values) {
		if (!values.isEmpty()) {
			text.append(' ').append(field).append(list(values));
		}
	}

	private static String list(Collection<?> values) {
		String shown = String.join(", ", values.stream().limit(SHOWN).map(String::valueOf).toList());
		return (values.size() > SHOWN) ? "%s, … (%d)".formatted(shown, values.size()) : shown;
	}

}
