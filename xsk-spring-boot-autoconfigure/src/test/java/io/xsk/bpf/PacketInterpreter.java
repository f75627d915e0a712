package io.xsk.bpf;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import io.xsk.rule.Encapsulation;
import io.xsk.rule.IpPrefix;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;

/**
 * What rules mean, in plain Java: written from their description, without a line of the
 * compiler.
 */
final class PacketInterpreter {

	private static final int MAX_EXTENSIONS = 128;

	private final List<RedirectRule> rules;

	PacketInterpreter(RedirectRules rules) {
		this.rules = rules.rules();
	}

	/** The rule that takes the packet, an exception too, or null. */
	RedirectRule match(byte[] frame) {
		Packet outer = ethernet(frame);
		if (outer == null) {
			return null;
		}
		for (boolean except : new boolean[] { true, false }) {
			for (RedirectRule rule : this.rules) {
				if (rule.except() == except && (matches(rule, outer) || matchesInside(rule, frame, outer))) {
					return rule;
				}
			}
		}
		return null;
	}

	boolean isRedirected(byte[] frame) {
		RedirectRule rule = match(frame);
		return rule != null && !rule.except();
	}

	private boolean matchesInside(RedirectRule rule, byte[] frame, Packet outer) {
		if (outer.family != 4 || outer.fragment != 0) {
			return false;
		}
		int start = -1;
		if (outer.protocol == 4 && rule.inside().contains(Encapsulation.IPIP)) {
			start = outer.content;
		}
		if (outer.protocol == 47 && rule.inside().contains(Encapsulation.GRE) && outer.content + 4 <= outer.end
				&& u16(frame, outer.content) == 0 && u16(frame, outer.content + 2) == 0x0800) {
			start = outer.content + 4;
		}
		if (start < 0) {
			return false;
		}
		Packet inner = new Packet();
		inner.etherType = 0x0800;
		inner.vlans = outer.vlans;
		return ipv4(frame, start, outer.end, inner) && matches(rule, inner);
	}

	private static boolean matches(RedirectRule rule, Packet packet) {
		boolean transport = !rule.sourcePorts().isEmpty() || !rule.destinationPorts().isEmpty()
				|| !rule.udpPorts().isEmpty() || !rule.tcpPorts().isEmpty() || !rule.icmpTypes().isEmpty();
		if (transport && packet.fragment == 1 && !rule.firstFragments()) {
			return false;
		}
		boolean shortForm = rule.udpPorts().isEmpty() && rule.tcpPorts().isEmpty()
				|| packet.protocol == 17 && in(rule.udpPorts(), packet.destinationPort)
				|| packet.protocol == 6 && in(rule.tcpPorts(), packet.destinationPort);
		return (rule.etherTypes().isEmpty() || rule.etherTypes().contains(packet.etherType))
				&& (rule.vlans().isEmpty() || packet.vlans.stream().anyMatch(rule.vlans()::contains))
				&& (rule.protocols().isEmpty() || rule.protocols().contains(packet.protocol))
				&& (rule.sources().isEmpty() || packet.source != null && in(rule.sources(), packet.source))
				&& (rule.destinations().isEmpty()
						|| packet.destination != null && in(rule.destinations(), packet.destination))
				&& (rule.sourcePorts().isEmpty() || in(rule.sourcePorts(), packet.sourcePort))
				&& (rule.destinationPorts().isEmpty() || in(rule.destinationPorts(), packet.destinationPort))
				&& shortForm && (rule.icmpTypes().isEmpty() || rule.icmpTypes().contains(packet.icmpType));
	}

	private static boolean in(List<PortRange> ports, int port) {
		return ports.stream().anyMatch((range) -> range.first() <= port && port <= range.last());
	}

	private static boolean in(Collection<IpPrefix> prefixes, byte[] address) {
		return prefixes.stream().anyMatch((prefix) -> {
			String text = prefix.toString();
			byte[] network = bytes(text.contains("/") ? text.substring(0, text.indexOf('/')) : text);
			if (network.length != address.length) {
				return false;
			}
			for (int bit = 0; bit < prefix.length(); bit++) {
				int mask = 0x80 >>> bit % 8;
				if ((network[bit / 8] & mask) != (address[bit / 8] & mask)) {
					return false;
				}
			}
			return true;
		});
	}

	private static byte[] bytes(String address) {
		try {
			return InetAddress.getByName(address).getAddress();
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Packet ethernet(byte[] frame) {
		Packet packet = new Packet();
		int type = 12;
		if (frame.length < 14) {
			return null;
		}
		while (u16(frame, type) == 0x8100 || u16(frame, type) == 0x88a8) {
			if (packet.vlans.size() == 2 || type + 6 > frame.length) {
				return null;
			}
			packet.vlans = new ArrayList<>(packet.vlans);
			packet.vlans.add(u16(frame, type + 2) & 0x0fff);
			type += 4;
		}
		packet.etherType = u16(frame, type);
		return switch (packet.etherType) {
			case 0x0800 -> ipv4(frame, type + 2, frame.length, packet) ? packet : null;
			case 0x86dd -> ipv6(frame, type + 2, frame.length, packet) ? packet : null;
			default -> packet;
		};
	}

	/** RFC 791, in what goes from start to limit. */
	private static boolean ipv4(byte[] frame, int start, int limit, Packet packet) {
		if (start + 20 > limit || u8(frame, start) >>> 4 != 4) {
			return false;
		}
		int header = (u8(frame, start) & 0x0f) * 4;
		int total = u16(frame, start + 2);
		packet.end = start + total;
		packet.content = start + header;
		if (header < 20 || packet.content > packet.end || packet.end > limit) {
			return false;
		}
		packet.family = 4;
		packet.protocol = u8(frame, start + 9);
		packet.source = Arrays.copyOfRange(frame, start + 12, start + 16);
		packet.destination = Arrays.copyOfRange(frame, start + 16, start + 20);
		int offset = u16(frame, start + 6) & 0x1fff;
		boolean more = (u16(frame, start + 6) & 0x2000) != 0;
		packet.fragment = (offset != 0) ? 2 : more ? 1 : 0;
		return transport(frame, packet, 1);
	}

	/** RFC 8200, in what goes from start to limit. */
	private static boolean ipv6(byte[] frame, int start, int limit, Packet packet) {
		if (start + 40 > limit || u8(frame, start) >>> 4 != 6) {
			return false;
		}
		packet.family = 6;
		packet.source = Arrays.copyOfRange(frame, start + 8, start + 24);
		packet.destination = Arrays.copyOfRange(frame, start + 24, start + 40);
		packet.end = start + 40 + u16(frame, start + 4);
		if (packet.end > limit) {
			return false;
		}
		int next = u8(frame, start + 6);
		int skipped = 0;
		while (packet.fragment != 2 && Set.of(0, 43, 44, 51, 60).contains(next)) {
			int at = start + 40 + skipped;
			if (skipped >= MAX_EXTENSIONS || at + 8 > packet.end) {
				return false;
			}
			int size = 8 + u8(frame, at + 1) * 8;
			if (next == 44) {
				size = 8;
				int offset = u16(frame, at + 2) & 0xfff8;
				boolean more = (u16(frame, at + 2) & 1) != 0;
				packet.fragment = (offset != 0) ? 2 : more ? 1 : packet.fragment;
			}
			else if (next == 51) {
				if (u8(frame, at + 1) == 0 || u8(frame, at + 1) % 2 != 0) {
					return false;
				}
				size = (u8(frame, at + 1) + 2) * 4;
			}
			next = u8(frame, at);
			skipped += size;
		}
		packet.protocol = next;
		packet.content = start + 40 + skipped;
		if (skipped > MAX_EXTENSIONS || packet.content > packet.end) {
			return false;
		}
		return transport(frame, packet, 58);
	}

	private static boolean transport(byte[] frame, Packet packet, int icmp) {
		if (packet.fragment == 2) {
			return true;
		}
		int at = packet.content;
		int size = switch (packet.protocol) {
			case 17 -> 8;
			case 6 -> 20;
			case 132 -> 12;
			default -> (packet.protocol == icmp) ? 8 : 0;
		};
		if (at + size > packet.end) {
			return false;
		}
		int said = switch (packet.protocol) {
			// RFC 768, the whole datagram
			case 17 -> u16(frame, at + 4);
			// RFC 9293, the header
			case 6 -> (u8(frame, at + 12) >>> 4) * 4;
			default -> size;
		};
		// What a first fragment lacks is in the others
		if (said < size || packet.fragment == 0 && at + said > packet.end) {
			return false;
		}
		if (packet.protocol == icmp) {
			packet.icmpType = u8(frame, at);
		}
		else if (size > 0) {
			packet.sourcePort = u16(frame, at);
			packet.destinationPort = u16(frame, at + 2);
		}
		return true;
	}

	private static int u8(byte[] frame, int at) {
		return Byte.toUnsignedInt(frame[at]);
	}

	private static int u16(byte[] frame, int at) {
		return u8(frame, at) << 8 | u8(frame, at + 1);
	}

	private static final class Packet {

		private int etherType;

		private List<Integer> vlans = List.of();

		private int family;

		private int protocol = -1;

		private byte[] source;

		private byte[] destination;

		private int sourcePort = -1;

		private int destinationPort = -1;

		private int icmpType = -1;

		/** 0 for a whole packet, 1 for a first fragment, 2 for another. */
		private int fragment;

		private int content;

		private int end;

	}

}
