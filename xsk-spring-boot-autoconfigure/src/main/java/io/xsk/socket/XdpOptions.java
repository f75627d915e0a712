package io.xsk.socket;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;

/**
 * What the kernel says about an XDP socket ({@code getsockopt(2)} at {@code SOL_XDP}).
 */
final class XdpOptions {

	private final Kernel kernel;

	private final int fd;

	XdpOptions(Kernel kernel, int fd) {
		this.kernel = kernel;
		this.fd = fd;
	}

	/**
	 * The places inside the four rings; that of a ring is {@link RingOffsets#read read}
	 * from it.
	 */
	NativeMemory mmapOffsets() {
		NativeMemory offsets = this.kernel.allocate(LinuxIfXdp.XDP_MMAP_OFFSETS_SIZE);
		int length = ask(LinuxIfXdp.XDP_MMAP_OFFSETS, "XDP_MMAP_OFFSETS", offsets);
		if (length < LinuxIfXdp.XDP_MMAP_OFFSETS_SIZE) {
			throw SocketErrors.oldKernel(length);
		}
		return offsets;
	}

	boolean isZeroCopy() {
		NativeMemory options = this.kernel.allocate(Integer.BYTES);
		ask(LinuxIfXdp.XDP_OPTIONS, "XDP_OPTIONS", options);
		return (options.getInt(0) & LinuxIfXdp.XDP_OPTIONS_ZEROCOPY) != 0;
	}

	XdpStatistics statistics() {
		NativeMemory statistics = this.kernel.allocate(LinuxIfXdp.XDP_STATISTICS_SIZE);
		ask(LinuxIfXdp.XDP_STATISTICS, "XDP_STATISTICS", statistics);
		return XdpStatistics.read(statistics);
	}

	private int ask(int option, String name, NativeMemory answer) {
		int result = this.kernel.getsockopt(this.fd, LinuxSocket.SOL_XDP, option, answer);
		if (result < 0) {
			throw SocketErrors.failure("getsockopt " + name, "fd=%d, level=SOL_XDP".formatted(this.fd), -result,
					"the kernel does not answer a question about an XDP socket.",
					"See whether it is Linux 5.4 or later (uname -r), and whether a seccomp filter forbids getsockopt.");
		}
		return result;
	}

}
