package io.xsk.sample.benchmark;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The time from nothing to active sockets, for the first time in a process and again, and
 * the memory that stays resident for each.
 */
final class StartAndMemory implements Measure {

	private static final List<Integer> QUEUES = List.of(1, 8, 64);

	private static final int MOST = 64;

	/** Until the kernel has let go of the queues. */
	private static final int SETTLE_MILLIS = 200;

	private static final double NANOS_PER_MILLI = 1e6;

	private static final double START_ESTIMATE = 2.5;

	private static final double MEMORY_ESTIMATE = 0.8;

	private final boolean start;

	StartAndMemory(boolean start) {
		this.start = start;
	}

	@Override
	public String name() {
		return this.start ? "start" : "memory";
	}

	@Override
	public Set<Peer> peers() {
		return EnumSet.of(Peer.C, Peer.C_AGAIN, Peer.RAW);
	}

	@Override
	public double estimate(Settings settings, Peer peer) {
		return this.start ? QUEUES.size() * Settings.startSeconds(peer) + START_ESTIMATE
				: Settings.startSeconds(peer) + MEMORY_ESTIMATE;
	}

	@Override
	public Stage open(Settings settings) {
		return TrafficStage.of(MOST,
				(network, peer) -> this.start ? start(settings, network, peer) : memory(settings, network, peer));
	}

	private static Run start(Settings settings, Network network, Peer peer) {
		Map<Metric, Double> values = new LinkedHashMap<>();
		StringBuilder said = new StringBuilder();
		for (int queues : QUEUES) {
			try (Child child = child(settings, network, peer)) {
				double first = child.number("start " + queues, "nanos") / NANOS_PER_MILLI;
				Pause.millis(SETTLE_MILLIS);
				child.ask("start " + queues);
				Pause.millis(SETTLE_MILLIS);
				double again = child.number("start " + queues, "nanos") / NANOS_PER_MILLI;
				values.put(Metric.start(queues), first);
				values.put(Metric.restart(queues), again);
				said.append(String.format(Locale.ROOT, "  %d: %.1f ms, again %.1f ms", queues, first, again));
			}
			Pause.millis(SETTLE_MILLIS);
		}
		return new Run(values, said.toString().trim());
	}

	private static Run memory(Settings settings, Network network, Peer peer) {
		try (Child child = child(settings, network, peer)) {
			long one = child.number("start 1", "resident");
			Pause.millis(SETTLE_MILLIS);
			double each = (child.number("start " + MOST, "resident") - one) / (MOST - 1.0);
			Pause.millis(SETTLE_MILLIS);
			return new Run(Map.of(Metric.RESIDENT, each), String.format(Locale.ROOT, "%.0f KiB a socket", each / 1024));
		}
	}

	private static Child child(Settings settings, Network network, Peer peer) {
		return Child.start(peer.title(), settings.command(peer, "start", network, Throughput.PACKET_LENGTH));
	}

}
