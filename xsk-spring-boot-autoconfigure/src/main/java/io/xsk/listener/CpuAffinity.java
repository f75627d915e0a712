package io.xsk.listener;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NativeMemory;

/**
 * Ties the calling thread to a CPU.
 */
final class CpuAffinity {

	private CpuAffinity() {
	}

	static void set(Kernel kernel, int cpu) {
		int word = cpu / Long.SIZE;
		NativeMemory mask = kernel.allocate((word + 1) * Long.BYTES).putLong(word * Long.BYTES, 1L << cpu % Long.SIZE);
		int result = kernel.setAffinity(mask);
		if (result < 0) {
			throw new XskSystemException("sched_setaffinity", "cpu=" + cpu, -result, Errno.symbol(-result),
					(-result == Errno.EINVAL) ? "there is no such CPU, or this process may not use it."
							: "the thread cannot be tied to the CPU.",
					"Choose one that is online and allowed (grep Cpus_allowed_list /proc/self/status; in a container"
							+ " its cpuset), or leave out the property 'cpus' of the socket.");
		}
	}

}
