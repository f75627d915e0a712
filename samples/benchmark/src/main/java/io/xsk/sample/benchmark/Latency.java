package io.xsk.sample.benchmark;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Round trips at a fixed rate, through a peer that echoes. The other end spins, the peer
 * waits as it always does.
 */
final class Latency implements Measure {

	private static final double PERCENT = 100;

	/** The warm-up is faster than the run, so that the code is compiled. */
	private static final int WARMUP_FACTOR = 4;

	private static final double ESTIMATE = 0.4;

	@Override
	public String name() {
		return "latency";
	}

	@Override
	public Set<Peer> peers() {
		return EnumSet.allOf(Peer.class);
	}

	@Override
	public double estimate(Settings settings, Peer peer) {
		return Settings.startSeconds(peer) + settings.warmup(peer) + settings.seconds() + ESTIMATE;
	}

	@Override
	public Stage open(Settings settings) {
		return TrafficStage.of(settings, "round-trips",
				(network, traffic, peer) -> run(settings, network, traffic, peer));
	}

	private static Run run(Settings settings, Network network, Child traffic, Peer peer) {
		Child child = Child.start(peer.title(),
				settings.command(peer, Throughput.ECHO, network, Throughput.PACKET_LENGTH));
		try (child) {
			roundTrips(traffic, settings.warmup(peer), settings.rate() * WARMUP_FACTOR);
			Scheduling.prioritise(settings, child);
			return run(roundTrips(traffic, settings.seconds(), settings.rate()));
		}
	}

	private static Map<String, Long> roundTrips(Child traffic, int seconds, int rate) {
		return traffic.ask("round-trips %d %d".formatted(seconds * rate, rate), Duration.ofSeconds(seconds));
	}

	private static Run run(Map<String, Long> answer) {
		double sent = Child.number(answer, "sent");
		double lost = PERCENT * (sent - Child.number(answer, "returned")) / Math.max(sent, 1);
		double p50 = Child.number(answer, "p50");
		double p99 = Child.number(answer, "p99");
		double p999 = Child.number(answer, "p999");
		return new Run(Map.of(Metric.MEDIAN, p50, Metric.P99, p99, Metric.P999, p999, Metric.LATENCY_LOST, lost), String
			.format(Locale.ROOT, "p50 %6.0f ns  p99 %7.0f ns  p99.9 %8.0f ns  %5.2f %% lost", p50, p99, p999, lost));
	}

}
