package io.xsk.bpf;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RuleDiagnosis}.
 */
class RuleDiagnosisTests {

	private static final List<PortRange> DNS = List.of(PortRange.of(53));

	@Test
	void ordinaryRulesAreLeftAlone() {
		assertThat(findings(named("dns").udpPorts(DNS),
				named("to").destinations(prefixes("192.0.2.0/24"))
					.protocols(17)
					.destinationPorts(List.of(PortRange.of(9))),
				named("ping").icmpTypes(8, 128).sources(prefixes("2001:db8::1")), named("lldp").etherTypes(0x88cc),
				named("web").tcpPorts(List.of(PortRange.of(443)))))
			.isEmpty();
	}

	@Test
	void aRuleThatCanNeverMatchIsNamed() {
		assertThat(findings(named("a").protocols(89).destinationPorts(DNS))).containsExactly(
				"a: It can never match, since packets of its protocols have no ports; UDP, TCP and SCTP have. Correct it,"
						+ " or remove it.");
		assertNever("no ICMP type", named("b").protocols(17).icmpTypes(8));
		assertNever("both an ICMP type and ports", named("c").icmpTypes(8).destinationPorts(DNS));
		assertNever("different kinds", named("d").sources(prefixes("192.0.2.1")).destinations(prefixes("2001:db8::1")));
		assertNever("different kinds", named("e").etherTypes(0x0806).udpPorts(DNS));
		assertNever("different kinds", named("f").etherTypes(0x86dd).sources(prefixes("192.0.2.1")));
		assertNever("tags are looked behind", named("g").etherTypes(0x8100, 0x88a8));
	}

	private static void assertNever(String reason, RedirectRule.Builder rule) {
		assertThat(findings(rule)).singleElement().asString().contains("It can never match", reason);
	}

	@Test
	void aRuleThatIsShadowedIsNamedWithTheOneThatDoesIt() {
		assertThat(findings(named("all UDP").protocols(17),
				named("dns").udpPorts(DNS).destinations(prefixes("192.0.2.1"))))
			.singleElement()
			.asString()
			.startsWith("dns: It never counts anything, since rule 'all UDP' before it takes all its packets.");
		assertThat(findings(named("dns").udpPorts(DNS).destinations(prefixes("192.0.2.1")),
				named("not there").except().destinations(prefixes("192.0.2.0/24"))))
			.singleElement()
			.asString()
			.startsWith("dns: It never redirects anything, since the exception 'not there'");
	}

	@Test
	void rulesThatOnlyOverlapShadowNothing() {
		assertThat(findings(named("a").udpPorts(DNS), named("b").udpPorts(List.of(new PortRange(53, 54))))).isEmpty();
		assertThat(findings(named("a").udpPorts(DNS), named("b").destinationPorts(DNS))).isEmpty();
		assertThat(findings(named("a").udpPorts(DNS), named("b").udpPorts(DNS).firstFragments())).isEmpty();
		assertThat(findings(named("a").udpPorts(DNS), named("b").udpPorts(DNS).inside(Encapsulation.GRE))).isEmpty();
		assertThat(findings(named("a").destinationPorts(DNS).firstFragments(), named("b").protocols(17))).isEmpty();
		assertThat(findings(named("a").udpPorts(DNS).sources(prefixes("192.0.2.1")), named("b").udpPorts(DNS)))
			.isEmpty();
	}

	@Test
	void aRuleThatTakesArpIsNamed() {
		assertThat(findings(named("arp").etherTypes(0x0806))).singleElement()
			.asString()
			.startsWith("arp: It would take ARP,");
		assertThat(findings(named("vlan").vlans(7))).hasSize(3).first().asString().contains("ARP");
		assertThat(findings(named("vlan").vlans(7), named("no").except().vlans(7).etherTypes(0x0806))).hasSize(2);
	}

	@Test
	void aRuleThatTakesNeighbourDiscoveryIsNamed() {
		assertThat(findings(named("icmpv6").protocols(58))).singleElement()
			.asString()
			.contains("icmpv6: It would take IPv6 neighbour discovery", "except: true");
		assertThat(findings(named("icmp").icmpTypes(135))).hasSize(1);
		assertThat(findings(named("icmpv6").protocols(58), named("nd").except().icmpTypes(133, 134, 135, 136, 137)))
			.isEmpty();
		assertThat(findings(named("v4").protocols(1, 58).destinations(prefixes("192.0.2.1")))).isEmpty();
	}

	@Test
	void aRuleThatTakesThePortOfSshIsNamed() {
		assertThat(findings(named("tcp").protocols(6))).singleElement()
			.asString()
			.contains("tcp: It would take TCP port 22, on which SSH listens.", "destination-port: 22");
		assertThat(findings(named("low").tcpPorts(List.of(new PortRange(1, 1023))))).hasSize(1);
		assertThat(findings(named("any").destinationPorts(List.of(PortRange.of(22))))).hasSize(1);
		assertThat(findings(named("to").destinations(prefixes("192.0.2.1")))).singleElement()
			.asString()
			.contains("SSH");
		assertThat(findings(named("to").destinations(prefixes("192.0.2.1")),
				named("ssh").except().tcpPorts(List.of(PortRange.of(22)))))
			.isEmpty();
		assertThat(findings(named("udp").udpPorts(List.of(PortRange.of(22))))).isEmpty();
	}

	@Test
	void allIsNamed() {
		assertThat(RuleDiagnosis.of(RedirectRules.all(), Set.of(22))).singleElement()
			.satisfies((finding) -> assertThat(finding.rule() + ": " + finding.text())
				.startsWith("all: It takes every packet")
				.contains("ARP", "neighbour discovery", "SSH (port 22)"));
	}

	private static RedirectRule.Builder named(String name) {
		return RedirectRule.named(name);
	}

	private static List<IpPrefix> prefixes(String... texts) {
		return Stream.of(texts).map(IpPrefix::parse).toList();
	}

	private static List<String> findings(RedirectRule.Builder... builders) {
		List<RedirectRule> rules = Stream.of(builders).map(RedirectRule.Builder::build).toList();
		return RuleDiagnosis.of(RedirectRules.builder().rules(rules).build(), new TreeSet<>(Set.of(22)))
			.stream()
			.map((finding) -> finding.rule() + ": " + finding.text())
			.toList();
	}

}
