package io.xsk.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.xsk.bpf.asm.LinuxXdp;
import io.xsk.bpf.filter.MapLimits;
import io.xsk.rule.EmptySlot;
import io.xsk.rule.Encapsulation;
import io.xsk.rule.IpPrefix;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;
import io.xsk.test.ChildJvm;
import io.xsk.test.Commands;
import io.xsk.test.KernelTest;
import io.xsk.test.Packets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The compiled rules against {@link PacketInterpreter}, packet by packet, on the running
 * kernel.
 */
@KernelTest
class RulesKernelTests {

	/** For each set of rules; there are more than twenty. */
	private static final int MUTANTS = 10_000;

	private static final int RANDOM = 100_000;

	@RegisterExtension
	final ProgramBench bench = new ProgramBench();

	static Stream<RedirectRules> ruleSets() {
		List<PortRange> dns = List.of(PortRange.of(53));
		RedirectRule.Builder everything = RedirectRule.named("everything")
			.etherTypes(0x0800, 0x86dd)
			.vlans(7, 9)
			.sources(prefixes("198.51.100.0/24", "2001:db8::/32"))
			.destinations(prefixes("198.51.100.2", "2001:db8::2", "10.0.0.0/8"))
			.protocols(17, 6)
			.sourcePorts(List.of(PortRange.of(1000)))
			.destinationPorts(dns)
			.inside(Encapsulation.GRE, Encapsulation.IPIP);
		return Stream.of(RedirectRules.udpPorts(dns), rules(RedirectRule.named("udp").udpPorts(dns).firstFragments()),
				rules(RedirectRule.named("tcp").tcpPorts(dns)),
				rules(RedirectRule.named("both")
					.udpPorts(dns)
					.tcpPorts(List.of(new PortRange(1, 65535)))
					.destinations(prefixes("198.51.100.2", "2001:db8::2"))),
				rules(RedirectRule.named("any").destinationPorts(dns).inside(Encapsulation.GRE)),
				rules(RedirectRule.named("two kinds of ports")
					.udpPorts(List.of(new PortRange(50, 60)))
					.tcpPorts(List.of(PortRange.of(70)))
					.destinationPorts(dns)),
				rules(RedirectRule.named("ipip").destinationPorts(dns).inside(Encapsulation.IPIP).firstFragments()),
				rules(everything), rules(everything.firstFragments()),
				rules(RedirectRule.named("arp").etherTypes(0x0806, 0x88cc)),
				rules(RedirectRule.named("ipv6").etherTypes(0x86dd)), rules(RedirectRule.named("vlan").vlans(7)),
				rules(RedirectRule.named("ospf").protocols(89)),
				rules(RedirectRule.named("extensions").protocols(0, 43, 44, 51, 60, 17)),
				rules(RedirectRule.named("source port").sourcePorts(List.of(PortRange.of(1000), PortRange.of(53)))),
				rules(RedirectRule.named("icmp").icmpTypes(8, 128, 135), RedirectRule.named("udp").protocols(17)),
				rules(RedirectRule.named("to").destinations(prefixes("198.51.100.2", "2001:db8::2"))),
				rules(RedirectRule.named("UDP to").udpPorts(dns).destinations(prefixes("198.51.100.2", "2001:db8::2")),
						RedirectRule.named("TCP to").protocols(6).destinations(prefixes("198.51.100.2", "2001:db8::2")),
						RedirectRule.named("not to")
							.except()
							.vlans(7)
							.destinations(prefixes("198.51.100.2", "2001:db8::2"))),
				rules(RedirectRule.named("from")
					.sources(prefixes("0.0.0.0/0", "2001:db8::/127"))
					.inside(Encapsulation.IPIP)),
				rules(RedirectRule.named("gre").protocols(47),
						RedirectRule.named("inside").udpPorts(dns).inside(Encapsulation.GRE)),
				rules(RedirectRule.named("inside").udpPorts(dns).inside(Encapsulation.GRE, Encapsulation.IPIP),
						RedirectRule.named("outer").sources(prefixes("203.0.113.0/24")),
						RedirectRule.named("not from").except().sources(prefixes("198.51.100.1", "2001:db8::1/128"))),
				rules(RedirectRule.named("all UDP").protocols(17),
						RedirectRule.named("not DNS").except().udpPorts(dns).inside(Encapsulation.GRE),
						RedirectRule.named("not VLAN 7").except().vlans(7)),
				rules(IntStream.range(0, 500)
					.mapToObj((i) -> RedirectRule.named("port " + i).udpPorts(List.of(new PortRange(i + 1, 3 * i + 1))))
					.toArray(RedirectRule.Builder[]::new)),
				rules(RedirectRule.named("many")
					.destinationPorts(
							IntStream.range(0, 500).mapToObj((i) -> new PortRange(7 * i + 4, 7 * i + 5)).toList())
					.sourcePorts(IntStream.range(0, 500).mapToObj((i) -> PortRange.of(2 * i + 2)).toList())
					.inside(Encapsulation.GRE)),
				rules(RedirectRule.named("many addresses")
					.destinations(IntStream.range(0, 600)
						.mapToObj((i) -> IpPrefix.parse((i < 300) ? "198.51." + i % 256 + "." + (i / 256 + 1)
								: "2001:db8::" + Integer.toHexString(i - 300)))
						.toList())
					.inside(Encapsulation.IPIP)),
				rules(RedirectRule.named("many prefixes")
					.sources(IntStream.range(0, 400)
						.mapToObj((i) -> IpPrefix.parse((i < 200) ? "198." + i + ".0.0/" + (16 + i % 3)
								: "2001:db8:0:" + (i - 200) + "::/" + (64 + i % 9)))
						.toList())));
	}

	private static List<IpPrefix> prefixes(String... texts) {
		return Stream.of(texts).map(IpPrefix::parse).toList();
	}

	private static RedirectRules rules(RedirectRule.Builder... builders) {
		return RedirectRules.builder().rules(Stream.of(builders).map(RedirectRule.Builder::build).toList()).build();
	}

	@ParameterizedTest
	@MethodSource("ruleSets")
	void mutantsGetTheVerdictOfTheInterpreter(RedirectRules rules) {
		agree(rules, this.bench.load(rules), MUTANTS);
	}

	@ParameterizedTest
	@MethodSource("ruleSets")
	void mapsMeanTheSameAsComparisons(RedirectRules rules) {
		agree(rules, this.bench.load(rules, MapLimits.SMALLEST), MUTANTS / 10);
		agree(rules, this.bench.load(rules, new MapLimits(1 << 16, 1 << 16, 1 << 16)), MUTANTS / 10);
	}

	@ParameterizedTest
	@MethodSource("ruleSets")
	void aProgramForSeveralBuffersMeansTheSame(RedirectRules rules) {
		agree(rules, RedirectProgram.load(this.bench.kernel(), this.bench.map(), rules, true), MUTANTS / 10);
	}

	private void agree(RedirectRules rules, RedirectProgram loaded, int count) {
		PacketInterpreter interpreter = new PacketInterpreter(rules);
		PacketMill mill = new PacketMill(count);
		List<byte[]> kinds = PacketMill.everyKind();
		try (RedirectProgram program = loaded) {
			TestRun.Runner runner = this.bench.runner(program);
			long[] expected = new long[rules.names().size()];
			for (int i = 0; i < count; i++) {
				byte[] packet = (i < kinds.size()) ? kinds.get(i) : mill.mutate(kinds);
				RedirectRule match = interpreter.match(packet);
				int wanted = (match != null && !match.except()) ? LinuxXdp.XDP_REDIRECT : LinuxXdp.XDP_PASS;
				if (runner.verdict(packet) != wanted) {
					assertThat(runner.verdict(packet)).as("packet %d: %s", i, hex(packet)).isEqualTo(wanted);
				}
				if (match != null) {
					expected[rules.names().indexOf(match.name())]++;
				}
			}
			assertThat(Arrays.stream(expected).sum()).as("packets of all rules").isPositive();
			assertThat(program.counters().matches().values()).as("packets of each rule")
				.containsExactlyElementsOf(Arrays.stream(expected).boxed().toList());
			assertThat(program.counters().emptySlots()).isEmpty();
		}
	}

	@ParameterizedTest
	@MethodSource("ruleSets")
	void everyTruncationOfEveryKindOfPacketGetsTheVerdictOfTheInterpreter(RedirectRules rules) {
		PacketInterpreter interpreter = new PacketInterpreter(rules);
		List<byte[]> kinds = new ArrayList<>(PacketMill.everyKind());
		for (byte[] packet : PacketMill.everyKind()) {
			kinds.add(PacketMill.tagged(packet, 7));
			kinds.add(PacketMill.tagged(packet, 3, 7));
			kinds.add(PacketMill.tagged(packet, 7, 3, 7));
		}
		try (RedirectProgram program = this.bench.load(rules)) {
			TestRun.Runner runner = this.bench.runner(program);
			for (byte[] packet : kinds) {
				for (int length = 14; length <= packet.length; length++) {
					byte[] cut = Arrays.copyOf(packet, length);
					if ((runner.verdict(cut) == LinuxXdp.XDP_REDIRECT) != interpreter.isRedirected(cut)) {
						assertThat(interpreter.isRedirected(cut)).as("%d of %s", length, hex(packet))
							.isEqualTo(runner.verdict(cut) == LinuxXdp.XDP_REDIRECT);
					}
				}
			}
		}
	}

	@Test
	void everyPortIsRightPlainAndInside() {
		RedirectRules rules = rules(RedirectRule.named("ports")
			.udpPorts(List.of(PortRange.of(53), new PortRange(9000, 9100), PortRange.of(65535)))
			.inside(Encapsulation.GRE));
		byte[] plain = PacketMill.ipv4().udp(1, 0);
		try (RedirectProgram program = this.bench.load(rules)) {
			for (byte[] packet : List.of(plain, PacketMill.ipv6().udp(1, 0), PacketMill.gre(plain))) {
				int at = packet.length - 6;
				TestRun.Runner runner = this.bench.runner(program);
				for (int port = 0; port < 65536; port++) {
					packet[at] = (byte) (port >>> 8);
					packet[at + 1] = (byte) port;
					boolean wanted = port == 53 || 9000 <= port && port <= 9100 || port == 65535;
					check(runner, packet, wanted, "port", port);
				}
			}
		}
	}

	@Test
	void everyEtherTypeIsRightPlainAndInside() {
		RedirectRules rules = rules(
				RedirectRule.named("ports").udpPorts(List.of(PortRange.of(53))).inside(Encapsulation.GRE));
		RedirectRules lldp = rules(RedirectRule.named("LLDP").etherTypes(0x88cc));
		try (RedirectProgram program = this.bench.load(rules); RedirectProgram other = this.bench.load(lldp)) {
			TestRun.Runner runner = this.bench.runner(program);
			TestRun.Runner otherRunner = this.bench.runner(other);
			byte[] plain = PacketMill.ipv4().udp(1, 53);
			byte[] gre = PacketMill.gre(plain);
			for (int type = 0; type < 65536; type++) {
				plain[12] = (byte) (type >>> 8);
				plain[13] = (byte) type;
				check(runner, plain, type == 0x0800, "type", type);
				check(otherRunner, plain, type == 0x88cc, "type", type);
				gre[36] = plain[12];
				gre[37] = plain[13];
				check(runner, gre, type == 0x0800, "type in GRE", type);
				gre[36] = 8;
				gre[37] = 0;
				gre[34] = plain[12];
				gre[35] = plain[13];
				check(runner, gre, type == 0, "flags of GRE", type);
				gre[34] = 0;
				gre[35] = 0;
			}
		}
	}

	@Test
	void everyHeaderLengthIsRightOutsideAndInside() {
		RedirectRules rules = rules(
				RedirectRule.named("ports").udpPorts(List.of(PortRange.of(53))).inside(Encapsulation.GRE));
		try (RedirectProgram program = this.bench.load(rules)) {
			TestRun.Runner runner = this.bench.runner(program);
			for (int words = 0; words < 16; words++) {
				byte[] options = new byte[Math.max(0, words * 4 - 20)];
				byte[] plain = PacketMill.ipv4().ipOptions(options).udp(1, 53);
				byte[] inside = PacketMill.gre(plain);
				byte[] outside = Packets.between("203.0.113.1", "203.0.113.2")
					.ipOptions(options)
					.protocol(47, Arrays.copyOfRange(PacketMill.gre(PacketMill.ipv4().udp(1, 53)), 34, 34 + 32));
				plain[14] = (byte) (0x40 | words);
				inside[38] = (byte) (0x40 | words);
				outside[14] = (byte) (0x40 | words);
				check(runner, plain, words >= 5, "words", words);
				check(runner, inside, words >= 5, "words inside", words);
				check(runner, outside, words >= 5, "words outside", words);
			}
		}
	}

	@Test
	void extensionHeadersAreWalkedUpTo128Bytes() {
		try (RedirectProgram program = this.bench.load(RedirectRules.udpPorts(PortRange.of(53)))) {
			TestRun.Runner runner = this.bench.runner(program);
			for (int units = 0; units < 40; units++) {
				byte[] body = new byte[units * 8 + 7];
				body[0] = (byte) units;
				byte[] packet = PacketMill.ipv6().extension(60, body).udp(1, 53);
				check(runner, packet, (units + 1) * 8 <= 128, "units", units);
			}
		}
	}

	@Test
	void theCapturedPacketsGetTheirVerdicts() throws IOException {
		RedirectRules a = rules(RedirectRule.named("A")
			.udpPorts(List.of(PortRange.of(8001), PortRange.of(9090)))
			.destinations(prefixes("10.1.2.3"))
			.inside(Encapsulation.GRE));
		RedirectRules b = RedirectRules.udpPorts(PortRange.of(53));
		RedirectRules c = rules(RedirectRule.named("C").udpPorts(List.of(PortRange.of(53))).inside(Encapsulation.GRE));
		assertCaptured("quic_initial", a, b, c, true, false, false);
		assertCaptured("dns_query_a", a, b, c, false, true, true);
		assertCaptured("dns_query_a_gre", a, b, c, false, false, true);
		for (String name : List.of("tcp_syn", "tcp_syn_gre", "icmp_echo", "arp_request")) {
			assertCaptured(name, a, b, c, false, false, false);
		}
	}

	private void assertCaptured(String name, RedirectRules a, RedirectRules b, RedirectRules c, boolean... wanted)
			throws IOException {
		Path file = Path.of("src/test/resources/packets", name + ".bin");
		byte[] packet = Files.readAllBytes(file);
		int i = 0;
		for (RedirectRules rules : List.of(a, b, c)) {
			try (RedirectProgram program = this.bench.load(rules)) {
				assertThat(this.bench.isRedirected(program, packet)).as("%s, %s", name, rules).isEqualTo(wanted[i++]);
			}
		}
	}

	@Test
	void anEmptySlotDoesWhatTheRulesSayAndIsCounted() {
		this.bench.map().delete(0);
		byte[] packet = PacketMill.ipv4().udp(1, 53);
		RedirectRule rule = RedirectRule.named("dns").udpPorts(List.of(PortRange.of(53))).build();
		for (EmptySlot onEmptySlot : EmptySlot.values()) {
			RedirectRules rules = RedirectRules.builder().rule(rule).onEmptySlot(onEmptySlot).build();
			try (RedirectProgram program = this.bench.load(rules)) {
				assertThat(this.bench.verdict(program, packet))
					.isEqualTo((onEmptySlot == EmptySlot.DROP) ? LinuxXdp.XDP_DROP : LinuxXdp.XDP_PASS);
				assertThat(this.bench.verdict(program, PacketMill.ipv4().udp(1, 54))).isEqualTo(LinuxXdp.XDP_PASS);
				assertThat(program.counters().matches()).containsEntry("dns", 1L);
				assertThat(program.counters().emptySlots()).containsOnlyKeys(0).containsEntry(0, 1L);
			}
		}
	}

	@Test
	void everyProgramLoadsWithoutCapPerfmon() {
		Commands.Result result = ChildJvm.of(LoadingMain.class).unprivileged("net_raw", "net_admin", "bpf").run();
		assertThat(result.output()).contains("loaded " + 2 * ruleSets().count());
		// one of them knows no IP
		assertThat(result.output()).contains("asking for the length " + 2 * (ruleSets().count() - 1));
	}

	@Test
	void randomBytesGetTheVerdictOfTheInterpreter() {
		Random random = new Random(4);
		List<RedirectRules> sets = ruleSets().toList();
		int redirected = 0;
		for (RedirectRules rules : sets) {
			PacketInterpreter interpreter = new PacketInterpreter(rules);
			try (RedirectProgram program = this.bench.load(rules)) {
				TestRun.Runner runner = this.bench.runner(program);
				for (int i = 0; i <= RANDOM / sets.size(); i++) {
					byte[] packet = PacketMill.random(random);
					boolean wanted = interpreter.isRedirected(packet);
					redirected += wanted ? 1 : 0;
					check(runner, packet, wanted, "packet", i);
				}
			}
		}
		assertThat(redirected).as("redirected").isBetween(RANDOM / 100, RANDOM / 2);
	}

	private static void check(TestRun.Runner runner, byte[] packet, boolean wanted, String what, int number) {
		int verdict = runner.verdict(packet);
		if ((verdict == LinuxXdp.XDP_REDIRECT) != wanted) {
			assertThat(verdict).as("%s %d: %s", what, number, hex(packet))
				.isEqualTo(wanted ? LinuxXdp.XDP_REDIRECT : LinuxXdp.XDP_PASS);
		}
	}

	private static String hex(byte[] packet) {
		return HexFormat.of().formatHex(packet);
	}

}
