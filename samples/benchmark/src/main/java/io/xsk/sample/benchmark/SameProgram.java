package io.xsk.sample.benchmark;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Asks the kernel whether C and Java redirect by the same program: by its instructions as
 * they run, since its tag covers what the verifier takes out too.
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
		try (Network network = Network.create(1);
				Child tool = Child.start("filters", settings.filtersCommand(List.of()))) {
			return describe(instructions(settings, network, tool, Peer.C),
					instructions(settings, network, tool, Peer.RAW));
		}
	}

	private static Map<String, Long> instructions(Settings settings, Network network, Child tool, Peer peer) {
		try (Child child = Child.start(peer.title(),
				settings.command(peer, Throughput.RECEIVE, network, Throughput.PACKET_LENGTH))) {
			return tool.ask("hash " + tool.number("adopt " + child.number("program", "id"), "program"));
		}
	}

	static String describe(Map<String, Long> ofC, Map<String, Long> ofJava) {
		return ofC.equals(ofJava)
				? "the same in C and Java, %d instructions".formatted(Child.number(ofC, "instructions"))
				: "NOT THE SAME: %s in C, %s in Java; bring xsk_port.c in line with RedirectRules.all()".formatted(ofC,
						ofJava);
	}

}
