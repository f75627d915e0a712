package io.xsk.bpf;

import java.util.Map;

/**
 * What a redirect program has counted since it was loaded. A rule whose name was there
 * before rules were replaced counts on.
 *
 * @param matches how many packets each rule matched first, by its name; exceptions are
 * asked before the other rules
 * @param emptySlots how many packets of each RX queue matched a rule and found no socket
 * in the XSKMAP, by queue id; queues without such packets are left out, and the one
 * behind the last slot of the map stands for all from there on
 * @since 0.1.0
 */
public record RedirectCounters(Map<String, Long> matches, Map<Integer, Long> emptySlots) {
}
