package io.xsk.sample.benchmark;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Something to measure: every peer once in each round.
 */
interface Measure {

	/** Its name on the command line. */
	String name();

	/** Whom it can compare. */
	Set<Peer> peers();

	/**
	 * Whether the peers of a round run in one go, in turns; otherwise one after the
	 * other.
	 */
	default boolean together() {
		return false;
	}

	/** About how many seconds one run of a peer takes, with all that belongs to it. */
	double estimate(Settings settings, Peer peer);

	/**
	 * Make what the runs share.
	 * @param settings what the command line says
	 * @return the place where runs are made, which the caller closes
	 */
	Stage open(Settings settings);

	/** Where runs are made. After a failed run it is closed, and another one opened. */
	interface Stage extends AutoCloseable {

		/**
		 * Run peers.
		 * @param peers one peer, or all that are compared
		 * @return a run for each of them
		 */
		Map<Peer, Run> run(List<Peer> peers);

		@Override
		void close();

	}

	/**
	 * One run of one peer.
	 *
	 * @param values what was measured
	 * @param said the same for people, in a line
	 */
	record Run(Map<Metric, Double> values, String said) {

		/** What the peer is called where this was measured. */
		String title(Peer peer) {
			return this.values.keySet().iterator().next().title(peer);
		}

	}

}
