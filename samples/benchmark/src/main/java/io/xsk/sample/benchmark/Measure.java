package io.xsk.sample.benchmark;

import java.util.function.Consumer;

/**
 * Something to measure: runs every peer once in each round, one after the other.
 */
interface Measure {

	/** Its name on the command line. */
	String name();

	/**
	 * Measure.
	 * @param settings what the command line says
	 * @param results where the single runs go
	 * @param progress is told of each run
	 */
	void run(Settings settings, Results results, Consumer<String> progress);

}
