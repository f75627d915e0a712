package io.xsk.socket;

import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.kernel.Capability;
import io.xsk.kernel.Errno;

/**
 * What an error number means for a call on an XDP socket, and what to do about it.
 */
final class SocketErrors {

	/**
	 * What Linux 6.18 keeps of a frame: 256 bytes in front, its skb_shared_info behind.
	 */
	private static final int KEPT_OF_FRAME = 704;

	static final String BUG = "Please report this as a bug, with the version of the kernel (uname -r).";

	static final String MEMORY = "Free memory, or choose a smaller frame-count and smaller rings.";

	private SocketErrors() {
	}

	static XskSystemException socket(int errno) {
		String meaning = switch (errno) {
			case Errno.EPERM -> "this process may not create XDP sockets, because it lacks CAP_NET_RAW in the user"
					+ " namespace that owns its network namespace.";
			case Errno.EAFNOSUPPORT -> "XDP sockets do not exist for this process: the kernel is built without"
					+ " CONFIG_XDP_SOCKETS, or the service manager or a seccomp filter forbids them.";
			default -> "no XDP socket can be created.";
		};
		String action = switch (errno) {
			case Errno.EPERM -> Capability.howToGrant(Capability.NET_RAW);
			case Errno.EAFNOSUPPORT -> "In a systemd unit add AF_XDP to RestrictAddressFamilies=; in a container allow"
					+ " the address family 44 in the seccomp profile; else see whether the kernel has"
					+ " CONFIG_XDP_SOCKETS=y (grep XDP /boot/config-$(uname -r)).";
			default -> "See the limit on open files (ulimit -n) and the memory of the machine.";
		};
		return failure("socket", "AF_XDP, SOCK_RAW", errno, meaning, action);
	}

	static XskSystemException umem(int errno, XdpSocketConfig config) {
		String arguments = "len=%d, chunk_size=%d, headroom=%d"
			.formatted((long) config.frameSize() * config.frameCount(), config.frameSize(), config.headroom());
		String meaning = switch (errno) {
			case Errno.ENOBUFS -> "RLIMIT_MEMLOCK does not allow to lock the UMEM; the UMEMs of all processes of this"
					+ " user count against it.";
			case Errno.EINVAL -> "the kernel does not accept the size of the frames or their headroom.";
			case Errno.ENOMEM -> "the kernel has no memory for it.";
			case Errno.EFAULT -> "the memory of the UMEM cannot be used.";
			default -> "the UMEM cannot be registered.";
		};
		String action = switch (errno) {
			case Errno.ENOBUFS -> MemoryLockException.action(config.umemBytes());
			case Errno.EINVAL -> ("Choose a smaller headroom: Linux 6.18 accepts at most frame-size - %d, here %d, and"
					+ " older ones frame-size - 257. A frame-size is a power of two from 2048 to the page size.")
				.formatted(KEPT_OF_FRAME, config.frameSize() - KEPT_OF_FRAME);
			case Errno.ENOMEM -> MEMORY;
			default -> BUG;
		};
		return failure("setsockopt XDP_UMEM_REG", arguments, errno, meaning, action);
	}

	static XskSystemException ring(String option, int entries, int errno) {
		String meaning = switch (errno) {
			case Errno.ENOMEM -> "the kernel has no memory for the ring.";
			case Errno.EINVAL -> "the kernel does not accept the size of the ring, or has made it already.";
			case Errno.EBUSY -> "the socket is bound already.";
			case Errno.ENOPROTOOPT -> "the kernel does not know this ring.";
			default -> "the ring cannot be made.";
		};
		return failure("setsockopt " + option, "entries=" + entries, errno, meaning,
				(errno == Errno.ENOMEM) ? MEMORY : "Choose a smaller power of two. " + BUG);
	}

	static XskException oldKernel(int length) {
		return new XskException(
				"This kernel describes its rings in %d bytes: it is Linux 5.3 or older.".formatted(length),
				"Linux 5.4 is the oldest that this library works with (uname -r); run the application there.");
	}

	static String mapUmemAction(XdpSocketConfig config) {
		if (!config.hugePages()) {
			return MEMORY;
		}
		return ("Reserve enough huge pages of 2 MiB, %d for this UMEM: sysctl -w vm.nr_hugepages=NUMBER (grep HugePages"
				+ " /proc/meminfo shows how many are free; in a container also the limit on hugepages-2Mi); or set"
				+ " huge-pages to false.")
			.formatted(config.umemBytes() / XdpSocketConfig.HUGE_PAGE_SIZE);
	}

	static XskSystemException failure(String call, String arguments, int errno, String meaning, String action) {
		return new XskSystemException(call, arguments, errno, Errno.symbol(errno), meaning, action);
	}

}
