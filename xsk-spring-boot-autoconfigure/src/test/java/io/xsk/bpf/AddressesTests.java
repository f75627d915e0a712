package io.xsk.bpf;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.xsk.bpf.filter.MapLimits;
import io.xsk.rule.Encapsulation;
import io.xsk.rule.IpPrefix;
import io.xsk.rule.IpProtocol;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;
import io.xsk.test.KernelTest;
import io.xsk.test.Packets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Addresses}: when a packet for others is left before its lengths are
 * looked at, and that its verdict and the counters are the same as without that.
 */
@KernelTest
class AddressesTests {

	private static final String HERE = "198.51.100.2";

	private static final String HERE_NUMBER = " != " + 0xc633_6402 + " ";

	private static final String HERE_IPV6 = "2001:db8::2";

	private static final List<PortRange> DNS = List.of(PortRange.of(53));

	private static final byte[] TO_HERE = PacketMill.ipv4().udp(1, 53);

	private static final byte[] TO_OTHERS = Packets.between("198.51.100.1", "198.51.100.3").udp(1, 53);

	@RegisterExtension
	final ProgramBench bench = new ProgramBench();

	@Test
	void theAddressesOfASingleRuleAreComparedBeforeTheLengths() {
		RedirectRules rules = rules(named("dns").udpPorts(DNS)
			.sources(prefixes("198.51.100.0/24", "2001:db8::/64"))
			.destinations(prefixes(HERE, HERE_IPV6)));
		try (RedirectProgram program = this.bench.load(rules)) {
			List<String> ipv4 = section(program, "IPV4");
			assertThat(ipv4).filteredOn((line) -> line.contains(HERE_NUMBER)).hasSize(1);
			assertThat(first(ipv4, HERE_NUMBER)).isBetween(first(ipv4, "(r2 +12)"), first(ipv4, "(r2 +2)"));
			assertThat(ipv4).as("nothing is kept").noneMatch((line) -> line.contains("(u32 *)(r10"));
			List<String> ipv6 = section(program, "IPV6");
			assertThat(ipv6).filteredOn((line) -> line.contains(" 0x20010db800000000 ")).hasSize(2);
			assertThat(first(ipv6, "r0 = 0x2 ll")).isLessThan(first(ipv6, "(r2 +4)"));
			check(program, true, TO_HERE, PacketMill.ipv6().udp(1, 53));
			check(program, false, TO_OTHERS, Packets.between("198.51.101.1", HERE).udp(1, 53),
					PacketMill.ipv4().udp(1, 54), Packets.between("2001:db8::1", "2001:db8::3").udp(1, 53),
					Packets.between("2001:db8::1", "2001:db9::2").udp(1, 53),
					Packets.between("2001:db8:0:1::1", HERE_IPV6).udp(1, 53));
			assertThat(program.counters().matches()).containsEntry("dns", 2L);
		}
	}

	@Test
	void rulesWithTheSameAddressesCompareThemOnce() {
		RedirectRules rules = rules(named("udp").udpPorts(DNS).destinations(prefixes(HERE)),
				named("tcp").tcpPorts(DNS).destinations(prefixes(HERE)),
				named("but not from").except()
					.sources(prefixes("198.51.100.1/32"))
					.destinations(prefixes(HERE))
					.protocols(IpProtocol.TCP));
		try (RedirectProgram program = this.bench.load(rules)) {
			List<String> ipv4 = section(program, "IPV4");
			assertThat(ipv4).filteredOn((line) -> line.contains(HERE_NUMBER)).hasSize(1);
			assertThat(first(ipv4, HERE_NUMBER)).isLessThan(first(ipv4, "(r2 +2)"));
			check(program, true, TO_HERE, Packets.between("198.51.100.9", HERE).tcp(1, 53, Packets.TCP_SYN));
			check(program, false, TO_OTHERS, PacketMill.ipv4().tcp(1, 53, Packets.TCP_SYN),
					Packets.between("198.51.100.1", "198.51.100.3").tcp(1, 53, Packets.TCP_SYN));
			assertThat(program.counters().matches()).containsEntry("udp", 1L)
				.containsEntry("tcp", 1L)
				.containsEntry("but not from", 1L);
		}
	}

	@Test
	void rulesWithOtherAddressesGetTheirPackets() {
		RedirectRules rules = rules(named("here").udpPorts(DNS).destinations(prefixes(HERE)),
				named("there").udpPorts(DNS).destinations(prefixes("198.51.100.3")),
				named("anywhere").udpPorts(List.of(PortRange.of(54))));
		try (RedirectProgram program = this.bench.load(rules)) {
			List<String> ipv4 = section(program, "IPV4");
			assertThat(first(ipv4, HERE_NUMBER)).isGreaterThan(first(ipv4, "(r2 +2)"));
			check(program, true, TO_HERE, TO_OTHERS, Packets.between("1.1.1.1", "198.51.100.4").udp(1, 54));
			check(program, false, Packets.between("1.1.1.1", "198.51.100.4").udp(1, 53));
			assertThat(program.counters().matches()).containsEntry("here", 1L)
				.containsEntry("there", 1L)
				.containsEntry("anywhere", 1L);
		}
	}

	@Test
	void anExceptionCountsWhatNoRuleToRedirectWants() {
		RedirectRules rules = rules(named("dns").udpPorts(DNS).destinations(prefixes(HERE)),
				named("not from").except().sources(prefixes("198.51.100.1")));
		try (RedirectProgram program = this.bench.load(rules)) {
			check(program, false, TO_HERE, TO_OTHERS);
			check(program, true, Packets.between("198.51.100.9", HERE).udp(1, 53));
			check(program, false, Packets.between("198.51.100.9", "198.51.100.3").udp(1, 53));
			assertThat(program.counters().matches()).containsEntry("dns", 1L).containsEntry("not from", 2L);
		}
	}

	@Test
	void theAddressesOutsideDoNotMatterForWhatIsInside() {
		RedirectRules rules = rules(
				named("dns").udpPorts(DNS).destinations(prefixes(HERE)).inside(Encapsulation.GRE, Encapsulation.IPIP));
		try (RedirectProgram program = this.bench.load(rules)) {
			check(program, true, TO_HERE, PacketMill.gre(TO_HERE), PacketMill.ipip(TO_HERE));
			check(program, false, TO_OTHERS, PacketMill.gre(TO_OTHERS), PacketMill.ipip(TO_OTHERS));
			assertThat(program.counters().matches()).containsEntry("dns", 3L);
		}
	}

	@Test
	void wrongAddressesInsideLeaveTheOuterPacketToItsRules() {
		RedirectRules rules = rules(
				named("dns").udpPorts(DNS).destinations(prefixes(HERE)).inside(Encapsulation.GRE, Encapsulation.IPIP),
				named("tunnels").destinations(prefixes("203.0.113.2")));
		try (RedirectProgram program = this.bench.load(rules)) {
			check(program, true, PacketMill.gre(TO_HERE), PacketMill.ipip(TO_HERE), PacketMill.gre(TO_OTHERS),
					PacketMill.ipip(TO_OTHERS), TO_HERE);
			check(program, false, TO_OTHERS);
			assertThat(program.counters().matches()).containsEntry("dns", 3L).containsEntry("tunnels", 2L);
		}
	}

	@Test
	void fragmentsAreLeftByTheirAddresses() {
		RedirectRules rules = rules(named("to").destinations(prefixes(HERE)));
		try (RedirectProgram program = this.bench.load(rules)) {
			for (Packets to : List.of(PacketMill.ipv4().fragment(0, true), PacketMill.ipv4().fragment(64, false))) {
				check(program, true, to.protocol(IpProtocol.SCTP, new byte[32]));
			}
			Packets others = Packets.between(HERE, "198.51.100.3").fragment(64, false);
			check(program, false, others.protocol(IpProtocol.SCTP, new byte[32]));
		}
	}

	@Test
	void moreAddressesThanAreComparedAreLookedUpLater() {
		RedirectRules rules = rules(named("many").udpPorts(DNS)
			.destinations(IntStream.range(0, 200)
				.mapToObj((i) -> IpPrefix.parse("198.51.100." + (i + ((i > 0) ? 3 : 2))))
				.toList()));
		try (RedirectProgram compared = this.bench.load(rules);
				RedirectProgram lookedUp = this.bench.load(rules, MapLimits.SMALLEST)) {
			assertThat(section(compared, "IPV4")).noneMatch((line) -> line.contains("call map_lookup_elem"));
			List<String> ipv4 = section(lookedUp, "IPV4");
			assertThat(first(ipv4, "call map_lookup_elem")).isGreaterThan(first(ipv4, "(r2 +2)"));
			for (RedirectProgram program : List.of(compared, lookedUp)) {
				check(program, true, TO_HERE, Packets.between("1.1.1.1", "198.51.100.202").udp(1, 53));
				check(program, false, TO_OTHERS, Packets.between("1.1.1.1", "198.51.100.203").udp(1, 53));
			}
		}
	}

	private void check(RedirectProgram program, boolean redirected, byte[]... packets) {
		for (int i = 0; i < packets.length; i++) {
			assertThat(this.bench.isRedirected(program, packets[i])).as("packet %d", i).isEqualTo(redirected);
		}
	}

	/** What the program does from a label on until the rules are done. */
	private static List<String> section(RedirectProgram program, String label) {
		List<String> listing = program.listing();
		int begin = listing.indexOf(label + ":");
		assertThat(begin).as("%s in %s", label, listing).isNotNegative();
		return listing.stream().skip(begin + 1).takeWhile((line) -> !line.matches("IPV6:|matched:")).toList();
	}

	private static int first(List<String> lines, String text) {
		int found = IntStream.range(0, lines.size())
			.filter((i) -> lines.get(i).contains(text))
			.findFirst()
			.orElse(lines.size());
		assertThat(found).as("'%s' in %s", text, lines).isLessThan(lines.size());
		return found;
	}

	private static RedirectRule.Builder named(String name) {
		return RedirectRule.named(name);
	}

	private static List<IpPrefix> prefixes(String... texts) {
		return Stream.of(texts).map(IpPrefix::parse).toList();
	}

	private static RedirectRules rules(RedirectRule.Builder... builders) {
		return RedirectRules.builder().rules(Stream.of(builders).map(RedirectRule.Builder::build).toList()).build();
	}

}
