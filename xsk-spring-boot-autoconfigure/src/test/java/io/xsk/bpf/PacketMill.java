package io.xsk.bpf;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import io.xsk.rule.IpProtocol;
import io.xsk.test.Packets;

/**
 * Makes packets of every kind, and mutates them, by a seed.
 */
final class PacketMill {

	private static final int ETHERNET_SIZE = 14;

	private final Random random;

	PacketMill(long seed) {
		this.random = new Random(seed);
	}

	/** A packet of each kind. */
	static List<byte[]> everyKind() {
		List<byte[]> packets = new ArrayList<>();
		for (Packets[] pair : new Packets[][] { { ipv4(), ipv4() }, { ipv6(), ipv6() } }) {
			packets.add(pair[0].udp(1000, 53, new byte[9]));
			packets.add(pair[1].tcp(1000, 53, Packets.TCP_SYN));
			packets.add(pair[0].icmpEcho(new byte[3]));
			packets.add(pair[0].protocol(IpProtocol.SCTP, ports(1000, 53, 12)));
			packets.add(pair[0].protocol(89, new byte[24]));
			packets.add(pair[1].fragment(0, true).protocol(IpProtocol.UDP, firstPart(1000, 53, 32)));
			packets.add(pair[1].fragment(64, false).protocol(IpProtocol.UDP, ports(1000, 53, 32)));
		}
		packets.add(ipv4().ipOptions(new byte[40]).udp(1000, 53));
		packets.add(ipv4().arpRequest());
		packets.add(ipv4().frame(0x88cc, new byte[20]));
		for (int next : new int[] { 0, 43, 60 }) {
			packets.add(ipv6().extension(next, new byte[7]).udp(1000, 53));
			packets.add(ipv6().extension(next, filled(23, 2)).tcp(1000, 53, 0));
		}
		packets.add(ipv6().extension(51, filled(15, 2)).udp(1000, 53));
		packets
			.add(ipv6().extension(0, new byte[7]).fragment(0, true).protocol(IpProtocol.UDP, firstPart(1000, 53, 16)));
		List<byte[]> all = new ArrayList<>(packets);
		for (byte[] packet : packets) {
			if (packet[12] == 8 && packet[13] == 0) {
				all.add(gre(packet));
				all.add(ipip(packet));
			}
		}
		return all;
	}

	static Packets ipv4() {
		return Packets.between("198.51.100.1", "198.51.100.2");
	}

	static Packets ipv6() {
		return Packets.between("2001:db8::1", "2001:db8::2");
	}

	static byte[] gre(byte[] frame) {
		byte[] content = ByteBuffer.allocate(4 + frame.length - ETHERNET_SIZE)
			.putInt(0x0800)
			.put(frame, ETHERNET_SIZE, frame.length - ETHERNET_SIZE)
			.array();
		return Packets.between("203.0.113.1", "203.0.113.2").protocol(47, content);
	}

	static byte[] ipip(byte[] frame) {
		return Packets.between("203.0.113.1", "203.0.113.2")
			.protocol(4, Arrays.copyOfRange(frame, ETHERNET_SIZE, frame.length));
	}

	static byte[] tagged(byte[] frame, int... tags) {
		ByteBuffer tagged = ByteBuffer.allocate(frame.length + 4 * tags.length).put(frame, 0, 12);
		for (int i = 0; i < tags.length; i++) {
			tagged.putShort((short) ((i % 2 == 0 && tags.length > 1) ? 0x88a8 : 0x8100)).putShort((short) tags[i]);
		}
		return tagged.put(frame, 12, frame.length - 12).array();
	}

	private static byte[] filled(int size, int first) {
		byte[] bytes = new byte[size];
		bytes[0] = (byte) first;
		return bytes;
	}

	private static byte[] ports(int source, int destination, int size) {
		return ByteBuffer.allocate(size).putShort((short) source).putShort((short) destination).array();
	}

	/** The beginning of a UDP datagram that is longer. */
	private static byte[] firstPart(int source, int destination, int size) {
		return ByteBuffer.wrap(ports(source, destination, size)).putShort(4, (short) (size + 800)).array();
	}

	byte[] mutate(List<byte[]> kinds) {
		byte[] packet = kinds.get(this.random.nextInt(kinds.size())).clone();
		if (this.random.nextInt(3) == 0) {
			int[] tags = new int[this.random.nextInt(4)];
			for (int i = 0; i < tags.length; i++) {
				tags[i] = this.random.nextBoolean() ? 7 : this.random.nextInt(0x10000);
			}
			packet = tagged(packet, tags);
		}
		int mutations = this.random.nextInt(4);
		for (int i = 0; i < mutations; i++) {
			// Headers more often than what follows
			int at = this.random.nextInt(this.random.nextBoolean() ? packet.length : Math.min(packet.length, 64));
			packet[at] = switch (this.random.nextInt(4)) {
				case 0 -> (byte) this.random.nextInt(256);
				case 1 -> (byte) (packet[at] ^ 1 << this.random.nextInt(8));
				case 2 -> INTERESTING[this.random.nextInt(INTERESTING.length)];
				default -> (byte) (packet[at] + 1);
			};
		}
		if (this.random.nextInt(4) == 0) {
			packet = Arrays.copyOf(packet, Math.max(ETHERNET_SIZE, packet.length - 20 + this.random.nextInt(40)));
		}
		if (this.random.nextInt(50) == 0) {
			packet = new byte[ETHERNET_SIZE + this.random.nextInt(100)];
			this.random.nextBytes(packet);
		}
		return packet;
	}

	/** Random bytes, of which some begin like IP and as long as they are. */
	static byte[] random(Random random) {
		byte[] packet = new byte[ETHERNET_SIZE + random.nextInt(120)];
		random.nextBytes(packet);
		boolean ipv4 = random.nextBoolean();
		ByteBuffer.wrap(packet).putShort(12, (short) (ipv4 ? 0x0800 : 0x86dd));
		if (packet.length > 22 && random.nextInt(8) != 0) {
			packet[14] = (byte) (ipv4 ? 0x45 + random.nextInt(3) : 0x60);
			ByteBuffer.wrap(packet).putShort(ipv4 ? 16 : 18, (short) (packet.length - (ipv4 ? 14 : 54)));
			int at = ipv4 ? 23 : 20;
			packet[Math.min(at, packet.length - 1)] = INTERESTING[random.nextInt(INTERESTING.length)];
			if (ipv4 && random.nextInt(4) != 0) {
				packet[20] = 0;
				packet[21] = 0;
			}
		}
		return packet;
	}

	private static final byte[] INTERESTING = { 0, 1, 4, 6, 17, 43, 44, 47, 51, 58, 59, 60, 0x45, 0x46, 0x4f, 0x60,
			(byte) 132, (byte) 0x81, (byte) 0x88, (byte) 0xff };

}
