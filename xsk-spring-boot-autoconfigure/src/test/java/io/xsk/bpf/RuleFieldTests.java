package io.xsk.bpf;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

import io.xsk.bpf.asm.LinuxXdp;
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
 * Every field of a rule on the running kernel, with the packets that match it and those
 * that do not written out: the verdicts are nobody's but the reader's.
 */
@KernelTest
class RuleFieldTests {

	private static final List<PortRange> DNS = List.of(PortRange.of(53));

	@RegisterExtension
	final ProgramBench bench = new ProgramBench();

	@Test
	void etherType() {
		check(named("arp").etherTypes(0x0806), List.of(ipv4().arpRequest(), ipv4().vlan(7).arpRequest()),
				List.of(ipv4().udp(1, 53), ipv4().frame(0x0807, new byte[46])));
		check(named("types").etherTypes(0x86dd, 0x88cc),
				List.of(ipv6().udp(1, 53), ipv6().icmpEcho(), ipv4().frame(0x88cc)),
				List.of(ipv4().udp(1, 53), ipv4().arpRequest()));
	}

	@Test
	void vlanAtEachDepth() {
		check(named("seven").vlans(7, 4095),
				List.of(ipv4().vlan(7).udp(1, 53), ipv4().vlan(7, 8).udp(1, 53), ipv4().vlan(8, 7).udp(1, 53),
						ipv6().vlan(4095).icmpEcho(), ipv4().vlan(7).arpRequest(), priority(ipv4().vlan(7).udp(1, 53))),
				List.of(ipv4().udp(1, 53), ipv4().vlan(8).udp(1, 53), ipv4().vlan(8, 9).udp(1, 53),
						ipv4().vlan(8, 9, 7).udp(1, 53), ipv4().vlan(7, 8, 9).udp(1, 53)));
		check(named("untagged too").udpPorts(DNS),
				List.of(ipv4().udp(1, 53), ipv4().vlan(1).udp(1, 53), ipv6().vlan(1, 2).udp(1, 53)),
				List.of(ipv4().vlan(1, 2, 3).udp(1, 53), ipv4().vlan(1, 2, 3, 4).udp(1, 53)));
	}

	@Test
	void sourceAndDestination() {
		check(named("from").sources(prefixes("198.51.100.0/31", "2001:db8::/64")),
				List.of(between("198.51.100.0", "1.1.1.1").icmpEcho(), between("198.51.100.1", "1.1.1.1").udp(1, 2),
						between("2001:db8::ffff", "::1").icmpEcho()),
				List.of(between("198.51.100.2", "198.51.100.1").icmpEcho(),
						between("2001:db8:0:1::", "2001:db8::1").icmpEcho(), ipv4().arpRequest()));
		check(named("to").destinations(prefixes("198.51.100.2", "2001:db8::2", "0.0.0.0/1")),
				List.of(between("1.1.1.1", "198.51.100.2").udp(1, 2), between("::1", "2001:db8::2").tcp(1, 2, 0),
						between("198.51.100.2", "127.255.255.255").icmpEcho()),
				List.of(between("198.51.100.2", "198.51.100.3").icmpEcho(), between("2001:db8::2", "::1").icmpEcho(),
						between("1.1.1.1", "128.0.0.0").icmpEcho()));
	}

	@Test
	void protocol() {
		check(named("ospf").protocols(89, IpProtocol.TCP),
				List.of(ipv4().protocol(89, new byte[24]), ipv6().protocol(89, new byte[24]), ipv4().tcp(1, 2, 0),
						ipv6().extension(60, new byte[7]).protocol(89, new byte[24]),
						ipv4().fragment(8, true).protocol(89, new byte[24]), ipv4().protocol(89)),
				List.of(ipv4().udp(1, 2), ipv6().icmpEcho(), ipv4().protocol(88, new byte[24])));
	}

	@Test
	void ports() {
		check(named("source").sourcePorts(List.of(new PortRange(1000, 1001))),
				List.of(ipv4().udp(1000, 1), ipv6().tcp(1001, 1, 0), ipv4().protocol(132, ports(1000, 1))),
				List.of(ipv4().udp(1, 1000), ipv4().udp(1002, 1), ipv4().udp(999, 1), ipv4().icmpEcho()));
		check(named("destination").destinationPorts(DNS),
				List.of(ipv4().udp(1, 53), ipv6().tcp(1, 53, 0), ipv6().protocol(132, ports(1, 53))),
				List.of(ipv4().udp(53, 1), ipv4().protocol(89, ports(1, 53))));
		check(named("both").sourcePorts(List.of(PortRange.of(1))).destinationPorts(DNS), List.of(ipv4().udp(1, 53)),
				List.of(ipv4().udp(2, 53), ipv4().udp(1, 54)));
	}

	@Test
	void shortForms() {
		check(named("udp").udpPorts(DNS), List.of(ipv4().udp(1, 53), ipv6().udp(1, 53)),
				List.of(ipv4().tcp(1, 53, 0), ipv4().udp(1, 54), ipv4().protocol(132, ports(1, 53))));
		check(named("tcp").tcpPorts(DNS), List.of(ipv4().tcp(1, 53, 0)), List.of(ipv4().udp(1, 53)));
		check(named("either").udpPorts(DNS).tcpPorts(List.of(PortRange.of(80))).destinations(prefixes("198.51.100.2")),
				List.of(ipv4().udp(1, 53), ipv4().tcp(1, 80, 0)), List.of(ipv4().udp(1, 80), ipv4().tcp(1, 53, 0),
						between("198.51.100.1", "198.51.100.3").udp(1, 53), ipv6().udp(1, 53)));
		check(named("less").udpPorts(List.of(new PortRange(50, 60)))
			.tcpPorts(List.of(PortRange.of(70)))
			.destinationPorts(DNS), List.of(ipv4().udp(1, 53)),
				List.of(ipv4().udp(1, 54), ipv4().tcp(1, 53, 0), ipv4().tcp(1, 70, 0)));
	}

	@Test
	void icmpType() {
		byte[] solicitation = ipv6().protocol(58, ByteBuffer.allocate(24).put((byte) 135).array());
		check(named("echo").icmpTypes(8, 135), List.of(ipv4().icmpEcho(), solicitation),
				List.of(ipv6().icmpEcho(), ipv4().udp(8, 8), ipv4().protocol(58, new byte[] { 8, 0, 0, 0, 0, 0, 0, 0 }),
						ipv4().protocol(1, new byte[8])));
	}

	@Test
	void inside() {
		byte[] dns = ipv4().udp(1, 53);
		check(named("gre").udpPorts(DNS).inside(Encapsulation.GRE),
				List.of(dns, PacketMill.gre(dns), PacketMill.tagged(PacketMill.gre(dns), 7)),
				List.of(PacketMill.ipip(dns), PacketMill.gre(ipv4().udp(1, 54)), PacketMill.gre(PacketMill.gre(dns)),
						PacketMill.gre(PacketMill.ipip(dns))));
		check(named("ipip").sources(prefixes("198.51.100.1")).inside(Encapsulation.IPIP),
				List.of(dns, PacketMill.ipip(dns), PacketMill.ipip(ipv4().icmpEcho())),
				List.of(PacketMill.gre(dns), PacketMill.ipip(between("198.51.100.2", "198.51.100.1").udp(1, 53))));
		check(named("neither").udpPorts(DNS), List.of(dns), List.of(PacketMill.gre(dns), PacketMill.ipip(dns)));
	}

	@Test
	void fragments() {
		byte[] datagram = ByteBuffer.allocate(32).putShort((short) 1).putShort((short) 53).putShort((short) 64).array();
		List<byte[]> first = List.of(ipv4().fragment(0, true).protocol(17, datagram),
				ipv6().fragment(0, true).protocol(17, datagram));
		List<byte[]> later = List.of(ipv4().fragment(32, false).protocol(17, datagram),
				ipv6().fragment(32, false).protocol(17, datagram), ipv4().fragment(32, true).protocol(17, datagram));
		check(named("ports").udpPorts(DNS), List.of(), join(first, later));
		check(named("first").udpPorts(DNS).firstFragments(), first, later);
		check(named("all").protocols(17), join(first, later), List.of());
	}

	@Test
	void except() {
		RedirectRules rules = RedirectRules.builder()
			.rule(named("UDP").protocols(17).build())
			.rule(named("not DNS").except().udpPorts(DNS).build())
			.build();
		check(rules, List.of(ipv4().udp(1, 54), ipv6().udp(53, 1)), List.of(ipv4().udp(1, 53), ipv6().udp(1, 53)));
	}

	private void check(RedirectRule.Builder rule, List<byte[]> matching, List<byte[]> others) {
		check(RedirectRules.builder().rule(rule.build()).build(), matching, others);
	}

	private void check(RedirectRules rules, List<byte[]> matching, List<byte[]> others) {
		for (MapLimits limits : List.of(MapLimits.MEASURED, new MapLimits(0, 0, 0))) {
			try (RedirectProgram program = this.bench.load(rules, limits)) {
				for (int i = 0; i < matching.size(); i++) {
					assertThat(this.bench.verdict(program, matching.get(i))).as("packet %d that matches %s", i, rules)
						.isEqualTo(LinuxXdp.XDP_REDIRECT);
				}
				for (int i = 0; i < others.size(); i++) {
					assertThat(this.bench.verdict(program, others.get(i))).as("packet %d beside %s", i, rules)
						.isEqualTo(LinuxXdp.XDP_PASS);
				}
			}
		}
	}

	private static RedirectRule.Builder named(String name) {
		return RedirectRule.named(name);
	}

	private static List<IpPrefix> prefixes(String... texts) {
		return Stream.of(texts).map(IpPrefix::parse).toList();
	}

	private static List<byte[]> join(List<byte[]> packets, List<byte[]> others) {
		return Stream.concat(packets.stream(), others.stream()).toList();
	}

	private static byte[] ports(int source, int destination) {
		return ByteBuffer.allocate(12).putShort((short) source).putShort((short) destination).array();
	}

	/** Sets the bits in front of the VLAN id. */
	private static byte[] priority(byte[] tagged) {
		tagged[14] |= (byte) 0xf0;
		return tagged;
	}

	private static Packets ipv4() {
		return PacketMill.ipv4();
	}

	private static Packets ipv6() {
		return PacketMill.ipv6();
	}

	private static Packets between(String source, String destination) {
		return Packets.between(source, destination);
	}

}
