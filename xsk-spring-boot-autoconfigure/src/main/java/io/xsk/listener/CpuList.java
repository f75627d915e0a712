package io.xsk.listener;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

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
		Set<Integer> cpus = new LinkedHashSet<>();
		for (String part : text.split(",", -1)) {
			String range = part.strip();
			if (!range.matches("\\d{1,4}(\\s*-\\s*\\d{1,4})?")) {
				throw new IllegalArgumentException(
						"'%s' is neither a CPU number nor a range of them, as in 2-5,8".formatted(range));
			}
			String[] ends = range.split("\\s*-\\s*");
			int first = Integer.parseInt(ends[0]);
			int last = Integer.parseInt(ends[ends.length - 1]);
			if (last < first || last > MAX_CPU) {
				throw new IllegalArgumentException(
						"the range '%s' runs backwards, or past CPU %d".formatted(range, MAX_CPU));
			}
			for (int cpu = first; cpu <= last; cpu++) {
				cpus.add(cpu);
			}
		}
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
