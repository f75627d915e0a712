package io.xsk.bpf.filter;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

import io.xsk.bpf.asm.Label;
import io.xsk.rule.IpPrefix;

/**
 * Turns prefixes of one family into ascending ranges of numbers without overlap. Of two
 * prefixes that overlap, one lies within the other.
 */
final class AddressRanges {

	private static final Comparator<IpPrefix> ORDER = Comparator.comparing(IpPrefix::high, Long::compareUnsigned)
		.thenComparing(IpPrefix::low, Long::compareUnsigned)
		.thenComparing(IpPrefix::length);

	private AddressRanges() {
	}

	static List<RangeTree.Leaf> ipv4(List<IpPrefix> prefixes, Label target) {
		List<RangeTree.Leaf> leaves = new ArrayList<>();
		outermost(prefixes).forEach((prefix) -> append(leaves, prefix.low(), prefix.lastLow(), target));
		return leaves;
	}

	/** Turn IPv6 prefixes into ranges of their upper halves. */
	static List<RangeTree.Leaf> ipv6(List<IpPrefix> prefixes, Label target, List<LowerHalves> lower,
			Function<String, Label> labels) {
		List<RangeTree.Leaf> leaves = new ArrayList<>();
		for (IpPrefix prefix : outermost(prefixes)) {
			if (prefix.length() <= Long.SIZE) {
				append(leaves, prefix.high(), prefix.lastHigh(), target);
			}
			else if (!lower.isEmpty() && lower.get(lower.size() - 1).high() == prefix.high()) {
				lower.get(lower.size() - 1).prefixes().add(prefix);
			}
			else {
				LowerHalves rest = new LowerHalves(prefix.high(), new ArrayList<>(List.of(prefix)),
						labels.apply("lower half behind " + Long.toHexString(prefix.high())));
				lower.add(rest);
				leaves.add(new RangeTree.Leaf(prefix.high(), prefix.high(), rest.label()));
			}
		}
		return leaves;
	}

	/** Those that no other contains, in ascending order. */
	private static List<IpPrefix> outermost(List<IpPrefix> prefixes) {
		List<IpPrefix> outermost = new ArrayList<>();
		for (IpPrefix prefix : prefixes.stream().sorted(ORDER).toList()) {
			if (outermost.isEmpty() || !outermost.get(outermost.size() - 1).contains(prefix)) {
				outermost.add(prefix);
			}
		}
		return outermost;
	}

	private static void append(List<RangeTree.Leaf> leaves, long first, long last, Label target) {
		int lastIndex = leaves.size() - 1;
		if (lastIndex >= 0 && leaves.get(lastIndex).last() + 1 == first
				&& leaves.get(lastIndex).target().equals(target)) {
			leaves.set(lastIndex, new RangeTree.Leaf(leaves.get(lastIndex).first(), last, target));
		}
		else {
			leaves.add(new RangeTree.Leaf(first, last, target));
		}
	}

	/**
	 * IPv6 prefixes of more than 64 bits with one upper half.
	 *
	 * @param high the upper half
	 * @param prefixes the prefixes, ascending
	 * @param label where the lower halves are compared
	 */
	record LowerHalves(long high, List<IpPrefix> prefixes, Label label) {

		List<RangeTree.Leaf> leaves(Label target) {
			List<RangeTree.Leaf> leaves = new ArrayList<>();
			this.prefixes.forEach((prefix) -> append(leaves, prefix.low(), prefix.lastLow(), target));
			return leaves;
		}

	}

}
