package io.xsk.sample.benchmark;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.xsk.XskException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Rounds}.
 */
class RoundsTests {

	private static final Metric CPU = Metric.cpu("receive");

	private final Results results = new Results();

	private final List<String> progress = new ArrayList<>();

	private final Settings settings = Settings.parse("--pairs=4", "--peers=c,c-again,raw,netty");

	private final FakeMeasure measure = new FakeMeasure();

	private int written;

	@Test
	void peersAlternate() {
		run();
		assertThat(this.measure.runs).startsWith("c", "c-again", "raw", "c", "c-again", "raw").hasSize(12);
		assertThat(this.results.values(CPU, Peer.RAW)).hasSize(4);
		assertThat(this.progress).hasSize(12);
		assertThat(this.written).isEqualTo(4);
		assertThat(this.measure.opened).isEqualTo(1);
		assertThat(this.measure.closed).isEqualTo(1);
	}

	@Test
	void peersThatRunTogetherDo() {
		this.measure.together = true;
		run();
		assertThat(this.measure.runs).hasSize(4).containsOnly("c c-again raw");
	}

	@Test
	void runThatFailsIsMadeOnceMoreOnANewStage() {
		this.measure.failing.add(2);
		run();
		assertThat(this.results.values(CPU, Peer.C_AGAIN)).hasSize(4);
		assertThat(this.results.failures()).isEmpty();
		assertThat(this.measure.opened).isEqualTo(2);
		assertThat(this.measure.closed).isEqualTo(2);
	}

	@Test
	void runThatFailsTwiceIsMissingAndSaysWhy() {
		this.measure.failing.addAll(List.of(2, 3));
		run();
		assertThat(this.results.rounds(CPU, Peer.C_AGAIN)).first().isNull();
		assertThat(this.results.rounds(CPU, Peer.C_AGAIN)).hasSize(4);
		assertThat(this.results.values(CPU, Peer.C)).hasSize(4);
		assertThat(this.results.failures()).singleElement().asString().contains("round 1", "C once more", "run 3");
	}

	@Test
	void peerThatAlwaysFailsIsLeftOut() {
		// twice in the first two rounds
		this.measure.failing.addAll(List.of(1, 2, 5, 6));
		run();
		assertThat(this.results.has(CPU, Peer.C)).isFalse();
		assertThat(this.results.values(CPU, Peer.RAW)).hasSize(4);
		assertThat(this.results.failures()).hasSize(2);
		assertThat(this.written).isEqualTo(4);
	}

	@Test
	void stageThatCannotBeOpenedIsAFailureToo() {
		this.measure.refusesToOpen = true;
		run();
		assertThat(this.measure.runs).isEmpty();
		assertThat(this.results.failures()).hasSize(6);
	}

	@Test
	void timeOfARunIsKnownBeforehand() {
		assertThat(Rounds.estimate(this.measure, this.settings)).isEqualTo(4 * 3 * 2.5);
	}

	private void run() {
		new Rounds(this.settings, this.results, this.progress::add, () -> this.written++).run(this.measure);
	}

	/** Fails when it is told to. */
	private static final class FakeMeasure implements Measure {

		private final List<String> runs = new ArrayList<>();

		/** Which of all runs fail, counted from 1 on. */
		private final Set<Integer> failing = new HashSet<>();

		private boolean together;

		private boolean refusesToOpen;

		private int opened;

		private int closed;

		@Override
		public String name() {
			return "fake";
		}

		@Override
		public Set<Peer> peers() {
			return EnumSet.of(Peer.C, Peer.C_AGAIN, Peer.RAW, Peer.LISTENER);
		}

		@Override
		public boolean together() {
			return this.together;
		}

		@Override
		public double estimate(Settings settings, Peer peer) {
			return 2.5;
		}

		@Override
		public Stage open(Settings settings) {
			if (this.refusesToOpen) {
				throw new XskException("No stage", "Build one.");
			}
			this.opened++;
			return new Stage() {

				@Override
				public Map<Peer, Run> run(List<Peer> peers) {
					FakeMeasure.this.runs.add(String.join(" ", peers.stream().map(Peer::id).toList()));
					int number = FakeMeasure.this.runs.size();
					if (FakeMeasure.this.failing.contains(number)) {
						throw new XskException("This is run " + number, "Try again.");
					}
					Map<Peer, Run> made = new EnumMap<>(Peer.class);
					peers.forEach((peer) -> made.put(peer, new Run(Map.of(CPU, (double) number), "said")));
					return made;
				}

				@Override
				public void close() {
					FakeMeasure.this.closed++;
				}

			};
		}

	}

}
