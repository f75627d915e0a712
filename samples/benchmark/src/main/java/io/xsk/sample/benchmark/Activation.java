package io.xsk.sample.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One activation and one deactivation of a bound socket.
 */
final class Activation implements Measure {

	private static final int PAIRS = 50_000;

	@Override
	public String name() {
		return "activation";
	}

	@Override
	public void run(Settings settings, Results results, Consumer<String> progress) {
		try (Network network = Network.create(1)) {
			for (int round = 1; round <= settings.rounds(); round++) {
				for (Peer peer : List.of(Peer.C, Peer.C_AGAIN, Peer.RAW)) {
					if (settings.peers().contains(peer)) {
						run(settings, results, network, peer);
						progress.accept(String.format(Locale.ROOT, "%2d/%d %-9s %-16s %8.0f ns a pair", round,
								settings.rounds(), name(), peer.title(), last(results, peer)));
					}
				}
			}
		}
	}

	private static double last(Results results, Peer peer) {
		double[] values = results.values(Metric.ACTIVATION, peer);
		return values[values.length - 1];
	}

	private static void run(Settings settings, Results results, Network network, Peer peer) {
		try (Child child = Child.start(peer.title(),
				settings.command(peer, "activation", network, Throughput.PACKET_LENGTH))) {
			results.add(Metric.ACTIVATION, peer, nanos(child, "activation"));
			// C has no such checks: its two calls are what both are compared with
			results.add(Metric.ACTIVATION_TEMPLATE, peer, nanos(child, (peer == Peer.RAW) ? "template" : "activation"));
		}
	}

	private static double nanos(Child child, String command) {
		child.ask(command + " " + PAIRS);
		Map<String, Long> answer = child.ask(command + " " + PAIRS);
		return (double) answer.getOrDefault("nanos", 0L) / PAIRS;
	}

}
