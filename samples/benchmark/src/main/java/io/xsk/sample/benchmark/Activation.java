package io.xsk.sample.benchmark;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * One activation and one deactivation of a bound socket.
 */
final class Activation implements Measure {

	private static final int PAIRS = 50_000;

	private static final double ESTIMATE = 1;

	@Override
	public String name() {
		return "activation";
	}

	@Override
	public Set<Peer> peers() {
		return EnumSet.of(Peer.C, Peer.C_AGAIN, Peer.RAW);
	}

	@Override
	public double estimate(Settings settings, Peer peer) {
		return Settings.startSeconds(peer) + ESTIMATE;
	}

	@Override
	public Stage open(Settings settings) {
		return TrafficStage.of(1, (network, peer) -> run(settings, network, peer));
	}

	private static Run run(Settings settings, Network network, Peer peer) {
		try (Child child = Child.start(peer.title(),
				settings.command(peer, "activation", network, Throughput.PACKET_LENGTH))) {
			double map = nanos(child, "activation");
			// C has no such checks: its two calls are what both are compared with
			double template = nanos(child, (peer == Peer.RAW) ? "template" : "activation");
			return new Run(Map.of(Metric.ACTIVATION, map, Metric.ACTIVATION_TEMPLATE, template),
					String.format(Locale.ROOT, "%8.0f ns a pair", map));
		}
	}

	private static double nanos(Child child, String command) {
		child.ask(command + " " + PAIRS);
		return (double) child.number(command + " " + PAIRS, "nanos") / PAIRS;
	}

}
