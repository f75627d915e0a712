package io.xsk.listener;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.xsk.RangeList;

/**
 * The CPUs for the consumer threads of a socket: the first thread gets the first one, and
 * so on, from the start again where there are more threads. Immutable.
 *
 * @since 0.1.0
 */
public final class CpuList {

	private static final int MAX_CPU = 8191;

	private final List<Integer> cpus;

	private CpuList(List<Integer> cpus) {
		this.cpus = cpus;
	}

	/**
	 * Read a list as it stands in {@code application.yml}.
	 * @param text numbers of CPUs and ranges such as {@code 2-5,8}, in the order in which
	 * they are given out
	 * @return the list
	 * @throws IllegalArgumentException when it is something else
	 */
	public static CpuList parse(String text) {
		Set<Integer> cpus = new LinkedHashSet<>(RangeList.parse(text, "a CPU number", 0, MAX_CPU).numbers());
		return new CpuList(List.copyOf(cpus));
	}

	/**
	 * Return the CPU of a thread.
	 * @param thread the number of the thread, from 0
	 * @return the number of the CPU
	 */
	public int cpu(int thread) {
		return this.cpus.get(thread % this.cpus.size());
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof CpuList list && this.cpus.equals(list.cpus);
	}

	@Override
	public int hashCode() {
		return this.cpus.hashCode();
	}

	@Override
	public String toString() {
		return String.join(",", new ArrayList<>(this.cpus).stream().map(String::valueOf).toList());
	}

}
