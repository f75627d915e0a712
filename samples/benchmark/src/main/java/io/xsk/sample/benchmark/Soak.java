package io.xsk.sample.benchmark;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.xsk.XskException;

/**
 * Minutes of echo under full load, after which every frame of the UMEM and every packet
 * must be accounted for.
 */
final class Soak {

	private static final int FLOOD_MILLIS = 10_000;

	private static final int SETTLE_MILLIS = 300;

	private static final String NEXT_STEP = "This is a mistake in io.xsk.socket: report these numbers with the versions of"
			+ " the kernel (uname -r) and the driver (ethtool -i), and do not release before it is found.";

	/**
	 * Run it.
	 * @param settings how long
	 * @param progress is told of each flood
	 * @return what it found
	 * @throws XskException when a frame or a packet is missing
	 */
	String run(Settings settings, Consumer<String> progress) {
		try (Network network = Network.create(1);
				Child traffic = Child.start("traffic",
						settings.trafficCommand("flood", network, Throughput.PACKET_LENGTH));
				Child peer = Child.start(Peer.RAW.title(),
						settings.command(Peer.RAW, Throughput.ECHO, network, Throughput.PACKET_LENGTH))) {
			long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(settings.soakMinutes());
			Map<String, Long> answer = Map.of();
			while (System.nanoTime() < end) {
				traffic.ask("flood " + FLOOD_MILLIS, Duration.ofMillis(FLOOD_MILLIS));
				Pause.millis(SETTLE_MILLIS);
				answer = peer.ask("census");
				progress.accept(answer + " " + traffic.ask("mark"));
				account(answer, traffic.ask("mark"));
			}
			return "Every frame and every packet is accounted for: " + answer;
		}
	}

	/** At a quiet moment: what was sent was received or counted as dropped. */
	static void account(Map<String, Long> peer, Map<String, Long> other) {
		if (!peer.getOrDefault("owned", -1L).equals(peer.get("total"))) {
			throw new XskException("Not every frame has one owner: " + peer, NEXT_STEP);
		}
		long known = peer.getOrDefault("packets", 0L) + peer.getOrDefault("rxDropped", 0L)
				+ peer.getOrDefault("rxRingFull", 0L);
		if (known != other.getOrDefault("sent", 0L)) {
			throw new XskException("%d packets were sent, and %d received or dropped."
				.formatted(other.getOrDefault("sent", 0L), known), NEXT_STEP);
		}
	}

}
