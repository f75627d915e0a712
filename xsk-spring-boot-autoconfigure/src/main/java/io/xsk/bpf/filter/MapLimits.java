package io.xsk.bpf.filter;

/**
 * From which number of values on a map takes the place of comparisons in the program.
 *
 * @param portRanges the most ranges of ports that are compared
 * @param addresses the most single addresses that are compared
 * @param prefixes the most prefixes that are compared
 * @since 0.1.0
 */
public record MapLimits(int portRanges, int addresses, int prefixes) {

	/**
	 * Measured on Linux 6.18 with values that no branch predictor can know, in ns a
	 * packet. Ports, compared or in an array: 8 ranges 9 or 4, 512 ranges 25 or 4; with
	 * fewer the memory is not worth it. Addresses, compared or in a hash: 512 take 23 or
	 * 24, 2048 take 34 or 28. Prefixes, compared or in a trie: 16 take 12 or 27, 512 take
	 * 26 or 57, 8192 take 47 or 130; so only the size of a program speaks for the trie.
	 */
	public static final MapLimits MEASURED = new MapLimits(8, 512, 4096);

	/** For rules that are so many that their comparisons do not fit into a program. */
	public static final MapLimits SMALLEST = new MapLimits(4, 2, 2);

}
