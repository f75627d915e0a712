package io.xsk.sample.benchmark;

import java.util.List;
import java.util.Set;

/**
 * Asks the kernel whether C and Java redirect by the same program: its tag is a hash of
 * the instructions.
 */
final class SameProgram {

	/** What has to do with packets. */
	private static final Set<String> MEASURES = Set.of(Throughput.RECEIVE, Throughput.ECHO, Throughput.TRANSMIT,
			"latency");

	private SameProgram() {
	}

	static boolean isAsked(Settings settings) {
		return settings.measures().stream().anyMatch(MEASURES::contains)
				&& settings.peers().containsAll(List.of(Peer.C, Peer.RAW));
	}

	/**
	 * Compare them.
	 * @param settings where the peers are
	 * @return what was found, for people
	 */
	static String check(Settings settings) {
		try (Network network = Network.create(1)) {
			return describe(tag(settings, network, Peer.C), tag(settings, network, Peer.RAW));
		}
	}

	private static long tag(Settings settings, Network network, Peer peer) {
		try (Child child = Child.start(peer.title(),
				settings.command(peer, Throughput.RECEIVE, network, Throughput.PACKET_LENGTH))) {
			return child.number("program", "tag");
		}
	}

	static String describe(long ofC, long ofJava) {
		return (ofC == ofJava) ? "the same in C and Java, tag %016x".formatted(ofC)
				: "NOT THE SAME: tag %016x in C, %016x in Java; bring xsk_port.c in line with RedirectRules.all()"
					.formatted(ofC, ofJava);
	}

}
