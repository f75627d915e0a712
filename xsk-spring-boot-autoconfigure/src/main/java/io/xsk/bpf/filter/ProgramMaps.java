package io.xsk.bpf.filter;

import java.util.List;

import io.xsk.rule.IpPrefix;
import io.xsk.rule.PortRange;

/**
 * The maps that a redirect program uses, as descriptors.
 *
 * @since 0.1.0
 */
public interface ProgramMaps {

	/**
	 * Return the XSKMAP.
	 * @return its descriptor
	 */
	int sockets();

	/**
	 * Return the per-CPU array that counts what matches, by the rule's place.
	 * @return its descriptor
	 */
	int matches();

	/**
	 * Return the per-CPU array that counts what met an empty slot, by RX queue.
	 * @return its descriptor
	 */
	int emptySlots();

	/**
	 * Return for how many queues there are counters.
	 * @return the size of {@link #emptySlots()}, whose last element is for all the queues
	 * from there on
	 */
	int queues();

	/**
	 * Make an array of 65536 bits in words of 64, in which those of some ports are set.
	 * @param ports the ports
	 * @return its descriptor
	 */
	int ports(List<PortRange> ports);

	/**
	 * Make a hash of addresses.
	 * @param addresses addresses of one family
	 * @return its descriptor
	 */
	int addresses(List<IpPrefix> addresses);

	/**
	 * Make a trie of prefixes.
	 * @param prefixes prefixes of one family
	 * @return its descriptor
	 */
	int prefixes(List<IpPrefix> prefixes);

}
