package io.xsk.sample.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The time from nothing to active sockets, for the first time in a process and again, and
 * the memory that stays resident for each.
 */
final class StartAndMemory implements Measure {

	private static final List<Integer> QUEUES = List.of(1, 8, 64);

	private static final int MOST = 64;

	/** Until the kernel has let go of the queues. */
	private static final int SETTLE_MILLIS = 300;

	private static final double NANOS_PER_MILLI = 1e6;

	private final boolean start;

	StartAndMemory(boolean start) {
		this.start = start;
	}

	@Override
	public String name() {
		return this.start ? "start" : "memory";
	}

	@Override
	public void run(Settings settings, Results results, Consumer<String> progress) {
		try (Network network = Network.create(MOST)) {
			for (int round = 1; round <= settings.rounds(); round++) {
				for (Peer peer : List.of(Peer.C, Peer.C_AGAIN, Peer.RAW)) {
					if (settings.peers().contains(peer)) {
						String said = this.start ? start(settings, results, network, peer)
								: memory(settings, results, network, peer);
						progress.accept(String.format(Locale.ROOT, "%2d/%d %-9s %-16s %s", round, settings.rounds(),
								name(), peer.title(), said));
					}
				}
			}
		}
	}

	private static String start(Settings settings, Results results, Network network, Peer peer) {
		StringBuilder said = new StringBuilder();
		for (int queues : QUEUES) {
			try (Child child = child(settings, network, peer)) {
				double first = child.ask("start " + queues).getOrDefault("nanos", 0L) / NANOS_PER_MILLI;
				Pause.millis(SETTLE_MILLIS);
				child.ask("start " + queues);
				Pause.millis(SETTLE_MILLIS);
				double again = child.ask("start " + queues).getOrDefault("nanos", 0L) / NANOS_PER_MILLI;
				results.add(Metric.start(queues), peer, first);
				results.add(Metric.restart(queues), peer, again);
				said.append(String.format(Locale.ROOT, "  %d: %.1f ms, again %.1f ms", queues, first, again));
			}
			Pause.millis(SETTLE_MILLIS);
		}
		return said.toString();
	}

	private static String memory(Settings settings, Results results, Network network, Peer peer) {
		try (Child child = child(settings, network, peer)) {
			Map<String, Long> one = child.ask("start 1");
			Pause.millis(SETTLE_MILLIS);
			Map<String, Long> most = child.ask("start " + MOST);
			double each = (most.getOrDefault("resident", 0L) - one.getOrDefault("resident", 0L)) / (MOST - 1.0);
			results.add(Metric.RESIDENT, peer, each);
			Pause.millis(SETTLE_MILLIS);
			return String.format(Locale.ROOT, "%.0f KiB a socket", each / 1024);
		}
	}

	private static Child child(Settings settings, Network network, Peer peer) {
		return Child.start(peer.title(), settings.command(peer, "start", network, Throughput.PACKET_LENGTH));
	}

}
