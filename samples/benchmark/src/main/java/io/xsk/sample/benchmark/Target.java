package io.xsk.sample.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A figure that is to be reached.
 *
 * @param metric what is measured
 * @param peer whose figure it is
 * @param against whom it is compared with
 * @param atLeast whether the ratio must be at least or at most the bound
 * @param bound the bound of the ratio
 */
record Target(Metric metric, Peer peer, Peer against, boolean atLeast, double bound) {

	private static final double PACKETS = 0.95;

	private static final double CPU_RAW = 1.15;

	private static final double CPU_LISTENER = 1.25;

	private static final double ROUND_TRIP = 1.1;

	private static final double KERNEL_PACKETS = 1.7;

	private static final double KERNEL_CPU = 1.0 / 8;

	private static final double ACTIVATION = 1.3;

	private static final double START = 1.5;

	/** All figures that the project set itself. */
	static List<Target> all() {
		List<Target> targets = new ArrayList<>();
		for (String mode : List.of("receive", "echo", "transmit")) {
			for (Peer peer : List.of(Peer.RAW, Peer.LISTENER)) {
				targets.add(new Target(Metric.delivered(mode), peer, Peer.C, true, PACKETS));
				targets.add(
						new Target(Metric.cpu(mode), peer, Peer.C, false, (peer == Peer.RAW) ? CPU_RAW : CPU_LISTENER));
				for (Peer kernel : List.of(Peer.DATAGRAM, Peer.NETTY)) {
					targets.add(new Target(Metric.delivered(mode), peer, kernel, true, KERNEL_PACKETS));
					targets.add(new Target(Metric.cpu(mode), peer, kernel, false, KERNEL_CPU));
				}
			}
		}
		targets.add(new Target(Metric.MEDIAN, Peer.RAW, Peer.C, false, ROUND_TRIP));
		targets.add(new Target(Metric.MEDIAN, Peer.LISTENER, Peer.C, false, ROUND_TRIP));
		targets.add(new Target(Metric.ACTIVATION, Peer.RAW, Peer.C, false, ACTIVATION));
		targets.add(new Target(Metric.START_64, Peer.RAW, Peer.C, false, START));
		return targets;
	}

	/**
	 * Compare with what was measured.
	 * @param results the runs
	 * @return whether it was reached, missed by no more than the noise, or missed;
	 * {@link Verdict#UNKNOWN} where one of both was not measured
	 */
	Verdict judge(Results results) {
		if (!results.has(this.metric, this.peer) || !results.has(this.metric, this.against)) {
			return Verdict.UNKNOWN;
		}
		double ratio = results.ratio(this.metric, this.peer, this.against).median();
		double noise = results.noise(this.metric);
		if (this.atLeast ? ratio >= this.bound : ratio <= this.bound) {
			return Verdict.REACHED;
		}
		boolean within = this.atLeast ? ratio >= this.bound * (1 - noise) : ratio <= this.bound * (1 + noise);
		return within ? Verdict.WITHIN_NOISE : Verdict.MISSED;
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%s: %s %s %.3g × %s", this.metric.title(), this.peer.title(),
				this.atLeast ? "≥" : "≤", this.bound, this.against.title());
	}

	/** What became of a target. */
	enum Verdict {

		/** The median of the ratios keeps the bound. */
		REACHED("reached"),

		/** It does not, but by less than C differs from C. */
		WITHIN_NOISE("within the noise"),

		/** It does not. */
		MISSED("missed"),

		/** One of the two was not measured. */
		UNKNOWN("not measured");

		private final String title;

		Verdict(String title) {
			this.title = title;
		}

		String title() {
			return this.title;
		}

	}

}
