package io.xsk.sample.benchmark.peer;

import java.util.HexFormat;

/**
 * The command line of a Java peer.
 *
 * @param kind which library it uses
 * @param mode what it does
 * @param interfaceName the interface
 * @param packet what it transmits, from the Ethernet header on
 */
record PeerOptions(String kind, String mode, String interfaceName, byte[] packet) {

	static PeerOptions parse(String... arguments) {
		if (arguments.length != 6 || !arguments[2].equals("--interface") || !arguments[4].equals("--packet")) {
			throw new IllegalArgumentException("Usage: PeerMain KIND MODE --interface NAME --packet HEX");
		}
		return new PeerOptions(arguments[0], arguments[1], arguments[3], HexFormat.of().parseHex(arguments[5]));
	}

}
