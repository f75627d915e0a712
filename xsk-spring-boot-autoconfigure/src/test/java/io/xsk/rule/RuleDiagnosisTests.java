package io.xsk.rule;

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

	private static final List<PortRange> SSH = List.of(PortRange.of(22));

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
		assertThat(findings(named("to").destinations(prefixes("192.0.2.1")), named("ssh").except().tcpPorts(SSH)))
			.as("but for fragments")
			.singleElement()
			.asString()
			.startsWith("ssh: Fragments have no ports");
		assertThat(findings(named("udp").udpPorts(List.of(PortRange.of(22))))).isEmpty();
	}

	@Test
	void eachPortOfSshMayBeExceptedByARuleOfItsOwn() {
		RedirectRule.Builder low = named("low").tcpPorts(List.of(new PortRange(1, 9999)));
		RedirectRule.Builder ssh = named("ssh").except().tcpPorts(SSH);
		RedirectRule.Builder other = named("other").except().destinationPorts(List.of(new PortRange(2222, 2223)));
		assertThat(findings(Set.of(22, 2222), low, ssh, other)).isEmpty();
		assertThat(findings(Set.of(22, 2222), low, ssh)).singleElement()
			.asString()
			.contains("low: It would take TCP port 2222, on which", "destination-port: 2222, except");
		assertThat(findings(Set.of(22, 2222), low)).singleElement()
			.asString()
			.contains("TCP port 22, 2222, on which", "destination-port: [22, 2222], except");
		assertThat(findings(Set.of(22, 2222), named("one").tcpPorts(List.of(PortRange.of(2222))))).singleElement()
			.asString()
			.contains("TCP port 2222, on which");
		assertThat(findings(named("icmpv6").protocols(58), named("a").except().icmpTypes(133, 134, 135),
				named("b").except().icmpTypes(136, 137)))
			.as("the same for neighbour discovery")
			.isEmpty();
	}

	@Test
	void anExceptionOnPortsThatKeepsNoFragmentsIsNamedWithTheRuleThatTakesThem() {
		RedirectRule.Builder web = named("web").except().tcpPorts(List.of(PortRange.of(443)));
		RedirectRule.Builder tcp = named("tcp").protocols(6).sources(prefixes("192.0.2.0/24"));
		RedirectRule.Builder ssh = named("ssh").except().tcpPorts(SSH).firstFragments();
		assertThat(findings(tcp, web, ssh)).hasSize(2)
			.contains(
					"web: Fragments have no ports: those of its packets match rule 'tcp' all the same. Add an exception"
							+ " without ports (protocol: [tcp], except: true), or give rule 'tcp' ports.")
			.anyMatch((finding) -> finding.startsWith("ssh: Fragments have no ports"));
		RedirectRule.Builder ports = named("ports").tcpPorts(List.of(new PortRange(400, 500))).firstFragments();
		assertThat(findings(ports, web)).containsExactly(
				"web: The first fragments of its packets match rule 'ports' all the same. Give the exception"
						+ " 'fragments: first' too.");
	}

	@Test
	void anExceptionOnPortsIsLeftAloneWhereNoRuleTakesItsFragments() {
		RedirectRule.Builder web = named("web").except().tcpPorts(List.of(PortRange.of(443)));
		RedirectRule.Builder ports = named("ports").tcpPorts(List.of(new PortRange(400, 500)));
		assertThat(findings(ports, web)).isEmpty();
		assertThat(findings(ports.firstFragments(), web.firstFragments())).isEmpty();
		RedirectRule.Builder dns = named("dns").except().udpPorts(DNS);
		assertThat(findings(named("gre").protocols(47), dns)).isEmpty();
		assertThat(findings(named("UDP").protocols(17).sources(prefixes("192.0.2.0/24")),
				named("dns").except().udpPorts(DNS).sources(prefixes("198.51.100.0/24"))))
			.isEmpty();
		assertThat(findings(named("UDP").protocols(17), dns.sources(prefixes("192.0.2.1")),
				named("all of them").except().protocols(17).sources(prefixes("192.0.2.0/24"))))
			.noneMatch((finding) -> finding.contains("Fragments"));
	}

	@Test
	void aProtocolThatIsAnExtensionHeaderOfIpv6IsNamed() {
		assertThat(findings(named("ah").protocols(51))).singleElement()
			.asString()
			.startsWith("ah: On IPv6 its protocol 51 is an extension header")
			.contains("ether-type: ipv4");
		assertThat(findings(named("ah").protocols(51).etherTypes(0x0800))).isEmpty();
		assertThat(findings(named("ah").protocols(51).sources(prefixes("192.0.2.1")))).isEmpty();
		assertThat(findings(named("esp").protocols(50))).isEmpty();
	}

	@Test
	void destinationPortsAndShortFormsAreTakenTogether() {
		List<PortRange> low = List.of(new PortRange(1, 100));
		assertNever("none of its destination ports is one of its UDP or TCP ports",
				named("a").udpPorts(DNS).destinationPorts(List.of(PortRange.of(54))));
		assertThat(findings(named("a").udpPorts(low).destinationPorts(DNS),
				named("b").udpPorts(List.of(PortRange.of(54)))))
			.as("54 is left to the second")
			.isEmpty();
		assertThat(findings(named("a").udpPorts(DNS), named("b").udpPorts(low).destinationPorts(DNS))).singleElement()
			.asString()
			.startsWith("b: It never counts anything, since rule 'a'");
		assertThat(findings(named("a").tcpPorts(low).destinationPorts(DNS))).as("22 is not among them").isEmpty();
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
		return findings(Set.of(22), builders);
	}

	private static List<String> findings(Set<Integer> sshPorts, RedirectRule.Builder... builders) {
		List<RedirectRule> rules = Stream.of(builders).map(RedirectRule.Builder::build).toList();
		return RuleDiagnosis.of(RedirectRules.builder().rules(rules).build(), new TreeSet<>(sshPorts))
			.stream()
			.map((finding) -> finding.rule() + ": " + finding.text())
			.toList();
	}

}
