package io.xsk.sample.benchmark;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The single runs of each metric and peer, in the order in which they were made: the runs
 * of one place belong to one round. Not thread-safe.
 */
final class Results {

	private final Map<Metric, Map<Peer, List<Double>>> runs = new LinkedHashMap<>();

	void add(Metric metric, Peer peer, double value) {
		this.runs.computeIfAbsent(metric, (key) -> new EnumMap<>(Peer.class))
			.computeIfAbsent(peer, (key) -> new ArrayList<>())
			.add(value);
	}

	Collection<Metric> metrics() {
		return this.runs.keySet();
	}

	Collection<Peer> peers(Metric metric) {
		return this.runs.getOrDefault(metric, Map.of()).keySet();
	}

	/** The single runs, empty where there was none. */
	double[] values(Metric metric, Peer peer) {
		return this.runs.getOrDefault(metric, Map.of())
			.getOrDefault(peer, List.of())
			.stream()
			.mapToDouble(Double::doubleValue)
			.toArray();
	}

	boolean has(Metric metric, Peer peer) {
		return values(metric, peer).length > 0;
	}

	Statistics statistics(Metric metric, Peer peer) {
		return Statistics.of(values(metric, peer));
	}

	/** The ratio of one peer to another, pair by pair. */
	Statistics ratio(Metric metric, Peer peer, Peer other) {
		return Statistics.ofRatios(values(metric, peer), values(metric, other));
	}

	/**
	 * How far two runs of the same program are apart: the larger of its quartiles'
	 * distances from 1, in the ratios of C to C.
	 */
	double noise(Metric metric) {
		Statistics ratio = ratio(metric, Peer.C_AGAIN, Peer.C);
		return Math.max(Math.abs(ratio.upper() - 1), Math.abs(1 - ratio.lower()));
	}

}
