package io.xsk.sample.benchmark;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.xsk.rule.IpPrefix;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;

/**
 * A rule with a number of entries, for the compiler of this project and for clang, and
 * packets for it. The entries lie apart, so that neither can merge them.
 *
 * @param addresses whether the entries are IPv4 addresses to which UDP packets of one
 * port go, or UDP ports
 * @param entries how many
 */
record FilterSet(boolean addresses, int entries) {

	private static final List<Integer> SIZES = List.of(1, 32, 500);

	private static final int FIRST_PORT = 1000;

	private static final int PORT_STEP = 97;

	private static final int FIRST_ADDRESS = 0x0a010000;

	private static final int ADDRESS_STEP = 0x0001_0100;

	private static final int PACKET_LENGTH = 64;

	private static final int DESTINATION_PORT = 36;

	private static final String MAC = "02:00:00:00:00:01";

	/** The sets that are measured. */
	static List<FilterSet> all() {
		return Stream.of(false, true)
			.flatMap((addresses) -> SIZES.stream().map((size) -> new FilterSet(addresses, size)))
			.toList();
	}

	/** Its name in results. */
	String id() {
		return (this.addresses ? "addresses." : "ports.") + this.entries;
	}

	/** What it is, for people. */
	String title() {
		return this.entries + (this.addresses ? " IPv4 address" : " UDP port")
				+ ((this.entries == 1) ? "" : this.addresses ? "es" : "s");
	}

	/** The rules for the compiler of this project. */
	RedirectRules rules() {
		RedirectRule.Builder rule = RedirectRule.named("filter")
			.udpPorts((this.addresses ? IntStream.of(FIRST_PORT) : numbers()).mapToObj(PortRange::of).toList());
		if (this.addresses) {
			rule.destinations(numbers().mapToObj((address) -> IpPrefix.parse(dotted(address))).toList());
		}
		return RedirectRules.builder().rule(rule.build()).build();
	}

	/** The same for {@code filter.c}: the content of {@code entries.h}. */
	String header() {
		if (!this.addresses) {
			return define("PORTS", numbers(), "case %d:"::formatted);
		}
		return define("PORTS", IntStream.of(FIRST_PORT), "case %d:"::formatted)
				+ define("ADDRESSES", numbers(), (address) -> "case 0x%08x:".formatted(address));
	}

	private static String define(String name, IntStream numbers, IntFunction<String> label) {
		return "#define " + name + " \\\n" + numbers.mapToObj(label).collect(Collectors.joining(" \\\n")) + "\n";
	}

	private IntStream numbers() {
		return IntStream.range(0, this.entries).map(this::number);
	}

	private int number(int index) {
		return this.addresses ? FIRST_ADDRESS + index * ADDRESS_STEP : FIRST_PORT + index * PORT_STEP;
	}

	/**
	 * Build a packet for the entry in the middle, or for what follows that.
	 * @param matching whether the rule is to match it
	 * @return the packet, from the Ethernet header on
	 */
	byte[] packet(boolean matching) {
		int entry = number(this.entries / 2);
		int wanted = matching ? entry : entry + 1;
		byte[] packet = Network.packet(MAC, MAC, "192.0.2.1", dotted(this.addresses ? wanted : FIRST_ADDRESS),
				PACKET_LENGTH);
		int port = this.addresses ? FIRST_PORT : wanted;
		packet[DESTINATION_PORT] = (byte) (port >>> Byte.SIZE);
		packet[DESTINATION_PORT + 1] = (byte) port;
		return packet;
	}

	private static String dotted(int address) {
		return "%d.%d.%d.%d".formatted(address >>> 24, address >>> 16 & 0xff, address >>> 8 & 0xff, address & 0xff);
	}

}
