package io.xsk.sample.benchmark;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The single runs of each metric and peer by round, and what failed. Ratios are those of
 * runs of one round. Not thread-safe.
 */
final class Results {

	private final Map<Metric, Map<Peer, TreeMap<Integer, Double>>> runs = new LinkedHashMap<>();

	private final List<String> failures = new ArrayList<>();

	private final Map<String, String> notes = new LinkedHashMap<>();

	/**
	 * Add a run.
	 * @param round its round, from 1 on
	 * @param metric what was measured
	 * @param peer of whom
	 * @param value the value
	 */
	void add(int round, Metric metric, Peer peer, double value) {
		this.runs.computeIfAbsent(metric, (key) -> new EnumMap<>(Peer.class))
			.computeIfAbsent(peer, (key) -> new TreeMap<>())
			.put(round, value);
	}

	/** Say that something was not measured, and why. */
	void fail(String what) {
		this.failures.add(what);
	}

	/** Say something of how it was measured. */
	void note(String name, String text) {
		this.notes.put(name, text);
	}

	Map<String, String> notes() {
		return this.notes;
	}

	List<String> failures() {
		return List.copyOf(this.failures);
	}

	Collection<Metric> metrics() {
		return this.runs.keySet();
	}

	Collection<Peer> peers(Metric metric) {
		return this.runs.getOrDefault(metric, Map.of()).keySet();
	}

	private TreeMap<Integer, Double> byRound(Metric metric, Peer peer) {
		return this.runs.getOrDefault(metric, Map.of()).getOrDefault(peer, new TreeMap<>());
	}

	/** The runs of all rounds, null for one that failed, so that places go together. */
	List<Double> rounds(Metric metric, Peer peer) {
		TreeMap<Integer, Double> rounds = byRound(metric, peer);
		int last = rounds.isEmpty() ? 0 : rounds.lastKey();
		return IntStream.rangeClosed(1, last).mapToObj(rounds::get).toList();
	}

	/** The runs that there were. */
	double[] values(Metric metric, Peer peer) {
		return byRound(metric, peer).values().stream().mapToDouble(Double::doubleValue).toArray();
	}

	boolean has(Metric metric, Peer peer) {
		return !byRound(metric, peer).isEmpty();
	}

	Statistics statistics(Metric metric, Peer peer) {
		return Statistics.of(values(metric, peer));
	}

	/** The ratios of one peer to another, of each round in which both ran. */
	double[] ratios(Metric metric, Peer peer, Peer other) {
		TreeMap<Integer, Double> others = byRound(metric, other);
		return byRound(metric, peer).entrySet()
			.stream()
			.filter((run) -> others.getOrDefault(run.getKey(), 0.0) != 0)
			.mapToDouble((run) -> run.getValue() / others.get(run.getKey()))
			.toArray();
	}

	boolean hasRatio(Metric metric, Peer peer, Peer other) {
		return ratios(metric, peer, other).length > 0;
	}

	/** The statistics of these ratios, 1 where there is none. */
	Statistics ratio(Metric metric, Peer peer, Peer other) {
		double[] ratios = ratios(metric, peer, other);
		return (ratios.length > 0) ? Statistics.of(ratios) : new Statistics(1, 1, 1);
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
