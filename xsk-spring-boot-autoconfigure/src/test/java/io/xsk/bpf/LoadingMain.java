package io.xsk.bpf;

import io.xsk.kernel.jna.JnaKernel;

/**
 * Loads every set of rules of {@link RulesKernelTests}, with comparisons and with maps.
 */
public final class LoadingMain {

	private LoadingMain() {
	}

	/**
	 * Load the programs, and print how many there were.
	 * @param args none
	 */
	public static void main(String[] args) {
		JnaKernel kernel = JnaKernel.load();
		long[] loaded = { 0 };
		try (XskMap map = XskMap.create(kernel, "loading", 4)) {
			RulesKernelTests.ruleSets().forEach((rules) -> {
				for (MapLimits limits : new MapLimits[] { MapLimits.MEASURED, MapLimits.SMALLEST }) {
					RedirectProgram.load(kernel, map, rules, null, limits).close();
					loaded[0]++;
				}
			});
		}
		System.out.println("loaded " + loaded[0]);
	}

}
