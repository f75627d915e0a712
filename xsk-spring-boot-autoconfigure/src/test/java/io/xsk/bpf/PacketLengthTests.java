package io.xsk.bpf;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

import io.xsk.bpf.asm.LinuxXdp;
import io.xsk.kernel.Errno;
import io.xsk.rule.Encapsulation;
import io.xsk.rule.IpProtocol;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.Packets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the headers of a packet say of lengths, against each other and against the frame:
 * a packet that is truncated or contradicts itself passes. The verdicts are written out
 * here, apart from {@link PacketInterpreter}.
 */
@KernelTest
class PacketLengthTests {

	private static final int ETHERNET = 14;

	/** To load a program: one, and one more for the verifier's log. */
	private static final int ATTEMPTS = 2;

	private static final int IPV4_LENGTH = ETHERNET + 2;

	private static final int IPV6_LENGTH = ETHERNET + 4;

	private static final List<PortRange> DNS = List.of(PortRange.of(53));

	private static final RedirectRules PORT = RedirectRules.udpPorts(DNS);

	private static final RedirectRules INSIDE = RedirectRules.builder()
		.rule(RedirectRule.named("dns").udpPorts(DNS).inside(Encapsulation.GRE, Encapsulation.IPIP).build())
		.build();

	private static final RedirectRules UDP = RedirectRules.builder()
		.rule(RedirectRule.named("UDP").protocols(IpProtocol.UDP).build())
		.build();

	private static final RedirectRules FIRST = RedirectRules.builder()
		.rule(RedirectRule.named("first").destinationPorts(DNS).firstFragments().build())
		.build();

	@RegisterExtension
	final ProgramBench bench = new ProgramBench();

	@Test
	void aPacketThatIsCutAnywherePassesAndOneWithPaddingDoesNot() {
		byte[] plain = PacketMill.ipv4().udp(1, 53, new byte[20]);
		List<byte[]> packets = List.of(plain, PacketMill.ipv6().udp(1, 53, new byte[20]),
				PacketMill.ipv4().ipOptions(new byte[40]).udp(1, 53, new byte[20]),
				PacketMill.ipv6().extension(60, new byte[7]).udp(1, 53, new byte[20]),
				PacketMill.ipv4().vlan(7).udp(1, 53, new byte[20]),
				PacketMill.ipv6().vlan(7, 8).udp(1, 53, new byte[20]), PacketMill.gre(plain), PacketMill.ipip(plain));
		for (RedirectProgram program : List.of(this.bench.load(INSIDE), withoutPerfmon(INSIDE))) {
			for (byte[] packet : packets) {
				for (int length = ETHERNET; length < packet.length; length++) {
					assertThat(this.bench.isRedirected(program, Arrays.copyOf(packet, length)))
						.as("%d of %d bytes", length, packet.length)
						.isFalse();
				}
				assertThat(this.bench.isRedirected(program, packet)).isTrue();
				assertThat(this.bench.isRedirected(program, Arrays.copyOf(packet, packet.length + 18))).isTrue();
			}
			assertThat(program.counters().matches()).containsEntry("dns", 2L * packets.size());
			program.close();
		}
	}

	@Test
	void aRuleWithoutPortsLetsATruncatedPacketPassToo() {
		byte[] packet = PacketMill.ipv4().udp(1, 53, new byte[20]);
		for (RedirectRules rules : List.of(UDP,
				RedirectRules.builder().rule(RedirectRule.named("vlan").etherTypes(0x0800).build()).build())) {
			assertThat(this.bench.isRedirected(rules, packet)).isTrue();
			assertThat(this.bench.isRedirected(rules, Arrays.copyOf(packet, packet.length - 1))).isFalse();
		}
		byte[] lldp = PacketMill.ipv4().frame(0x88cc, new byte[20]);
		RedirectRules other = RedirectRules.builder()
			.rule(RedirectRule.named("LLDP").etherTypes(0x88cc).build())
			.build();
		assertThat(this.bench.isRedirected(other, Arrays.copyOf(lldp, ETHERNET))).as("it has no length").isTrue();
	}

	@Test
	void anInnerPacketThatReachesBeyondTheOuterOneDoesNotMatch() {
		byte[] plain = PacketMill.ipv4().udp(1, 53, new byte[20]);
		RedirectRules outer = RedirectRules.builder()
			.rules(INSIDE.rules())
			.rule(RedirectRule.named("tunnels").protocols(4, 47).build())
			.build();
		try (RedirectProgram program = this.bench.load(INSIDE); RedirectProgram both = this.bench.load(outer)) {
			for (byte[] packet : List.of(PacketMill.gre(plain), PacketMill.ipip(plain))) {
				int total = packet.length - ETHERNET;
				assertThat(this.bench.isRedirected(program, packet)).isTrue();
				// The frame is long enough, the outer packet is not
				for (int less = 1; less <= 48; less++) {
					short shorter = (short) (total - less);
					assertThat(this.bench.isRedirected(program, with16(packet, IPV4_LENGTH, shorter)))
						.as("%d bytes of the inner packet are outside", less)
						.isFalse();
				}
				byte[] longer = with16(Arrays.copyOf(packet, packet.length + 4), IPV4_LENGTH, total + 4);
				assertThat(this.bench.isRedirected(program, longer)).as("something follows the inner one").isTrue();
				assertThat(this.bench.isRedirected(both, with16(packet, IPV4_LENGTH, total - 1)))
					.as("a rule for the outer packet")
					.isTrue();
			}
			assertThat(both.counters().matches()).containsEntry("dns", 0L).containsEntry("tunnels", 2L);
		}
	}

	@Test
	void aUdpLengthIsThatOfAHeaderAtLeastAndOfTheIpPacketAtMost() {
		for (Packets packets : List.of(PacketMill.ipv4(), PacketMill.ipv6())) {
			byte[] packet = packets.udp(1, 53, new byte[20]);
			int field = packet.length - 24;
			for (RedirectRules rules : List.of(PORT, UDP, FIRST)) {
				try (RedirectProgram program = this.bench.load(rules)) {
					for (int length = 0; length < 65536; length += (length < 64) ? 1 : 997) {
						assertThat(this.bench.isRedirected(program, with16(packet, field, length)))
							.as("UDP length %d in %s", length, rules)
							.isEqualTo(8 <= length && length <= 28);
					}
				}
			}
		}
	}

	@Test
	void theUdpLengthOfAFirstFragmentIsThatOfTheWhole() {
		byte[] datagram = ByteBuffer.allocate(32)
			.putShort((short) 1)
			.putShort((short) 53)
			.putShort((short) 900)
			.array();
		try (RedirectProgram program = this.bench.load(FIRST)) {
			for (Packets packets : List.of(PacketMill.ipv4().fragment(0, true), PacketMill.ipv6().fragment(0, true))) {
				byte[] packet = packets.protocol(IpProtocol.UDP, datagram);
				int field = packet.length - 28;
				assertThat(this.bench.isRedirected(program, packet)).isTrue();
				assertThat(this.bench.isRedirected(program, with16(packet, field, 7))).isFalse();
				assertThat(this.bench.isRedirected(program, Arrays.copyOf(packet, packet.length - 1))).isFalse();
			}
			byte[] whole = PacketMill.ipv4().protocol(IpProtocol.UDP, datagram);
			assertThat(this.bench.isRedirected(program, whole)).as("it is no fragment").isFalse();
		}
	}

	@Test
	void aTcpHeaderLiesWithinTheIpPacket() {
		RedirectRules rules = RedirectRules.builder()
			.rule(RedirectRule.named("dns").tcpPorts(DNS).firstFragments().build())
			.build();
		try (RedirectProgram program = this.bench.load(rules)) {
			for (int words = 0; words < 16; words++) {
				for (Packets packets : List.of(PacketMill.ipv4(), PacketMill.ipv6())) {
					byte[] packet = packets.tcp(1, 53, Packets.TCP_SYN, new byte[8]);
					packet[packet.length - 16] = (byte) (words << 4);
					assertThat(this.bench.isRedirected(program, packet)).as("%d words", words)
						.isEqualTo(words >= 5 && words <= 7);
				}
				byte[] segment = new byte[24];
				segment[3] = 53;
				segment[12] = (byte) (words << 4);
				byte[] first = PacketMill.ipv4().fragment(0, true).protocol(IpProtocol.TCP, segment);
				assertThat(this.bench.isRedirected(program, first)).as("%d words in a first fragment", words)
					.isEqualTo(words >= 5);
			}
		}
	}

	@Test
	void anIpLengthIsThatOfTheHeadersAtLeastAndOfTheFrameAtMost() {
		byte[] ipv4 = PacketMill.ipv4().udp(1, 53);
		byte[] ipv6 = PacketMill.ipv6().udp(1, 53);
		try (RedirectProgram program = this.bench.load(PORT)) {
			TestRun.Runner runner = this.bench.runner(program);
			for (int length = 0; length < 65536; length++) {
				int four = runner.verdict(with16(ipv4, IPV4_LENGTH, length));
				int six = runner.verdict(with16(ipv6, IPV6_LENGTH, length));
				if (four != ((length == 28) ? LinuxXdp.XDP_REDIRECT : LinuxXdp.XDP_PASS)) {
					assertThat(four).as("IPv4 length %d", length).isNegative();
				}
				if (six != ((length == 8) ? LinuxXdp.XDP_REDIRECT : LinuxXdp.XDP_PASS)) {
					assertThat(six).as("IPv6 length %d", length).isNegative();
				}
			}
		}
	}

	@Test
	void aPacketInSeveralBuffersIsAsLongAsAllOfThem() {
		try (RedirectProgram program = RedirectProgram.load(this.bench.kernel(), this.bench.map(), INSIDE, true)) {
			for (Packets packets : List.of(PacketMill.ipv4(), PacketMill.ipv6(), PacketMill.ipv4().vlan(1, 2))) {
				byte[] packet = packets.udp(1, 53, new byte[9000]);
				assertThat(this.bench.isRedirected(program, packet)).isTrue();
				assertThat(this.bench.isRedirected(program, Arrays.copyOf(packet, packet.length - 1))).isFalse();
			}
		}
	}

	@Test
	void aKernelThatTellsNoLengthsGetsAProgramThatDoesNotAsk() {
		FaultInjectingKernel old = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.EINVAL, 2 * ATTEMPTS);
		byte[] packet = PacketMill.ipv4().udp(1, 53, new byte[20]);
		byte[] cut = Arrays.copyOf(packet, packet.length - 1);
		try (RedirectProgram program = RedirectProgram.load(old, this.bench.map(), INSIDE)) {
			assertThat(program.listing()).noneMatch((line) -> line.contains("xdp_get_buff_len"));
			assertThat(this.bench.isRedirected(program, packet)).isTrue();
			assertThat(this.bench.isRedirected(program, cut)).isTrue();
			assertThat(this.bench.isRedirected(program, Arrays.copyOf(packet, ETHERNET + 27))).isFalse();
		}
		old.assertNothingOpen();
	}

	/**
	 * The kernel is asked for the length there: to look for the packet's end is refused.
	 */
	private RedirectProgram withoutPerfmon(RedirectRules rules) {
		FaultInjectingKernel kernel = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.EACCES, ATTEMPTS);
		RedirectProgram program = RedirectProgram.load(kernel, this.bench.map(), rules);
		assertThat(program.listing()).anyMatch((line) -> line.contains("call xdp_get_buff_len"));
		return program;
	}

	private static byte[] with16(byte[] packet, int at, int value) {
		byte[] changed = packet.clone();
		ByteBuffer.wrap(changed).putShort(at, (short) value);
		return changed;
	}

}
