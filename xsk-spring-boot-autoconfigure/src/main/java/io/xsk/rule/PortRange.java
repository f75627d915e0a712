package io.xsk.rule;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

import io.xsk.RangeList;

/**
 * A range of ports of UDP, TCP or SCTP, both ends included.
 *
 * @param first the lowest port, 1 to 65535
 * @param last the highest port, {@code first} to 65535
 * @since 0.1.0
 */
public record PortRange(int first, int last) {

	private static final int MAX_PORT = 65535;

	/**
	 * Create a range.
	 * @param first the lowest port, 1 to 65535
	 * @param last the highest port, {@code first} to 65535
	 * @throws IllegalArgumentException when a port is outside 1 to 65535, or the first
	 * higher than the last
	 */
	public PortRange {
		requirePort(first);
		requirePort(last);
		if (first > last) {
			throw new IllegalArgumentException(
					"A range of ports starts with the lower one: \"%d-%d\" instead of \"%d-%d\".".formatted(last, first,
							first, last));
		}
	}

	/**
	 * Create a range of one port.
	 * @param port the port, 1 to 65535
	 * @return the range
	 * @throws IllegalArgumentException when the port is outside 1 to 65535
	 */
	public static PortRange of(int port) {
		return new PortRange(port, port);
	}

	/**
	 * Read a range.
	 * @param text a port or two ports with a hyphen between them: {@code 53},
	 * {@code 9000-9100}
	 * @return the range
	 * @throws IllegalArgumentException when the text is something else
	 */
	public static PortRange parse(String text) {
		RangeList.Range range = RangeList.parseRange(text, "a port", 1, MAX_PORT);
		return new PortRange(range.first(), range.last());
	}

	private static void requirePort(int port) {
		if (port < 1 || port > MAX_PORT) {
			throw new IllegalArgumentException("%d is not a port. Choose one from 1 to %d.".formatted(port, MAX_PORT));
		}
	}

	/** Return the ports of some ranges, sorted, with those that touch in one. */
	static List<PortRange> merge(Collection<PortRange> ports) {
		List<PortRange> merged = new ArrayList<>();
		for (PortRange range : ports.stream().sorted(Comparator.comparingInt(PortRange::first)).toList()) {
			int lastIndex = merged.size() - 1;
			if (lastIndex >= 0 && range.first() <= merged.get(lastIndex).last() + 1) {
				PortRange before = merged.get(lastIndex);
				merged.set(lastIndex, new PortRange(before.first(), Math.max(before.last(), range.last())));
			}
			else {
				merged.add(range);
			}
		}
		return List.copyOf(merged);
	}

	/** Return the ports that are in both of two sets. */
	static List<PortRange> common(List<PortRange> ranges, List<PortRange> others) {
		List<PortRange> common = new ArrayList<>();
		for (PortRange range : ranges) {
			for (PortRange other : others) {
				int first = Math.max(range.first(), other.first());
				int last = Math.min(range.last(), other.last());
				if (first <= last) {
					common.add(new PortRange(first, last));
				}
			}
		}
		return common;
	}

	@Override
	public String toString() {
		return (this.first == this.last) ? Integer.toString(this.first) : this.first + "-" + this.last;
	}

}
