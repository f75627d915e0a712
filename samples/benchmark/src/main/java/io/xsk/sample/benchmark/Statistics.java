package io.xsk.sample.benchmark;

import java.util.Arrays;

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

	/** Between two runs by linear interpolation. */
	private static double quantile(double[] sorted, double part) {
		double position = part * (sorted.length - 1);
		int index = (int) position;
		double below = sorted[index];
		double above = sorted[Math.min(index + 1, sorted.length - 1)];
		return below + (above - below) * (position - index);
	}

}
