package io.xsk;

import java.util.Collection;
import java.util.Comparator;

/**
 * Names the right values to somebody who wrote a wrong one, the nearest of them first.
 * Stateless.
 *
 * @since 0.1.0
 */
public final class Suggestion {

	private Suggestion() {
	}

	/**
	 * Add the right values to a sentence that says what is wrong.
	 * @param what the sentence
	 * @param wrong what was written
	 * @param right what could have been written
	 * @return the sentence, the nearest of the right values, and all of them
	 */
	public static String among(String what, String wrong, Collection<String> right) {
		if (right.isEmpty()) {
			return what + " There is none; add one.";
		}
		String nearest = right.stream()
			.min(Comparator.comparingInt((candidate) -> distance(wrong, candidate)))
			.orElseThrow();
		return "%s Did you mean '%s'? There are: %s.".formatted(what, nearest, String.join(", ", right));
	}

	/**
	 * Return whether one name is probably the other, misspelt.
	 * @param wrong what was written
	 * @param right what could have been written
	 * @return whether at most a quarter of the letters differs
	 */
	public static boolean isNear(String wrong, String right) {
		return 4 * distance(wrong, right) <= right.length();
	}

	/** How many letters have to be added, left out or changed. */
	private static int distance(String from, String to) {
		int[] row = new int[to.length() + 1];
		for (int j = 0; j <= to.length(); j++) {
			row[j] = j;
		}
		for (int i = 1; i <= from.length(); i++) {
			int diagonal = row[0];
			row[0] = i;
			for (int j = 1; j <= to.length(); j++) {
				int change = diagonal + ((from.charAt(i - 1) == to.charAt(j - 1)) ? 0 : 1);
				diagonal = row[j];
				row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
			}
		}
		return row[to.length()];
	}

}
