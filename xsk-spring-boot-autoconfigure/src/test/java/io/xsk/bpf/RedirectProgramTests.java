package io.xsk.bpf;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.Packets;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

	private final JnaKernel kernel = JnaKernel.load();

	private final TestRun run = new TestRun(this.kernel);

	private final OpenResources before = OpenResources.snapshot();

	private XskMap map = XskMap.create(this.kernel, "program_tests", 4);

	private FileDescriptor socket = this.run.xsk();

	@BeforeEach
	void occupyTheSlot() {
		this.map.update(0, this.socket.value(), UpdateMode.ANY);
	}

	@AfterEach
	void close() {
		this.socket.close();
		this.map.close();
		this.before.assertUnchanged();
	}

	@ParameterizedTest
	@CsvSource({ "52, false", "53, true", "54, false", "8999, false", "9000, true", "9050, true", "9100, true",
			"9101, false", "13568, false", "10275, false", "1, false", "65535, false", "0, false" })
	void udpPacketsAreRedirectedByTheirDestinationPort(int port, boolean redirected) {
		assertThat(isRedirected(DNS, ipv4().udp(53, port))).isEqualTo(redirected);
		assertThat(isRedirected(DNS, ipv6().udp(53, port))).isEqualTo(redirected);
	}

	@ParameterizedTest
	@CsvSource({ "1-65535, 1, true", "1-65535, 65535, true", "1-65535, 0, false", "65535, 65535, true",
			"65535, 65534, false", "1, 1, true", "1, 2, false", "2-65534, 65535, false", "2-65534, 1, false" })
	void theEndsOfTheNumbersAreRight(String range, int port, boolean redirected) {
		assertThat(isRedirected(RedirectRules.udpPorts(PortRange.parse(range)), ipv4().udp(1, port)))
			.isEqualTo(redirected);
	}

	@Test
	void ipv4OptionsOfEveryLengthAreSkipped() {
		try (RedirectProgram program = load(DNS)) {
			for (int length = 0; length <= 40; length += 4) {
				byte[] options = new byte[length];
				Arrays.fill(options, (byte) 1);
				assertThat(verdict(program, ipv4().ipOptions(options).udp(1, 53))).as("%d bytes", length)
					.isEqualTo(LinuxBpf.XDP_REDIRECT);
				assertThat(verdict(program, ipv4().ipOptions(options).udp(53, 1))).as("%d bytes", length)
					.isEqualTo(LinuxBpf.XDP_PASS);
			}
		}
	}

	@Test
	void fragmentsPass() {
		byte[] datagram = Arrays.copyOfRange(ipv4().udp(1, 53, new byte[64]), 34, 34 + 72);
		try (RedirectProgram program = load(DNS)) {
			assertThat(verdict(program, ipv4().protocol(Packets.IPPROTO_UDP, datagram)))
				.isEqualTo(LinuxBpf.XDP_REDIRECT);
			for (int offset : new int[] { 0, 8, 0x1f00, 0xfff8 }) {
				for (boolean more : new boolean[] { true, false }) {
					if (offset != 0 || more) {
						assertThat(
								verdict(program, ipv4().fragment(offset, more).protocol(Packets.IPPROTO_UDP, datagram)))
							.as("IPv4, offset %d, more %s", offset, more)
							.isEqualTo(LinuxBpf.XDP_PASS);
						assertThat(
								verdict(program, ipv6().fragment(offset, more).protocol(Packets.IPPROTO_UDP, datagram)))
							.as("IPv6, offset %d, more %s", offset, more)
							.isEqualTo(LinuxBpf.XDP_PASS);
					}
				}
			}
		}
	}

	@Test
	void thatAPacketMustNotBeFragmentedMakesItNoFragment() {
		byte[] packet = ipv4().udp(1, 53);
		packet[ETHERNET_SIZE + 6] = 0x40;
		assertThat(isRedirected(DNS, packet)).isTrue();
	}

	@Test
	void whatIsNotAPlainUdpPacketPasses() {
		byte[] options = { 1, 1, 1, 1 };
		try (RedirectProgram program = load(DNS)) {
			List<byte[]> packets = List.of(ipv4().tcp(53, 53, Packets.TCP_SYN), ipv6().tcp(53, 53, Packets.TCP_SYN),
					ipv4().icmpEcho(new byte[56]), ipv6().icmpEcho(new byte[56]), ipv4().arpRequest(),
					ipv4().vlan(7, 8, 9).udp(1, 53), ipv4().ipOptions(options).tcp(53, 53, Packets.TCP_SYN),
					ipv4().protocol(47, ipv4().udp(1, 53)), ipv4().frame(0x88cc, new byte[64]),
					ipv4().frame(53, new byte[64]));
			for (byte[] packet : packets) {
				assertThat(verdict(program, packet)).isEqualTo(LinuxBpf.XDP_PASS);
			}
		}
	}

	@Test
	void headersThatContradictThemselvesPass() {
		try (RedirectProgram program = load(DNS)) {
			for (int first = 0; first < 256; first++) {
				byte[] ipv4 = ipv4().udp(1, 53, new byte[64]);
				ipv4[ETHERNET_SIZE] = (byte) first;
				assertThat(verdict(program, ipv4)).as("IPv4 starts with %x", first)
					.isEqualTo((first == 0x45) ? LinuxBpf.XDP_REDIRECT : LinuxBpf.XDP_PASS);
				byte[] ipv6 = ipv6().udp(1, 53, new byte[64]);
				ipv6[ETHERNET_SIZE] = (byte) first;
				assertThat(verdict(program, ipv6)).as("IPv6 starts with %x", first)
					.isEqualTo((first >>> 4 == 6) ? LinuxBpf.XDP_REDIRECT : LinuxBpf.XDP_PASS);
			}
		}
	}

	@Test
	void aPacketThatIsCutAnywhereBeforeTheEndOfItsUdpHeaderPasses() {
		byte[] options = new byte[40];
		try (RedirectProgram program = load(DNS)) {
			for (byte[] packet : List.of(ipv4().udp(1, 53), ipv6().udp(1, 53), ipv4().ipOptions(options).udp(1, 53))) {
				for (int length = ETHERNET_SIZE; length < packet.length; length++) {
					assertThat(verdict(program, Arrays.copyOf(packet, length))).as("%d of %d", length, packet.length)
						.isEqualTo(LinuxBpf.XDP_PASS);
				}
				assertThat(verdict(program, packet)).isEqualTo(LinuxBpf.XDP_REDIRECT);
			}
		}
	}

	@Test
	void anEmptySlotPasses() {
		this.map.delete(0);
		assertThat(isRedirected(DNS, ipv4().udp(1, 53))).isFalse();
		assertThat(isRedirected(RedirectRules.all(), ipv4().arpRequest())).isFalse();
	}

	@Test
	void allRedirectsEveryPacket() {
		try (RedirectProgram program = load(RedirectRules.all())) {
			for (byte[] packet : List.of(ipv4().udp(1, 2), ipv6().tcp(1, 2, 0), ipv4().arpRequest(),
					ipv4().vlan(1).icmpEcho(), new byte[ETHERNET_SIZE])) {
				assertThat(verdict(program, packet)).isEqualTo(LinuxBpf.XDP_REDIRECT);
			}
		}
	}

	@Test
	void theSlotIsThatOfTheQueue() {
		byte[] packet = ipv4().udp(1, 53);
		try (VethPair pair = VethPair.create(2); RedirectProgram program = load(DNS)) {
			assertThat(this.run.verdict(program.fd(), packet, pair.index(), 0)).isEqualTo(LinuxBpf.XDP_REDIRECT);
			assertThat(this.run.verdict(program.fd(), packet, pair.index(), 1)).isEqualTo(LinuxBpf.XDP_PASS);
			this.map.delete(0);
			this.map.update(1, this.socket.value(), UpdateMode.ANY);
			assertThat(this.run.verdict(program.fd(), packet, pair.index(), 0)).isEqualTo(LinuxBpf.XDP_PASS);
			assertThat(this.run.verdict(program.fd(), packet, pair.index(), 1)).isEqualTo(LinuxBpf.XDP_REDIRECT);
		}
	}

	@Test
	void aQueuePastTheMapPasses() {
		try (VethPair pair = VethPair.create(2);
				XskMap small = XskMap.create(this.kernel, "small", 1);
				RedirectProgram program = RedirectProgram.load(this.kernel, small, RedirectRules.all())) {
			small.update(0, this.socket.value(), UpdateMode.ANY);
			assertThat(this.run.verdict(program.fd(), ipv4().arpRequest(), pair.index(), 0))
				.isEqualTo(LinuxBpf.XDP_REDIRECT);
			assertThat(this.run.verdict(program.fd(), ipv4().arpRequest(), pair.index(), 1))
				.isEqualTo(LinuxBpf.XDP_PASS);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 2, 3, 500, 8192 })
	void manyPortsAreTheSameAsTheirList(int count) {
		List<PortRange> ports = IntStream.range(0, count).mapToObj((i) -> range(65535 / count * i + 1, i % 3)).toList();
		RedirectRules rules = RedirectRules.udpPorts(ports);
		Random random = new Random(count);
		try (RedirectProgram program = load(rules)) {
			byte[] packet = ipv4().udp(1, 1);
			for (int i = 0; i < 3000; i++) {
				int port = random.nextInt(65536);
				packet[36] = (byte) (port >>> 8);
				packet[37] = (byte) port;
				boolean wanted = ports.stream().anyMatch((range) -> range.first() <= port && port <= range.last());
				assertThat(verdict(program, packet)).as("port %d", port)
					.isEqualTo(wanted ? LinuxBpf.XDP_REDIRECT : LinuxBpf.XDP_PASS);
			}
		}
	}

	@Test
	void theProgramIsKnownToOthersByItsIdNameAndTag() {
		try (RedirectProgram first = load(DNS);
				RedirectProgram same = load(DNS);
				RedirectProgram other = load(RedirectRules.all())) {
			assertThat(Commands.run("bpftool", "prog", "show", "id", Integer.toString(first.info().id()))).contains(
					"xdp", "name xsk_redirect", "tag " + first.info().tag(), "map_ids ",
					Integer.toString(this.map.info().id()));
			assertThat(first.info().tag()).matches("[0-9a-f]{16}")
				.isEqualTo(same.info().tag())
				.isNotEqualTo(other.info().tag());
			assertThat(first.rules()).isEqualTo(DNS);
		}
	}

	@Test
	void theProgramKeepsTheMap() {
		RedirectProgram program = load(DNS);
		try (program) {
			this.map.close();
			assertThat(verdict(program, ipv4().udp(1, 53))).isEqualTo(LinuxBpf.XDP_REDIRECT);
		}
		program.close();
	}

	@Test
	void aRefusalOfTheVerifierShowsItsLog() {
		BpfAssembler assembler = new BpfAssembler();
		assembler.load(Size.WORD, Register.R2, Register.R1, LinuxBpf.XDP_MD_DATA);
		assembler.load(Size.WORD, Register.R0, Register.R2, 0);
		assembler.exit();
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> ProgramLoader.load(this.kernel, "unchecked", assembler.assemble()))
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
			.isThrownBy(() -> ProgramLoader.load(this.kernel, "long", assembler.assemble()))
			.withMessageContaining("…")
			.withMessageContaining("invalid bpf_context access off=4000")
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeBetween(4000, 5000));
	}

	@Test
	void aVerifierThatIsInterruptedIsAskedAgain() {
		FaultInjectingKernel interrupted = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.EAGAIN, 4);
		RedirectProgram.load(interrupted, this.map, DNS).close();
		assertThat(interrupted.calls()).filteredOn("bpf BPF_PROG_LOAD"::equals).hasSize(5);
		interrupted.assertNothingOpen();
	}

	@Test
	void withoutTheRightsTheMissingCapabilitiesAreNamed() {
		FaultInjectingKernel powerless = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.EPERM)
			.failing("capget", Errno.EPERM);
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> RedirectProgram.load(powerless, this.map, DNS))
			.withMessageContaining("Loading an XDP program needs CAP_BPF and CAP_NET_ADMIN, which this process lacks.")
			.withMessageContaining("AmbientCapabilities=CAP_BPF CAP_NET_ADMIN")
			.satisfies((ex) -> assertThat(ex.getErrno()).isEqualTo(Errno.EPERM));
	}

	@Test
	void withTheRightsSomethingElseIsBlamed() {
		FaultInjectingKernel forbidden = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.EPERM);
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> RedirectProgram.load(forbidden, this.map, DNS))
			.withMessageContaining("although the capabilities for it are there")
			.withMessageContaining("seccomp");
	}

	private RedirectProgram load(RedirectRules rules) {
		return RedirectProgram.load(this.kernel, this.map, rules);
	}

	private int verdict(RedirectProgram program, byte[] packet) {
		return this.run.verdict(program.fd(), packet);
	}

	private boolean isRedirected(RedirectRules rules, byte[] packet) {
		try (RedirectProgram program = load(rules)) {
			return verdict(program, packet) == LinuxBpf.XDP_REDIRECT;
		}
	}

	private static PortRange range(int first, int more) {
		return new PortRange(first, first + more);
	}

	private static Packets ipv4() {
		return Packets.between("198.51.100.1", "198.51.100.2");
	}

	private static Packets ipv6() {
		return Packets.between("2001:db8::1", "2001:db8::2");
	}

}
