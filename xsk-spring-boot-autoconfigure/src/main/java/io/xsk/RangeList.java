package io.xsk;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers and ranges of them as they stand in a configuration and in files of the kernel:
 * {@code 0-3,7}. Immutable.
 *
 * @param ranges the ranges, in the order of the text
 * @since 0.1.0
 */
public record RangeList(List<RangeList.Range> ranges) {

	private static final Pattern RANGE = Pattern.compile("(\\d{1,9})(?:\\s*-\\s*(\\d{1,9}))?");

	/**
	 * Create a list.
	 * @param ranges the ranges, in the order of the text
	 */
	public RangeList {
		ranges = List.copyOf(ranges);
	}

	/**
	 * Read a list.
	 * @param text numbers and ranges, separated by commas; spaces do not matter
	 * @param what what a number is, for people: {@code a queue id}
	 * @param min the smallest number that is allowed
	 * @param max the largest number that is allowed
	 * @return the list
	 * @throws IllegalArgumentException when the text is something else; the message is
	 * the end of a sentence, without a full stop
	 */
	public static RangeList parse(String text, String what, int min, int max) {
		List<Range> ranges = new ArrayList<>();
		for (String part : text.split(",", -1)) {
			ranges.add(parseRange(part, what, min, max));
		}
		return new RangeList(ranges);
	}

	/**
	 * Read one number or range.
	 * @param text the number or range; spaces do not matter
	 * @param what what a number is, for people: {@code a queue id}
	 * @param min the smallest number that is allowed
	 * @param max the largest number that is allowed
	 * @return the range, of one number where the text is one
	 * @throws IllegalArgumentException when the text is something else; the message is
	 * the end of a sentence, without a full stop
	 */
	public static Range parseRange(String text, String what, int min, int max) {
		String part = text.strip();
		Matcher matcher = RANGE.matcher(part);
		if (!matcher.matches()) {
			throw new IllegalArgumentException(
					"'%s' is neither %s nor a range of them, as in 2-5".formatted(part, what));
		}
		int first = Integer.parseInt(matcher.group(1));
		int last = (matcher.group(2) != null) ? Integer.parseInt(matcher.group(2)) : first;
		if (last < first) {
			throw new IllegalArgumentException(
					"the range '%s' runs backwards; write %d-%d".formatted(part, last, first));
		}
		if (first < min || last > max) {
			throw new IllegalArgumentException(
					"%s goes from %d to %d, and '%s' does not".formatted(what, min, max, part));
		}
		return new Range(first, last);
	}

	/**
	 * Return all numbers.
	 * @return the numbers in the order of the text; those that it names twice are there
	 * twice
	 */
	public List<Integer> numbers() {
		List<Integer> numbers = new ArrayList<>();
		for (Range range : this.ranges) {
			for (int number = range.first(); number <= range.last(); number++) {
				numbers.add(number);
			}
		}
		return numbers;
	}

	/**
	 * Numbers without a gap.
	 *
	 * @param first the first number
	 * @param last the last number, not below the first
	 */
	public record Range(int first, int last) {
	}

}
