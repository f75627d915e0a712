package io.xsk.sample.benchmark;

import java.util.Map;

/**
 * Something that is measured.
 *
 * @param id its name in results, such as {@code receive.cpu}
 * @param title what it is, for people
 * @param unit the unit of its values
 * @param peers what the peers are called here, where that is not their title
 */
record Metric(String id, String title, String unit, Map<Peer, String> peers) {

	private static final Map<Peer, String> COMPILERS = Map.of(Peer.C, "C by clang", Peer.C_AGAIN,
			"C by clang once more", Peer.RAW, "generated in Java");

	static final Metric START_64 = start(64);

	static final Metric RESTART_64 = restart(64);

	static final Metric ACTIVATION = new Metric("activation.map", "Activate and deactivate, two calls", "ns");

	static final Metric ACTIVATION_TEMPLATE = new Metric("activation.template",
			"Activate and deactivate, XskMapTemplate with its checks", "ns");

	static final Metric RESIDENT = new Metric("memory.socket", "Resident memory per socket", "bytes");

	static final Metric MEDIAN = new Metric("latency.p50", "Round trip, p50", "ns");

	static final Metric P99 = new Metric("latency.p99", "Round trip, p99", "ns");

	static final Metric P999 = new Metric("latency.p999", "Round trip, p99.9", "ns");

	static final Metric LATENCY_LOST = new Metric("latency.lost", "Round trips lost", "%");

	private Metric(String id, String title, String unit) {
		this(id, title, unit, Map.of());
	}

	/** What a peer is called where this was measured. */
	String title(Peer peer) {
		return this.peers.getOrDefault(peer, peer.title());
	}

	static Metric filter(FilterSet set, boolean matching) {
		return new Metric("filters.%s.%s".formatted(set.id(), matching ? "match" : "miss"),
				"Filter, %s, packet that %s".formatted(set.title(), matching ? "matches" : "does not match"),
				"ns/packet", COMPILERS);
	}

	static Metric delivered(String mode) {
		return new Metric(mode + ".delivered", title(mode) + ", delivered", "packets/s");
	}

	static Metric lost(String mode) {
		return new Metric(mode + ".lost", title(mode) + ", lost", "%");
	}

	static Metric cpu(String mode) {
		return new Metric(mode + ".cpu", title(mode) + ", CPU", "ns/packet");
	}

	static Metric user(String mode) {
		return new Metric(mode + ".user", title(mode) + ", CPU in user space", "ns/packet");
	}

	static Metric system(String mode) {
		return new Metric(mode + ".system", title(mode) + ", CPU in the kernel", "ns/packet");
	}

	static Metric allocated(String mode) {
		return new Metric(mode + ".allocated", title(mode) + ", allocated", "bytes/packet");
	}

	static Metric start(int queues) {
		return new Metric("start." + queues, "First start, queues: " + queues, "ms");
	}

	static Metric restart(int queues) {
		return new Metric("restart." + queues, "Start again, queues: " + queues, "ms");
	}

	private static String title(String mode) {
		return Character.toUpperCase(mode.charAt(0)) + mode.substring(1);
	}

}
