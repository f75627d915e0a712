package io.xsk.sample.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The ratios to C as a picture (SVG): for each metric and peer a bar up to the median and
 * a dot for every pair, on a scale of powers of two.
 */
final class Picture {

	private static final int LEFT = 330;

	private static final int WIDTH = 960;

	private static final int ROW = 18;

	private static final int TOP = 44;

	private static final int HEADING = 24;

	/** The scale goes from 1/32 to 32. */
	private static final int LARGEST_POWER = 5;

	private static final Map<Peer, String> COLOURS = Map.of(Peer.C, "#555555", Peer.C_AGAIN, "#999999", Peer.RAW,
			"#2a7f3f", Peer.LISTENER, "#3572b0", Peer.DATAGRAM, "#c27a1a", Peer.NETTY, "#a83a3a");

	private final Results results;

	private final StringBuilder body = new StringBuilder();

	private int y = TOP;

	private Picture(Results results) {
		this.results = results;
	}

	static String of(Results results) {
		return new Picture(results).draw();
	}

	private String draw() {
		for (Metric metric : this.results.metrics()) {
			List<Peer> peers = this.results.peers(metric)
				.stream()
				.filter((peer) -> peer != Peer.C && this.results.hasRatio(metric, peer, Peer.C))
				.toList();
			if (!peers.isEmpty()) {
				this.y += HEADING;
				text(8, this.y, "bold", "%s (%s)".formatted(metric.title(), metric.unit()));
				peers.forEach((peer) -> row(metric, peer));
			}
		}
		int height = this.y + ROW;
		return """
				<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
				<rect width="100%%" height="100%%" fill="white"/>
				<text x="8" y="20" font-size="15">Ratio to C: bar = median of the pairs, dot = one pair</text>
				%s%s</svg>
				""".formatted(WIDTH, height, scale(height), this.body);
	}

	private static String scale(int height) {
		StringBuilder lines = new StringBuilder();
		for (int power = -LARGEST_POWER; power <= LARGEST_POWER; power++) {
			double x = x(Math.pow(2, power));
			lines.append(String.format(Locale.ROOT,
					"<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
					x, TOP, x, height, (power == 0) ? "#000000" : "#dddddd", x, TOP - 6,
					(power < 0) ? "1/" + (1 << -power) : String.valueOf(1 << power)));
		}
		return lines.toString();
	}

	private void row(Metric metric, Peer peer) {
		this.y += ROW;
		double[] ratios = this.results.ratios(metric, peer, Peer.C);
		double median = Statistics.of(ratios).median();
		String colour = COLOURS.getOrDefault(peer, "#000000");
		double from = Math.min(x(1), x(median));
		text(24, this.y, "normal", String.format(Locale.ROOT, "%s: %.2f", metric.title(peer), median));
		this.body.append(String.format(Locale.ROOT,
				"<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"10\" fill=\"%s\" fill-opacity=\"0.6\"/>%n", from,
				this.y - 10, Math.max(1, Math.max(x(1), x(median)) - from), colour));
		for (double ratio : ratios) {
			this.body.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%d\" r=\"2\" fill=\"%s\"/>%n",
					x(ratio), this.y - 5, colour));
		}
	}

	private void text(int x, int y, String weight, String text) {
		this.body.append("<text x=\"%d\" y=\"%d\" font-weight=\"%s\">%s</text>%n".formatted(x, y, weight,
				text.replace("&", "&amp;").replace("<", "&lt;")));
	}

	/** Where a ratio lies; what is beyond the scale lies at its end. */
	private static double x(double ratio) {
		double power = Math.log(Math.max(ratio, Double.MIN_NORMAL)) / Math.log(2);
		double part = Math.max(-1, Math.min(1, power / LARGEST_POWER));
		return LEFT + (part + 1) / 2 * (WIDTH - LEFT - 20);
	}

}
