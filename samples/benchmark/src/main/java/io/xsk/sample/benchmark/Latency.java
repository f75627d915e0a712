package io.xsk.sample.benchmark;

import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Round trips at a fixed rate, through a peer that echoes. The other end spins, the peer
 * waits as it always does.
 */
final class Latency implements Measure {

	private static final double PERCENT = 100;

	@Override
	public String name() {
		return "latency";
	}

	@Override
	public void run(Settings settings, Results results, Consumer<String> progress) {
		try (Network network = Network.create(1);
				Child traffic = Child.start("traffic",
						settings.trafficCommand("round-trips", network, Throughput.PACKET_LENGTH))) {
			for (int round = 1; round <= settings.rounds(); round++) {
				for (Peer peer : settings.peers()) {
					Map<String, Long> answer = run(settings, network, traffic, peer);
					record(results, peer, answer);
					progress.accept(String.format(Locale.ROOT, "%2d/%d %-9s %-16s %s", round, settings.rounds(), name(),
							peer.title(), answer));
				}
			}
		}
	}

	private Map<String, Long> run(Settings settings, Network network, Child traffic, Peer peer) {
		Child child = Child.start(peer.title(),
				settings.command(peer, Throughput.ECHO, network, Throughput.PACKET_LENGTH));
		try (child) {
			// many at once at first, so that the code is compiled
			traffic.ask("round-trips %d %d".formatted(settings.warmup() * settings.rate() * 4, settings.rate() * 4));
			Scheduling.prioritise(settings, child);
			return traffic.ask("round-trips %d %d".formatted(settings.seconds() * settings.rate(), settings.rate()));
		}
	}

	private static void record(Results results, Peer peer, Map<String, Long> answer) {
		results.add(Metric.MEDIAN, peer, answer.getOrDefault("p50", 0L));
		results.add(Metric.P99, peer, answer.getOrDefault("p99", 0L));
		results.add(Metric.P999, peer, answer.getOrDefault("p999", 0L));
		long sent = answer.getOrDefault("sent", 0L);
		results.add(Metric.LATENCY_LOST, peer,
				PERCENT * (sent - answer.getOrDefault("returned", 0L)) / Math.max(sent, 1));
	}

}
