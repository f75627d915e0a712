package io.xsk.sample.benchmark;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Target}.
 */
class TargetTests {

	private static final Metric CPU = Metric.cpu("receive");

	private final Results results = new Results();

	@Test
	void isReachedWhenTheMedianOfTheRatiosKeepsTheBound() {
		runs(Peer.C, 100, 100, 100);
		runs(Peer.RAW, 110, 115, 190);
		assertThat(new Target(CPU, Peer.RAW, Peer.C, false, 1.15).judge(this.results))
			.isEqualTo(Target.Verdict.REACHED);
	}

	@Test
	void isMissedWhenItIsFurtherAwayThanCFromItself() {
		runs(Peer.C, 100, 100, 100);
		runs(Peer.C_AGAIN, 99, 100, 101);
		runs(Peer.RAW, 120, 120, 120);
		assertThat(new Target(CPU, Peer.RAW, Peer.C, false, 1.15).judge(this.results)).isEqualTo(Target.Verdict.MISSED);
	}

	@Test
	void isWithinTheNoiseWhenCDiffersMoreFromItself() {
		runs(Peer.C, 100, 100, 100);
		runs(Peer.C_AGAIN, 80, 100, 120);
		runs(Peer.RAW, 120, 120, 120);
		assertThat(new Target(CPU, Peer.RAW, Peer.C, false, 1.15).judge(this.results))
			.isEqualTo(Target.Verdict.WITHIN_NOISE);
	}

	@Test
	void isUnknownWhenOneWasNotMeasured() {
		runs(Peer.C, 100);
		assertThat(new Target(CPU, Peer.RAW, Peer.C, false, 1.15).judge(this.results))
			.isEqualTo(Target.Verdict.UNKNOWN);
	}

	@Test
	void anAllocationIsMissedWhateverTheNoise() {
		Metric allocated = Metric.allocated("echo");
		Target target = new Target(allocated, Peer.RAW, Peer.RAW, false, 0);
		assertThat(target.judge(this.results)).isEqualTo(Target.Verdict.UNKNOWN);
		this.results.add(1, allocated, Peer.RAW, 0.01);
		assertThat(target.judge(this.results)).isEqualTo(Target.Verdict.MISSED);
	}

	@Test
	void everyFigureIsJudged() {
		assertThat(Target.all()).extracting((target) -> target.metric().id() + " " + target.peer().id())
			.contains("receive.delivered listener", "echo.cpu raw", "transmit.allocated listener", "latency.p50 raw",
					"activation.map raw", "start.64 raw", "filters.ports.1.match raw", "filters.ports.500.miss raw",
					"filters.addresses.32.match raw");
	}

	private void runs(Peer peer, double... values) {
		for (int i = 0; i < values.length; i++) {
			this.results.add(i + 1, CPU, peer, values[i]);
		}
	}

}
