package io.xsk.sample.benchmark;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

import io.xsk.XskException;

/**
 * Runs the peers of a measure in alternation. A run that fails is made once more, on a
 * new stage; when that fails too the round goes without it, and a peer that fails in two
 * rounds one after the other is left out of the rest. What the others measured stays.
 */
final class Rounds {

	private static final int ATTEMPTS = 2;

	private static final int PATIENCE = 2;

	private final Settings settings;

	private final Results results;

	private final Consumer<String> progress;

	private final Runnable afterRound;

	/**
	 * Prepare to run.
	 * @param settings what the command line says
	 * @param results where the single runs go
	 * @param progress is told of each run
	 * @param afterRound is called after each round
	 */
	Rounds(Settings settings, Results results, Consumer<String> progress, Runnable afterRound) {
		this.settings = settings;
		this.results = results;
		this.progress = progress;
		this.afterRound = afterRound;
	}

	/** Who takes part in a measure. */
	static List<Peer> peers(Measure measure, Settings settings) {
		return settings.peers().stream().filter(measure.peers()::contains).toList();
	}

	/** About how many seconds a measure takes. */
	static double estimate(Measure measure, Settings settings) {
		return settings.rounds()
				* peers(measure, settings).stream().mapToDouble((peer) -> measure.estimate(settings, peer)).sum();
	}

	/**
	 * Make all runs of a measure.
	 * @param measure what to measure
	 */
	void run(Measure measure) {
		List<Peer> peers = peers(measure, this.settings);
		List<Group> groups = new ArrayList<>();
		if (measure.together()) {
			groups.add(new Group(peers));
		}
		else {
			peers.forEach((peer) -> groups.add(new Group(List.of(peer))));
		}
		try (Place place = new Place(measure, this.settings)) {
			for (int round = 1; round <= this.settings.rounds(); round++) {
				for (Group group : groups) {
					if (group.failures < PATIENCE) {
						group.failures = run(round, measure, group.peers, place) ? 0 : group.failures + 1;
					}
				}
				this.afterRound.run();
			}
		}
	}

	private boolean run(int round, Measure measure, List<Peer> peers, Place place) {
		String prefix = String.format(Locale.ROOT, "%2d/%d %-10s", round, this.settings.rounds(), measure.name());
		for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
			try {
				place.stage().run(peers).forEach((peer, run) -> {
					run.values().forEach((metric, value) -> this.results.add(round, metric, peer, value));
					this.progress
						.accept(String.format(Locale.ROOT, "%s %-16s %s", prefix, run.title(peer), run.said()));
				});
				return true;
			}
			catch (XskException | UncheckedIOException | IllegalStateException ex) {
				place.discard(ex);
				String failure = "%s, round %d, %s: %s".formatted(measure.name(), round,
						String.join(" and ", peers.stream().map(Peer::title).toList()), ex.getMessage());
				this.progress.accept(prefix + " failed" + ((attempt < ATTEMPTS) ? ", once more: " : ": ") + failure);
				if (attempt == ATTEMPTS) {
					this.results.fail(failure);
				}
			}
		}
		return false;
	}

	/** Peers that run together, and how many rounds they have failed in up to now. */
	private static final class Group {

		private final List<Peer> peers;

		private int failures;

		Group(List<Peer> peers) {
			this.peers = peers;
		}

	}

	/** The stage, made when it is wanted. */
	private static final class Place implements AutoCloseable {

		private final Measure measure;

		private final Settings settings;

		private Measure.Stage stage;

		Place(Measure measure, Settings settings) {
			this.measure = measure;
			this.settings = settings;
		}

		Measure.Stage stage() {
			if (this.stage == null) {
				this.stage = this.measure.open(this.settings);
			}
			return this.stage;
		}

		/** What failed may have broken it. */
		void discard(RuntimeException reason) {
			try {
				close();
			}
			catch (XskException | UncheckedIOException ex) {
				reason.addSuppressed(ex);
			}
		}

		@Override
		public void close() {
			Measure.Stage open = this.stage;
			this.stage = null;
			if (open != null) {
				open.close();
			}
		}

	}

}
