package io.xsk.sample.benchmark.peer;

import java.util.Map;

/**
 * What a peer does.
 */
interface Workload {

	/** Packets to take or send at a time: as the C peer. */
	int BATCH = 64;

	/** Ethernet, IPv4 and UDP header. */
	int HEADERS = 42;

	/** Begin; comes back when everything is ready for packets. */
	void start();

	/**
	 * Answer a command of the harness.
	 * @param command the command
	 * @param number its number, 0 where it has none
	 * @return numbers by name
	 */
	Map<String, Long> answer(String command, long number);

}
