package io.xsk.test;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Builds frames byte by byte, from the Ethernet header on, with lengths and checksums
 * that are right. {@code Packets.between("198.18.0.2", "198.18.0.1").udp(5000, 53, data)}
 * is a whole one; the methods before the last change a header. Whether the packet is IPv4
 * or IPv6 follows from the addresses. Not thread-safe.
 *
 * @since 0.1.0
 */
public final class Packets {

	/** IPv4 in an Ethernet header. */
	public static final int ETH_P_IP = 0x0800;

	/** ARP in an Ethernet header. */
	public static final int ETH_P_ARP = 0x0806;

	/** IPv6 in an Ethernet header. */
	public static final int ETH_P_IPV6 = 0x86dd;

	/** An 802.1Q tag in an Ethernet header. */
	public static final int ETH_P_8021Q = 0x8100;

	/** An 802.1ad tag in an Ethernet header. */
	public static final int ETH_P_8021AD = 0x88a8;

	/** ICMP in an IPv4 header. */
	public static final int IPPROTO_ICMP = 1;

	/** TCP in an IP header. */
	public static final int IPPROTO_TCP = 6;

	/** UDP in an IP header. */
	public static final int IPPROTO_UDP = 17;

	/** The fragment header in an IPv6 packet. */
	public static final int IPPROTO_FRAGMENT = 44;

	/** ICMPv6 in an IPv6 header. */
	public static final int IPPROTO_ICMPV6 = 58;

	/** TCP flag of the first packet of a connection. */
	public static final int TCP_SYN = 2;

	private static final int ETHERNET_HEADER = 14;

	private static final int IPV4_HEADER = 20;

	private static final int IPV6_HEADER = 40;

	private static final int UDP_HEADER = 8;

	private static final int TCP_HEADER = 20;

	private final byte[] source;

	private final byte[] destination;

	private byte[] destinationMac = { 0x02, 0x78, 0x73, 0x6b, 0x00, 0x01 };

	private byte[] sourceMac = { 0x02, 0x78, 0x73, 0x6b, 0x00, 0x02 };

	private int[] vlans = {};

	private byte[] ipOptions = {};

	private int extensionType = -1;

	private byte[] extension = {};

	private int fragmentOffset;

	private boolean moreFragments;

	private Packets(byte[] source, byte[] destination) {
		this.source = source;
		this.destination = destination;
	}

	/**
	 * Start a packet. Its MAC addresses are those of a {@link VethPair}, from the peer to
	 * our end.
	 * @param source the source address
	 * @param destination the destination address, of the same family
	 * @return what builds it
	 */
	public static Packets between(String source, String destination) {
		return new Packets(address(source), address(destination));
	}

	/**
	 * Set the hardware addresses.
	 * @param source six bytes
	 * @param destination six bytes
	 * @return this
	 */
	public Packets macs(byte[] source, byte[] destination) {
		this.sourceMac = source.clone();
		this.destinationMac = destination.clone();
		return this;
	}

	/**
	 * Put VLAN tags in front. Of several, the last is 802.1Q and the others 802.1ad.
	 * @param ids the VLAN ids, the outermost first
	 * @return this
	 */
	public Packets vlan(int... ids) {
		this.vlans = ids.clone();
		return this;
	}

	/**
	 * Put options into the IPv4 header.
	 * @param options the options, a multiple of four bytes, at most 40
	 * @return this
	 */
	public Packets ipOptions(byte... options) {
		this.ipOptions = options.clone();
		return this;
	}

	/**
	 * Put an extension header into the IPv6 packet, without its next-header byte.
	 * @param type its type, 0 for hop-by-hop for example
	 * @param body the header from its length byte on, so 7 bytes, 15, …
	 * @return this
	 */
	public Packets extension(int type, byte... body) {
		this.extensionType = type;
		this.extension = body.clone();
		return this;
	}

	/**
	 * Make it a fragment. Its content is what the last method is given, headers included.
	 * @param offset where it lies in the whole, in bytes, a multiple of 8
	 * @param more whether others follow
	 * @return this
	 */
	public Packets fragment(int offset, boolean more) {
		this.fragmentOffset = offset;
		this.moreFragments = more;
		return this;
	}

	/**
	 * Finish a UDP datagram.
	 * @param sourcePort the source port
	 * @param destinationPort the destination port
	 * @param payload the payload
	 * @return the frame
	 */
	public byte[] udp(int sourcePort, int destinationPort, byte... payload) {
		int length = UDP_HEADER + payload.length;
		byte[] datagram = ByteBuffer.allocate(length)
			.putShort((short) sourcePort)
			.putShort((short) destinationPort)
			.putShort((short) length)
			.putShort((short) 0)
			.put(payload)
			.array();
		int checksum = transportChecksum(IPPROTO_UDP, datagram);
		ByteBuffer.wrap(datagram).putShort(6, (short) ((checksum != 0) ? checksum : 0xffff));
		return protocol(IPPROTO_UDP, datagram);
	}

	/**
	 * Finish a TCP segment.
	 * @param sourcePort the source port
	 * @param destinationPort the destination port
	 * @param flags the flags, {@link #TCP_SYN} for example
	 * @param payload the payload
	 * @return the frame
	 */
	public byte[] tcp(int sourcePort, int destinationPort, int flags, byte... payload) {
		byte[] segment = ByteBuffer.allocate(TCP_HEADER + payload.length)
			.putShort((short) sourcePort)
			.putShort((short) destinationPort)
			.putInt(1)
			.putInt(0)
			.putShort((short) (TCP_HEADER / 4 << 12 | flags))
			.putShort((short) 65_535)
			.putInt(0)
			.put(payload)
			.array();
		ByteBuffer.wrap(segment).putShort(16, (short) transportChecksum(IPPROTO_TCP, segment));
		return protocol(IPPROTO_TCP, segment);
	}

	/**
	 * Finish an echo request of ICMP or ICMPv6.
	 * @param payload the payload
	 * @return the frame
	 */
	public byte[] icmpEcho(byte... payload) {
		boolean ipv4 = isIpv4();
		byte[] message = ByteBuffer.allocate(8 + payload.length)
			.put((byte) (ipv4 ? 8 : 128))
			.put((byte) 0)
			.putShort((short) 0)
			.putInt(1 << 16 | 1)
			.put(payload)
			.array();
		int checksum = ipv4 ? checksum(message) : transportChecksum(IPPROTO_ICMPV6, message);
		ByteBuffer.wrap(message).putShort(2, (short) checksum);
		return protocol(ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, message);
	}

	/**
	 * Finish an IP packet of any protocol.
	 * @param protocol the number in the IP header
	 * @param content what follows the IP header
	 * @return the frame
	 */
	public byte[] protocol(int protocol, byte... content) {
		return isIpv4() ? frame(ETH_P_IP, ipv4(protocol, content)) : frame(ETH_P_IPV6, ipv6(protocol, content));
	}

	/**
	 * Finish an ARP request of the source for the destination.
	 * @return the frame, of 60 bytes
	 */
	public byte[] arpRequest() {
		byte[] request = ByteBuffer.allocate(46)
			.putShort((short) 1)
			.putShort((short) ETH_P_IP)
			.put((byte) 6)
			.put((byte) 4)
			.putShort((short) 1)
			.put(this.sourceMac)
			.put(this.source)
			.put(new byte[6])
			.put(this.destination)
			.array();
		Arrays.fill(this.destinationMac, (byte) 0xff);
		return frame(ETH_P_ARP, request);
	}

	/**
	 * Finish a frame of any type.
	 * @param type the type in the Ethernet header
	 * @param content what follows that header
	 * @return the frame
	 */
	public byte[] frame(int type, byte... content) {
		ByteBuffer frame = ByteBuffer.allocate(ETHERNET_HEADER + 4 * this.vlans.length + content.length)
			.put(this.destinationMac)
			.put(this.sourceMac);
		for (int i = 0; i < this.vlans.length; i++) {
			frame.putShort((short) ((i == this.vlans.length - 1) ? ETH_P_8021Q : ETH_P_8021AD))
				.putShort((short) this.vlans[i]);
		}
		return frame.putShort((short) type).put(content).array();
	}

	private byte[] ipv4(int protocol, byte[] content) {
		int header = IPV4_HEADER + this.ipOptions.length;
		byte[] packet = ByteBuffer.allocate(header + content.length)
			.put((byte) (4 << 4 | header / 4))
			.put((byte) 0)
			.putShort((short) (header + content.length))
			.putShort((short) 1)
			.putShort((short) (this.fragmentOffset / 8 | (this.moreFragments ? 1 << 13 : 0)))
			.put((byte) 64)
			.put((byte) protocol)
			.putShort((short) 0)
			.put(this.source)
			.put(this.destination)
			.put(this.ipOptions)
			.put(content)
			.array();
		ByteBuffer.wrap(packet).putShort(10, (short) checksum(Arrays.copyOf(packet, header)));
		return packet;
	}

	private byte[] ipv6(int protocol, byte[] content) {
		boolean fragment = this.fragmentOffset != 0 || this.moreFragments;
		int next = fragment ? IPPROTO_FRAGMENT : protocol;
		boolean extended = this.extensionType >= 0;
		int length = content.length + (fragment ? 8 : 0) + (extended ? this.extension.length + 1 : 0);
		ByteBuffer packet = ByteBuffer.allocate(IPV6_HEADER + length)
			.putInt(6 << 28)
			.putShort((short) length)
			.put((byte) (extended ? this.extensionType : next))
			.put((byte) 64)
			.put(this.source)
			.put(this.destination);
		if (extended) {
			packet.put((byte) next).put(this.extension);
		}
		if (fragment) {
			packet.put((byte) protocol)
				.put((byte) 0)
				.putShort((short) (this.fragmentOffset | (this.moreFragments ? 1 : 0)))
				.putInt(1);
		}
		return packet.put(content).array();
	}

	private boolean isIpv4() {
		return this.source.length == 4;
	}

	private int transportChecksum(int protocol, byte[] segment) {
		ByteBuffer whole = ByteBuffer.allocate(2 * this.source.length + 8 + segment.length)
			.put(this.source)
			.put(this.destination)
			.putInt(segment.length)
			.putInt(protocol)
			.put(segment);
		return checksum(whole.array());
	}

	/**
	 * Compute the checksum of the internet protocols (RFC 1071).
	 * @param bytes what it covers, with zero in its own place; over bytes that carry
	 * their checksum the result is 0
	 * @return the checksum, 16 bits
	 */
	public static int checksum(byte... bytes) {
		long sum = 0;
		for (int i = 0; i < bytes.length; i++) {
			sum += (long) Byte.toUnsignedInt(bytes[i]) << ((i % 2 == 0) ? 8 : 0);
		}
		while (sum >>> 16 != 0) {
			sum = (sum & 0xffff) + (sum >>> 16);
		}
		return (int) ~sum & 0xffff;
	}

	private static byte[] address(String literal) {
		try {
			return InetAddress.getByName(literal).getAddress();
		}
		catch (UnknownHostException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

}
