package io.xsk.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import io.xsk.RangeList;
import io.xsk.XskException;

/**
 * How many CPUs the kernel keeps values for: those that can ever be there, more than the
 * JVM may use ({@code /sys/devices/system/cpu/possible}).
 *
 * @since 0.1.0
 */
public final class PossibleCpus {

	private static final Path FILE = Path.of("/sys/devices/system/cpu/possible");

	private PossibleCpus() {
	}

	/**
	 * Count them.
	 * @return at least 1
	 * @throws XskException when sysfs is not mounted
	 */
	public static int count() {
		try {
			return count(Files.readString(FILE, StandardCharsets.US_ASCII));
		}
		catch (IOException ex) {
			throw new XskException("The number of CPUs cannot be read from %s: %s.".formatted(FILE, ex),
					"Mount sysfs where this process can see it: mount -t sysfs sysfs /sys.", ex);
		}
	}

	/** Count the CPUs in a list. */
	static int count(String list) {
		return RangeList.parse(list, "a CPU number", 0, Integer.MAX_VALUE).numbers().size();
	}

}
