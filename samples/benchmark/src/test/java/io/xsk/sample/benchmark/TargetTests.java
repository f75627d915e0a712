package io.xsk.sample.benchmark;

import java.util.stream.DoubleStream;

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

	private void runs(Peer peer, double... values) {
		DoubleStream.of(values).forEach((value) -> this.results.add(CPU, peer, value));
	}

}
