package io.xsk.sample.benchmark;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What is told of a row of single runs: the median, and the quartiles as its spread.
 *
 * @param median the value in the middle
 * @param lower the value that a quarter of the runs stays below
 * @param upper the value that a quarter of the runs lies above
 */
record Statistics(double median, double lower, double upper) {

	/**
	 * Summarise runs.
	 * @param values the single runs, at least one, in any order
	 * @return their statistics
	 */
	static Statistics of(double... values) {
		if (values.length == 0) {
			throw new IllegalArgumentException("There is no run to summarise");
		}
		double[] sorted = values.clone();
		Arrays.sort(sorted);
		return new Statistics(quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75));
	}

	/**
	 * Summarise the ratios of runs that were made one after the other, pair by pair.
	 * @param values the runs of the one
	 * @param others the runs of the other; pairs beyond the shorter row are left out, as
	 * are those whose other is 0
	 * @return the statistics of the ratios, 1 where there is no pair
	 */
	static Statistics ofRatios(double[] values, double[] others) {
		double[] ratios = ratios(values, others);
		return (ratios.length > 0) ? of(ratios) : new Statistics(1, 1, 1);
	}

	static double[] ratios(double[] values, double[] others) {
		return IntStream.range(0, Math.min(values.length, others.length))
			.filter((i) -> others[i] != 0)
			.mapToDouble((i) -> values[i] / others[i])
			.toArray();
	}

	/** Between two runs by linear interpolation. */
	private static double quantile(double[] sorted, double part) {
		double position = part * (sorted.length - 1);
		int index = (int) position;
		double below = sorted[index];
		double above = sorted[Math.min(index + 1, sorted.length - 1)];
		return below + (above - below) * (position - index);
	}

}
