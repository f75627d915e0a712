package io.xsk.socket;

import io.xsk.XskSystemException;
import io.xsk.kernel.Capability;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxMemory;
import io.xsk.kernel.NativeMemory;

/**
 * Holds the memory of UMEMs against RLIMIT_MEMLOCK before the first one is made
 * ({@code getrlimit(2)}). The kernel charges the UMEMs of all processes of a user to one
 * account, so the limit may be reached although this says nothing.
 *
 * @since 0.1.0
 */
public final class MemoryLock {

	private MemoryLock() {
	}

	/**
	 * Fail when memory of that size cannot be locked.
	 * @param kernel the kernel to ask
	 * @param bytes the sum of {@link XdpSocketConfig#umemBytes()} of all sockets that are
	 * about to be opened, and of those of this process that are open
	 * @param what whose memory it is, as the subject of a sentence:
	 * {@code "The UMEMs of 4
	 * sockets"}
	 * @throws MemoryLockException when the limit is lower and the thread lacks
	 * CAP_IPC_LOCK
	 * @throws XskSystemException when the kernel does not tell the limit
	 */
	public static void require(Kernel kernel, long bytes, String what) {
		NativeMemory answer = kernel.allocate(2 * Long.BYTES);
		int result = kernel.getrlimit(LinuxMemory.RLIMIT_MEMLOCK, answer);
		if (result < 0) {
			throw new XskSystemException("getrlimit", "resource=RLIMIT_MEMLOCK", -result, Errno.symbol(-result),
					"the kernel does not tell how much memory may be locked.",
					"See whether a seccomp filter of the service or container forbids getrlimit and prlimit64.");
		}
		long limit = answer.getLong(0);
		if (Long.compareUnsigned(bytes, limit) > 0 && !Capability.effective(kernel).contains(Capability.IPC_LOCK)) {
			throw new MemoryLockException(what, limit, bytes);
		}
	}

}
