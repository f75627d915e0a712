package io.xsk.bpf;

import io.xsk.bpf.filter.MapLimits;
import io.xsk.kernel.jna.JnaKernel;

/**
 * Loads every set of rules of {@link RulesKernelTests}, with comparisons and with maps.
 */
public final class LoadingMain {

	private LoadingMain() {
	}

	/**
	 * Load the programs, and print how many there were, and how many of them ask the
	 * kernel for the length of a packet.
	 * @param args none
	 */
	public static void main(String[] args) {
		JnaKernel kernel = JnaKernel.load();
		long[] loaded = { 0 };
		long[] asking = { 0 };
		try (XskMap map = XskMap.create(kernel, "loading", 4)) {
			RulesKernelTests.ruleSets().forEach((rules) -> {
				for (MapLimits limits : new MapLimits[] { MapLimits.MEASURED, MapLimits.SMALLEST }) {
					try (RedirectProgram program = RedirectProgram.load(kernel, map, rules, null, limits)) {
						loaded[0]++;
						asking[0] += program.listing().stream().anyMatch((line) -> line.contains("get_buff_len")) ? 1
								: 0;
					}
				}
			});
		}
		System.out.println("loaded " + loaded[0] + ", asking for the length " + asking[0]);
	}

}
