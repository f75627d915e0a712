package io.xsk.sample.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A figure that is to be reached.
 *
 * @param metric what is measured
 * @param peer whose figure it is
 * @param against whom it is compared with; the peer itself where the figure is no ratio,
 * but the median
 * @param atLeast whether the figure must be at least or at most the bound
 * @param bound the bound of the figure
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

	private static final double FILTER = 1.1;

	/** What is allocated once in a run of millions of packets is not per packet. */
	private static final double HUNDREDTHS = 100;

	/** All figures that the project set itself. */
	static List<Target> all() {
		List<Target> targets = new ArrayList<>();
		for (String mode : List.of("receive", "echo", "transmit")) {
			for (Peer peer : List.of(Peer.RAW, Peer.LISTENER)) {
				targets.add(new Target(Metric.delivered(mode), peer, Peer.C, true, PACKETS));
				targets.add(
						new Target(Metric.cpu(mode), peer, Peer.C, false, (peer == Peer.RAW) ? CPU_RAW : CPU_LISTENER));
				targets.add(new Target(Metric.allocated(mode), peer, peer, false, 0));
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
		targets.add(new Target(Metric.RESTART_64, Peer.RAW, Peer.C, false, START));
		for (FilterSet set : FilterSet.all()) {
			for (boolean matching : List.of(true, false)) {
				targets.add(new Target(Metric.filter(set, matching), Peer.RAW, Peer.C, false, FILTER));
			}
		}
		return targets;
	}

	/**
	 * Compare with what was measured.
	 * @param results the runs
	 * @return whether it was reached, missed by no more than the noise, or missed;
	 * {@link Verdict#UNKNOWN} where one of both was not measured
	 */
	Verdict judge(Results results) {
		if (isRatio() ? !results.hasRatio(this.metric, this.peer, this.against)
				: !results.has(this.metric, this.peer)) {
			return Verdict.UNKNOWN;
		}
		double measured = measured(results);
		if (this.atLeast ? measured >= this.bound : measured <= this.bound) {
			return Verdict.REACHED;
		}
		double noise = isRatio() ? results.noise(this.metric) : 0;
		boolean within = this.atLeast ? measured >= this.bound * (1 - noise) : measured <= this.bound * (1 + noise);
		return within ? Verdict.WITHIN_NOISE : Verdict.MISSED;
	}

	/** Whether two peers are compared. */
	private boolean isRatio() {
		return this.peer != this.against;
	}

	/**
	 * The figure: the median of the ratios within the rounds, or of the runs, in
	 * hundredths.
	 */
	double measured(Results results) {
		return isRatio() ? results.ratio(this.metric, this.peer, this.against).median()
				: Math.rint(results.statistics(this.metric, this.peer).median() * HUNDREDTHS) / HUNDREDTHS;
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%s: %s %s %s", this.metric.title(), this.metric.title(this.peer),
				this.atLeast ? "≥" : "≤",
				isRatio() ? String.format(Locale.ROOT, "%.3g × %s", this.bound, this.metric.title(this.against))
						: String.format(Locale.ROOT, "%.0f %s", this.bound, this.metric.unit()));
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
