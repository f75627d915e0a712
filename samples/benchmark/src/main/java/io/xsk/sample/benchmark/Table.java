package io.xsk.sample.benchmark;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The results for people: one row for each metric and peer, in Markdown, which also reads
 * well on a terminal.
 */
final class Table {

	private static final String HEAD = """
			| Measure | Peer | Median | Quartiles | Unit | Ratio to C | Quartiles |
			|---|---|---:|---:|---|---:|---:|
			""";

	private final Results results;

	Table(Results results) {
		this.results = results;
	}

	/** Medians, ratios and spread. */
	String measures() {
		StringBuilder text = new StringBuilder(HEAD);
		for (Metric metric : this.results.metrics()) {
			for (Peer peer : this.results.peers(metric)) {
				text.append(row(metric, peer));
			}
		}
		return text.toString();
	}

	private String row(Metric metric, Peer peer) {
		Statistics statistics = this.results.statistics(metric, peer);
		String ratio = " | ";
		if (peer != Peer.C && this.results.hasRatio(metric, peer, Peer.C)) {
			Statistics ratios = this.results.ratio(metric, peer, Peer.C);
			ratio = String.format(Locale.ROOT, "%.3f | %.3f–%.3f", ratios.median(), ratios.lower(), ratios.upper());
		}
		return String.format(Locale.ROOT, "| %s | %s | %s | %s–%s | %s | %s |%n", metric.title(), metric.title(peer),
				number(statistics.median()), number(statistics.lower()), number(statistics.upper()), metric.unit(),
				ratio);
	}

	/** The medians alone, a column for each peer; a table for each set of their names. */
	String medians() {
		return this.results.metrics()
			.stream()
			.collect(Collectors.groupingBy(Metric::peers, LinkedHashMap::new, Collectors.toList()))
			.values()
			.stream()
			.map(this::medians)
			.collect(Collectors.joining("\n"));
	}

	private String medians(List<Metric> metrics) {
		List<Peer> peers = Arrays.stream(Peer.values())
			.filter((peer) -> metrics.stream().anyMatch((metric) -> this.results.has(metric, peer)))
			.toList();
		StringBuilder text = new StringBuilder("| Median |");
		peers.forEach((peer) -> text.append(" %s |".formatted(metrics.get(0).title(peer))));
		text.append("\n|---|").append("---:|".repeat(peers.size())).append('\n');
		for (Metric metric : metrics) {
			text.append("| %s, %s |".formatted(metric.title(), metric.unit()));
			for (Peer peer : peers) {
				text.append(this.results.has(metric, peer)
						? " %s |".formatted(number(this.results.statistics(metric, peer).median())) : " |");
			}
			text.append('\n');
		}
		return text.toString();
	}

	/** What was to be reached, and whether it was. */
	String targets() {
		StringBuilder text = new StringBuilder(
				"| To be reached | Measured | C itself | Noise | |\n|---|---:|---:|---:|---|\n");
		List<Target> targets = Target.all();
		for (Target target : targets) {
			Target.Verdict verdict = target.judge(this.results);
			if (verdict != Target.Verdict.UNKNOWN) {
				text.append(String.format(Locale.ROOT, "| %s | %.3f | %s | %s | %s |%n", target,
						target.measured(this.results), ofC(target), noise(target), verdict.title()));
			}
		}
		return text.toString();
	}

	/** What the C program reaches of a figure that compares with the kernel's UDP. */
	private String ofC(Target target) {
		return (target.against() != Peer.C && this.results.hasRatio(target.metric(), Peer.C, target.against())) ? String
			.format(Locale.ROOT, "%.3f", this.results.ratio(target.metric(), Peer.C, target.against()).median()) : "";
	}

	private String noise(Target target) {
		return this.results.hasRatio(target.metric(), Peer.C_AGAIN, Peer.C)
				? String.format(Locale.ROOT, "±%.1f %%", 100 * this.results.noise(target.metric())) : "";
	}

	/** What is missing, and why. */
	String failures() {
		StringBuilder text = new StringBuilder();
		this.results.failures().forEach((failure) -> text.append("- Not measured: ").append(failure).append('\n'));
		return text.toString();
	}

	/** Whole numbers where they are large. */
	static String number(double value) {
		double size = Math.abs(value);
		if (size >= 1000) {
			return String.format(Locale.ROOT, "%,.0f", value);
		}
		return String.format(Locale.ROOT, (size >= 100) ? "%.0f" : (size >= 1) ? "%.1f" : "%.3f", value);
	}

}
