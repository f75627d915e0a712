package io.xsk.sample.benchmark;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Results}.
 */
class ResultsTests {

	private static final Metric CPU = Metric.cpu("receive");

	private final Results results = new Results();

	@Test
	void ratiosAreTakenWithinARound() {
		runs(Peer.C, 1, 10, 4);
		runs(Peer.RAW, 2, 30, 4);
		assertThat(this.results.ratios(CPU, Peer.RAW, Peer.C)).containsExactly(2, 3, 1);
		assertThat(this.results.ratio(CPU, Peer.RAW, Peer.C).median()).isEqualTo(2);
	}

	@Test
	void runThatFailedLeavesItsRoundOut() {
		runs(Peer.C, 1, 10, 4);
		this.results.add(1, CPU, Peer.RAW, 2);
		this.results.add(3, CPU, Peer.RAW, 8);
		assertThat(this.results.ratios(CPU, Peer.RAW, Peer.C)).containsExactly(2, 2);
		assertThat(this.results.rounds(CPU, Peer.RAW)).containsExactly(2.0, null, 8.0);
		assertThat(this.results.values(CPU, Peer.RAW)).containsExactly(2, 8);
	}

	@Test
	void roundsWithoutAnythingToCompareWithAreLeftOut() {
		runs(Peer.C, 0, 3);
		runs(Peer.RAW, 2, 3, 4);
		assertThat(this.results.ratios(CPU, Peer.RAW, Peer.C)).containsExactly(1);
		assertThat(this.results.hasRatio(CPU, Peer.LISTENER, Peer.C)).isFalse();
	}

	private void runs(Peer peer, double... values) {
		for (int i = 0; i < values.length; i++) {
			this.results.add(i + 1, CPU, peer, values[i]);
		}
	}

}
