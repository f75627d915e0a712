package io.xsk.bpf;

import java.util.Map;

import io.xsk.rule.RedirectRules;

/**
 * What a redirect program has counted since it was loaded. A rule whose name was there
 * before rules were replaced counts on.
 *
 * @param rules the rules that it counted for
 * @param matches how many packets each rule matched first, by its name; exceptions are
 * asked before the other rules
 * @param emptySlots how many packets of each RX queue matched a rule and found no socket
 * in the XSKMAP, by queue id, ascending; queues without such packets are left out, and
 * the one behind the last slot of the map stands for all from there on
 * @param slots how many slots the map has, one for each queue from 0 on
 * @since 0.1.0
 */
public record RedirectCounters(RedirectRules rules, Map<String, Long> matches, Map<Integer, Long> emptySlots,
		int slots) {

	/**
	 * Name what is counted under one key of {@link #emptySlots()}.
	 * @param queue the key
	 * @return the number of the queue, with {@code and above} where it stands for all
	 * that have no slot
	 */
	public String queueName(int queue) {
		return (queue < this.slots) ? Integer.toString(queue) : queue + " and above";
	}

}
