package io.xsk.sample.benchmark;

import java.util.Map;
import java.util.stream.Collectors;

/**
 * The results for programs: for each metric and peer the single runs by round, null for
 * one that failed, the median, the quartiles, and the ratio to C; and what failed.
 */
final class Json {

	private Json() {
	}

	static String of(Map<String, String> environment, Results results) {
		String about = environment.entrySet()
			.stream()
			.map((entry) -> "    %s: %s".formatted(text(entry.getKey()), text(entry.getValue())))
			.collect(Collectors.joining(",\n"));
		String measures = results.metrics()
			.stream()
			.map((metric) -> metric(metric, results))
			.collect(Collectors.joining(",\n"));
		String failures = results.failures().stream().map(Json::text).collect(Collectors.joining(", "));
		return "{\n  \"environment\": {\n%s\n  },\n  \"failures\": [%s],\n  \"measures\": {\n%s\n  }\n}\n"
			.formatted(about, failures, measures);
	}

	private static String metric(Metric metric, Results results) {
		String peers = results.peers(metric)
			.stream()
			.map((peer) -> peer(metric, peer, results))
			.collect(Collectors.joining(",\n"));
		return "    %s: {\n      \"title\": %s,\n      \"unit\": %s,\n      \"noise\": %s,\n      \"peers\": {\n%s\n      }\n    }"
			.formatted(text(metric.id()), text(metric.title()), text(metric.unit()), results.noise(metric), peers);
	}

	private static String peer(Metric metric, Peer peer, Results results) {
		Statistics statistics = results.statistics(metric, peer);
		String ratio = results.hasRatio(metric, peer, Peer.C)
				? String.valueOf(results.ratio(metric, peer, Peer.C).median()) : "null";
		return "        %s: {\"title\": %s, \"runs\": %s, \"median\": %s, \"lower\": %s, \"upper\": %s, \"ratioToC\": %s}"
			.formatted(text(peer.id()), text(metric.title(peer)), results.rounds(metric, peer), statistics.median(),
					statistics.lower(), statistics.upper(), ratio);
	}

	/** Text in quotes. */
	static String text(String text) {
		StringBuilder quoted = new StringBuilder("\"");
		for (char character : text.toCharArray()) {
			if (character == '"' || character == '\\') {
				quoted.append('\\').append(character);
			}
			else if (character < ' ') {
				quoted.append("\\u%04x".formatted((int) character));
			}
			else {
				quoted.append(character);
			}
		}
		return quoted.append('"').toString();
	}

}
