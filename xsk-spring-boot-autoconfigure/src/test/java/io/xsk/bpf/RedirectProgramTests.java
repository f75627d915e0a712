package io.xsk.bpf;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

import io.xsk.XskSystemException;
import io.xsk.bpf.asm.BpfAssembler;
import io.xsk.bpf.asm.LinuxXdp;
import io.xsk.bpf.asm.Register;
import io.xsk.bpf.asm.Size;
import io.xsk.bpf.filter.RedirectCompiler;
import io.xsk.kernel.Errno;
import io.xsk.rule.IpPrefix;
import io.xsk.rule.IpProtocol;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.Packets;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RedirectProgram}, {@link RedirectCompiler} and {@link ProgramLoader}.
 */
@KernelTest
class RedirectProgramTests {

	private static final RedirectRules DNS = RedirectRules.udpPorts(PortRange.of(53), PortRange.parse("9000-9100"));

	/** The smallest that the kernel runs a program on. */
	private static final int ETHERNET_SIZE = 14;

	@RegisterExtension
	final ProgramBench bench = new ProgramBench();

	@ParameterizedTest
	@CsvSource({ "52, false", "53, true", "54, false", "8999, false", "9000, true", "9050, true", "9100, true",
			"9101, false", "13568, false", "10275, false", "1, false", "65535, false", "0, false" })
	void udpPacketsAreRedirectedByTheirDestinationPort(int port, boolean redirected) {
		assertThat(this.bench.isRedirected(DNS, PacketMill.ipv4().udp(53, port))).isEqualTo(redirected);
		assertThat(this.bench.isRedirected(DNS, PacketMill.ipv6().udp(53, port))).isEqualTo(redirected);
	}

	@ParameterizedTest
	@CsvSource({ "1-65535, 1, true", "1-65535, 65535, true", "1-65535, 0, false", "65535, 65535, true",
			"65535, 65534, false", "1, 1, true", "1, 2, false", "2-65534, 65535, false", "2-65534, 1, false" })
	void theEndsOfTheNumbersAreRight(String range, int port, boolean redirected) {
		assertThat(
				this.bench.isRedirected(RedirectRules.udpPorts(PortRange.parse(range)), PacketMill.ipv4().udp(1, port)))
			.isEqualTo(redirected);
	}

	@Test
	void ipv4OptionsOfEveryLengthAreSkipped() {
		try (RedirectProgram program = this.bench.load(DNS)) {
			for (int length = 0; length <= 40; length += 4) {
				byte[] options = new byte[length];
				Arrays.fill(options, (byte) 1);
				assertThat(this.bench.verdict(program, PacketMill.ipv4().ipOptions(options).udp(1, 53)))
					.as("%d bytes", length)
					.isEqualTo(LinuxXdp.XDP_REDIRECT);
				assertThat(this.bench.verdict(program, PacketMill.ipv4().ipOptions(options).udp(53, 1)))
					.as("%d bytes", length)
					.isEqualTo(LinuxXdp.XDP_PASS);
			}
		}
	}

	@Test
	void fragmentsPass() {
		byte[] datagram = Arrays.copyOfRange(PacketMill.ipv4().udp(1, 53, new byte[64]), 34, 34 + 72);
		try (RedirectProgram program = this.bench.load(DNS)) {
			assertThat(this.bench.verdict(program, PacketMill.ipv4().protocol(Packets.IPPROTO_UDP, datagram)))
				.isEqualTo(LinuxXdp.XDP_REDIRECT);
			for (int offset : new int[] { 0, 8, 0x1f00, 0xfff8 }) {
				for (boolean more : new boolean[] { true, false }) {
					if (offset != 0 || more) {
						assertThat(this.bench.verdict(program,
								PacketMill.ipv4().fragment(offset, more).protocol(Packets.IPPROTO_UDP, datagram)))
							.as("IPv4, offset %d, more %s", offset, more)
							.isEqualTo(LinuxXdp.XDP_PASS);
						assertThat(this.bench.verdict(program,
								PacketMill.ipv6().fragment(offset, more).protocol(Packets.IPPROTO_UDP, datagram)))
							.as("IPv6, offset %d, more %s", offset, more)
							.isEqualTo(LinuxXdp.XDP_PASS);
					}
				}
			}
		}
	}

	@Test
	void thatAPacketMustNotBeFragmentedMakesItNoFragment() {
		byte[] packet = PacketMill.ipv4().udp(1, 53);
		packet[ETHERNET_SIZE + 6] = 0x40;
		assertThat(this.bench.isRedirected(DNS, packet)).isTrue();
	}

	@Test
	void whatIsNotAPlainUdpPacketPasses() {
		byte[] options = { 1, 1, 1, 1 };
		try (RedirectProgram program = this.bench.load(DNS)) {
			List<byte[]> packets = List.of(PacketMill.ipv4().tcp(53, 53, Packets.TCP_SYN),
					PacketMill.ipv6().tcp(53, 53, Packets.TCP_SYN), PacketMill.ipv4().icmpEcho(new byte[56]),
					PacketMill.ipv6().icmpEcho(new byte[56]), PacketMill.ipv4().arpRequest(),
					PacketMill.ipv4().vlan(7, 8, 9).udp(1, 53),
					PacketMill.ipv4().ipOptions(options).tcp(53, 53, Packets.TCP_SYN),
					PacketMill.ipv4().protocol(47, PacketMill.ipv4().udp(1, 53)),
					PacketMill.ipv4().frame(0x88cc, new byte[64]), PacketMill.ipv4().frame(53, new byte[64]));
			for (byte[] packet : packets) {
				assertThat(this.bench.verdict(program, packet)).isEqualTo(LinuxXdp.XDP_PASS);
			}
		}
	}

	@Test
	void headersThatContradictThemselvesPass() {
		try (RedirectProgram program = this.bench.load(DNS)) {
			for (int first = 0; first < 256; first++) {
				byte[] ipv4 = PacketMill.ipv4().udp(1, 53, new byte[64]);
				ipv4[ETHERNET_SIZE] = (byte) first;
				assertThat(this.bench.verdict(program, ipv4)).as("IPv4 starts with %x", first)
					.isEqualTo((first == 0x45) ? LinuxXdp.XDP_REDIRECT : LinuxXdp.XDP_PASS);
				byte[] ipv6 = PacketMill.ipv6().udp(1, 53, new byte[64]);
				ipv6[ETHERNET_SIZE] = (byte) first;
				assertThat(this.bench.verdict(program, ipv6)).as("IPv6 starts with %x", first)
					.isEqualTo((first >>> 4 == 6) ? LinuxXdp.XDP_REDIRECT : LinuxXdp.XDP_PASS);
			}
		}
	}

	@Test
	void aPacketThatIsCutAnywhereBeforeTheEndOfItsUdpHeaderPasses() {
		byte[] options = new byte[40];
		try (RedirectProgram program = this.bench.load(DNS)) {
			for (byte[] packet : List.of(PacketMill.ipv4().udp(1, 53), PacketMill.ipv6().udp(1, 53),
					PacketMill.ipv4().ipOptions(options).udp(1, 53))) {
				for (int length = ETHERNET_SIZE; length < packet.length; length++) {
					assertThat(this.bench.verdict(program, Arrays.copyOf(packet, length)))
						.as("%d of %d", length, packet.length)
						.isEqualTo(LinuxXdp.XDP_PASS);
				}
				assertThat(this.bench.verdict(program, packet)).isEqualTo(LinuxXdp.XDP_REDIRECT);
			}
		}
	}

	@Test
	void theOnlyProtocolIsAskedForOnce() {
		try (RedirectProgram program = this.bench.load(DNS)) {
			assertThat(program.listing()).filteredOn((line) -> line.contains("if r7 != 17 ")).hasSize(1);
		}
	}

	@Test
	void thePortThatAllRulesWantIsComparedBeforeTheLengths() {
		try (RedirectProgram program = this.bench.load(RedirectRules.udpPorts(PortRange.of(53)))) {
			List<String> listing = program.listing();
			assertThat(indexOf(listing, "if r8 != 53 ")).isBetween(indexOf(listing, "(r2 +2)"),
					indexOf(listing, "if r0 < 8 "));
		}
		RedirectRules range = RedirectRules.udpPorts(new PortRange(9000, 9100));
		try (RedirectProgram program = this.bench.load(range)) {
			assertThat(indexOf(program.listing(), "if r8 < 9000 "))
				.isLessThan(indexOf(program.listing(), "if r0 < 8 "));
			for (int port : new int[] { 8999, 9000, 9050, 9100, 9101 }) {
				assertThat(this.bench.verdict(program, PacketMill.ipv4().udp(1, port))).as("port %d", port)
					.isEqualTo((port >= 9000 && port <= 9100) ? LinuxXdp.XDP_REDIRECT : LinuxXdp.XDP_PASS);
			}
		}
	}

	@Test
	void aPortThatSomeRuleDoesNotWantIsNotRequired() {
		RedirectRules rules = RedirectRules.builder()
			.rule(RedirectRule.named("dns").udpPorts(List.of(PortRange.of(53))).build())
			.rule(RedirectRule.named("from").protocols(IpProtocol.UDP).sourcePorts(List.of(PortRange.of(7))).build())
			.build();
		assertThat(this.bench.isRedirected(rules, PacketMill.ipv4().udp(7, 54))).isTrue();
		assertThat(this.bench.isRedirected(rules, PacketMill.ipv4().udp(8, 53))).isTrue();
		assertThat(this.bench.isRedirected(rules, PacketMill.ipv4().udp(8, 54))).isFalse();
	}

	private static int indexOf(List<String> listing, String text) {
		for (int i = 0; i < listing.size(); i++) {
			if (listing.get(i).contains(text)) {
				return i;
			}
		}
		throw new AssertionError("No '%s' in %s".formatted(text, String.join("\n", listing)));
	}

	@Test
	void anEmptySlotPasses() {
		this.bench.map().delete(0);
		assertThat(this.bench.isRedirected(DNS, PacketMill.ipv4().udp(1, 53))).isFalse();
		assertThat(this.bench.isRedirected(RedirectRules.all(), PacketMill.ipv4().arpRequest())).isFalse();
	}

	@Test
	void allRedirectsEveryPacket() {
		try (RedirectProgram program = this.bench.load(RedirectRules.all())) {
			for (byte[] packet : List.of(PacketMill.ipv4().udp(1, 2), PacketMill.ipv6().tcp(1, 2, 0),
					PacketMill.ipv4().arpRequest(), PacketMill.ipv4().vlan(1).icmpEcho(), new byte[ETHERNET_SIZE])) {
				assertThat(this.bench.verdict(program, packet)).isEqualTo(LinuxXdp.XDP_REDIRECT);
			}
		}
	}

	@Test
	void theSlotIsThatOfTheQueue() {
		byte[] packet = PacketMill.ipv4().udp(1, 53);
		try (VethPair pair = VethPair.create(2); RedirectProgram program = this.bench.load(DNS)) {
			assertThat(this.bench.run().verdict(program.fd(), packet, pair.index(), 0))
				.isEqualTo(LinuxXdp.XDP_REDIRECT);
			assertThat(this.bench.run().verdict(program.fd(), packet, pair.index(), 1)).isEqualTo(LinuxXdp.XDP_PASS);
			this.bench.map().delete(0);
			this.bench.occupy(1);
			assertThat(this.bench.run().verdict(program.fd(), packet, pair.index(), 0)).isEqualTo(LinuxXdp.XDP_PASS);
			assertThat(this.bench.run().verdict(program.fd(), packet, pair.index(), 1))
				.isEqualTo(LinuxXdp.XDP_REDIRECT);
		}
	}

	@Test
	void aQueuePastTheMapPasses() {
		try (VethPair pair = VethPair.create(2);
				XskMap small = XskMap.create(this.bench.kernel(), "small", 1);
				RedirectProgram program = RedirectProgram.load(this.bench.kernel(), small, RedirectRules.all())) {
			this.bench.occupy(small, 0);
			assertThat(this.bench.run().verdict(program.fd(), PacketMill.ipv4().arpRequest(), pair.index(), 0))
				.isEqualTo(LinuxXdp.XDP_REDIRECT);
			assertThat(this.bench.run().verdict(program.fd(), PacketMill.ipv4().arpRequest(), pair.index(), 1))
				.isEqualTo(LinuxXdp.XDP_PASS);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 2, 3, 500, 8192 })
	void manyPortsAreTheSameAsTheirList(int count) {
		List<PortRange> ports = IntStream.range(0, count).mapToObj((i) -> range(65535 / count * i + 1, i % 3)).toList();
		RedirectRules rules = RedirectRules.udpPorts(ports);
		Random random = new Random(count);
		try (RedirectProgram program = this.bench.load(rules)) {
			byte[] packet = PacketMill.ipv4().udp(1, 1);
			for (int i = 0; i < 3000; i++) {
				int port = random.nextInt(65536);
				packet[36] = (byte) (port >>> 8);
				packet[37] = (byte) port;
				boolean wanted = ports.stream().anyMatch((range) -> range.first() <= port && port <= range.last());
				assertThat(this.bench.verdict(program, packet)).as("port %d", port)
					.isEqualTo(wanted ? LinuxXdp.XDP_REDIRECT : LinuxXdp.XDP_PASS);
			}
		}
	}

	@Test
	void theProgramIsKnownToOthersByItsIdNameAndTag() {
		try (RedirectProgram first = this.bench.load(DNS);
				RedirectProgram same = this.bench.load(DNS);
				RedirectProgram other = this.bench.load(RedirectRules.all())) {
			assertThat(Commands.run("bpftool", "prog", "show", "id", Integer.toString(first.info().id()))).contains(
					"xdp", "name xsk_redirect", "tag " + first.info().tag(), "map_ids ",
					Integer.toString(this.bench.map().info().id()));
			assertThat(first.info().tag()).matches("[0-9a-f]{16}")
				.isEqualTo(same.info().tag())
				.isNotEqualTo(other.info().tag());
			assertThat(first.rules()).isEqualTo(DNS);
		}
	}

	@Test
	void theProgramKeepsTheMap() {
		RedirectProgram program = this.bench.load(DNS);
		try (program) {
			this.bench.map().close();
			assertThat(this.bench.verdict(program, PacketMill.ipv4().udp(1, 53))).isEqualTo(LinuxXdp.XDP_REDIRECT);
		}
		program.close();
	}

	@Test
	void aRefusalOfTheVerifierShowsItsLog() {
		BpfAssembler assembler = new BpfAssembler();
		assembler.load(Size.WORD, Register.R2, Register.R1, LinuxXdp.XDP_MD_DATA);
		assembler.load(Size.WORD, Register.R0, Register.R2, 0);
		assembler.exit();
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> ProgramLoader.load(this.bench.kernel(), "unchecked", assembler.assemble()))
			.withMessageContaining("bpf BPF_PROG_LOAD(type=XDP, name=unchecked, instructions=3) failed with errno 13"
					+ " (EACCES): the verifier refuses the program.")
			.withMessageContaining("invalid access to packet")
			.withMessageContaining("r0 = *(u32 *)(r2 +0)");
	}

	@Test
	void ofALongLogTheEndIsShown() {
		BpfAssembler assembler = new BpfAssembler();
		for (int i = 0; i < 1000; i++) {
			assembler.move(Register.R0, i);
		}
		assembler.load(Size.WORD, Register.R0, Register.R1, 4000);
		assembler.exit();
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> ProgramLoader.load(this.bench.kernel(), "long", assembler.assemble()))
			.withMessageContaining("…")
			.withMessageContaining("invalid bpf_context access off=4000")
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeBetween(4000, 5000));
	}

	@Test
	void aVerifierThatIsInterruptedIsAskedAgain() {
		FaultInjectingKernel interrupted = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.EAGAIN, 4);
		RedirectProgram.load(interrupted, this.bench.map(), DNS).close();
		assertThat(interrupted.calls()).filteredOn("bpf BPF_PROG_LOAD"::equals).hasSize(5);
		interrupted.assertNothingOpen();
	}

	@Test
	void withoutTheRightsTheMissingCapabilitiesAreNamed() {
		FaultInjectingKernel powerless = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.EPERM)
			.failing("capget", Errno.EPERM);
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> RedirectProgram.load(powerless, this.bench.map(), DNS))
			.withMessageContaining("Loading an XDP program needs CAP_BPF and CAP_NET_ADMIN, which this process lacks.")
			.withMessageContaining("AmbientCapabilities=CAP_BPF CAP_NET_ADMIN")
			.satisfies((ex) -> assertThat(ex.getErrno()).isEqualTo(Errno.EPERM));
	}

	@Test
	void aVerifierThatGivesUpGetsASmallerProgramAndSaysWhatToDoAtTheEnd() {
		List<IpPrefix> addresses = IntStream.range(0, 100).mapToObj((i) -> IpPrefix.parse("192.0.2." + i)).toList();
		RedirectRules rules = RedirectRules.builder()
			.rule(RedirectRule.named("many").udpPorts(List.of(PortRange.of(53))).destinations(addresses).build())
			.build();
		FaultInjectingKernel once = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.E2BIG, 2 * 3);
		try (XskMap map = XskMap.create(once, "xsks", 1);
				RedirectProgram program = RedirectProgram.load(once, map, rules)) {
			assertThat(program.listing()).as("addresses are looked up by then")
				.anyMatch((line) -> line.contains("call map_lookup_elem"));
		}
		once.assertNothingOpen();
		FaultInjectingKernel always = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.E2BIG);
		try (XskMap map = XskMap.create(always, "xsks", 1)) {
			assertThatExceptionOfType(XskSystemException.class)
				.isThrownBy(() -> RedirectProgram.load(always, map, rules))
				.withMessageContaining("too large for it")
				.satisfies((ex) -> assertThat(ex.getAction()).contains("fewer rules"));
		}
		always.assertNothingOpen();
	}

	@Test
	void countersOfManySlotsAreReadInFewCalls() {
		FaultInjectingKernel counting = new FaultInjectingKernel();
		try (XskMap map = XskMap.create(counting, "xsks", 65536);
				RedirectProgram program = RedirectProgram.load(counting, map, DNS)) {
			byte[] packet = PacketMill.ipv4().udp(1000, 53);
			assertThat(this.bench.verdict(program, packet)).isEqualTo(LinuxXdp.XDP_PASS);
			int before = counting.calls().size();
			RedirectCounters counters = program.counters();
			assertThat(counting.calls().size() - before).isLessThan(25);
			assertThat(counters.matches()).containsEntry("redirect", 1L);
			assertThat(counters.emptySlots()).containsExactly(Map.entry(0, 1L));
			counting.failing("bpf BPF_MAP_LOOKUP_BATCH", Errno.EINVAL);
			assertThat(program.counters()).as("as an older kernel is asked").isEqualTo(counters);
		}
		counting.assertNothingOpen();
	}

	@Test
	void withTheRightsSomethingElseIsBlamed() {
		FaultInjectingKernel forbidden = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.EPERM);
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> RedirectProgram.load(forbidden, this.bench.map(), DNS))
			.withMessageContaining("although the capabilities for it are there")
			.withMessageContaining("seccomp");
	}

	private static PortRange range(int first, int more) {
		return new PortRange(first, first + more);
	}

}
