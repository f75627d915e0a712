package io.xsk.socket;

import java.time.Duration;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;
import io.xsk.kernel.NetworkInterface;
import org.jspecify.annotations.Nullable;

/**
 * Binds a socket to its queue: with the zero-copy policy, and again and again while the
 * queue is taken, since the kernel gives a queue free some time after its socket was
 * closed.
 */
final class SocketBinder {

	private static final long FIRST_PAUSE_MILLIS = 1;

	private static final long LONGEST_PAUSE_MILLIS = 10;

	private final Kernel kernel;

	private final NetworkInterface networkInterface;

	private final int queueId;

	private final XdpSocketConfig config;

	private @Nullable String fallback;

	SocketBinder(Kernel kernel, NetworkInterface networkInterface, int queueId, XdpSocketConfig config) {
		this.kernel = kernel;
		this.networkInterface = networkInterface;
		this.queueId = queueId;
		this.config = config;
	}

	/** Bind. */
	@Nullable String bind(int fd) {
		boolean zeroCopy = this.config.zeroCopy() != ZeroCopy.FORBID;
		long start = System.nanoTime();
		long pause = FIRST_PAUSE_MILLIS;
		int result = bind(fd, zeroCopy);
		while (result < 0) {
			if (result == -Errno.EBUSY) {
				pause(pause, start);
				pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
			}
			else if (zeroCopy && this.config.zeroCopy() == ZeroCopy.PREFER && mayWorkWithCopy(-result)) {
				this.fallback = "%s (bind with XDP_ZEROCOPY gave errno %d (%s))"
					.formatted(zeroCopyMeaning(-result).replaceAll("\\.$", ""), -result, Errno.symbol(-result));
				zeroCopy = false;
			}
			else {
				throw failure(-result, zeroCopy);
			}
			result = bind(fd, zeroCopy);
		}
		return this.fallback;
	}

	private int bind(int fd, boolean zeroCopy) {
		NativeMemory address = this.kernel.allocate(LinuxIfXdp.SOCKADDR_XDP_SIZE)
			.putShort(LinuxIfXdp.SOCKADDR_XDP_FAMILY, LinuxSocket.AF_XDP)
			.putShort(LinuxIfXdp.SOCKADDR_XDP_FLAGS, flags(zeroCopy))
			.putInt(LinuxIfXdp.SOCKADDR_XDP_IFINDEX, this.networkInterface.index())
			.putInt(LinuxIfXdp.SOCKADDR_XDP_QUEUE_ID, this.queueId);
		return this.kernel.bind(fd, address);
	}

	/**
	 * The mode is always said: without either flag the kernel falls back without a word.
	 */
	private int flags(boolean zeroCopy) {
		return LinuxIfXdp.XDP_USE_NEED_WAKEUP | (zeroCopy ? LinuxIfXdp.XDP_ZEROCOPY : LinuxIfXdp.XDP_COPY)
				| (this.config.multiBuffer() ? LinuxIfXdp.XDP_USE_SG : 0);
	}

	/**
	 * Drivers have error numbers of their own, so all but the ones that cannot be theirs.
	 */
	private static boolean mayWorkWithCopy(int errno) {
		return errno != Errno.ENODEV && errno != Errno.ENXIO && errno != Errno.EPERM && errno != Errno.EBADF
				&& errno != Errno.EFAULT;
	}

	private void pause(long millis, long start) {
		if (elapsed(start).compareTo(this.config.bindTimeout()) >= 0) {
			throw queueInUse(start, false);
		}
		try {
			Thread.sleep(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			QueueInUseException failure = queueInUse(start, true);
			failure.addSuppressed(ex);
			throw failure;
		}
	}

	private QueueInUseException queueInUse(long start, boolean interrupted) {
		return new QueueInUseException(this.networkInterface.name(), this.networkInterface.index(), this.queueId,
				elapsed(start), interrupted);
	}

	private static Duration elapsed(long start) {
		return Duration.ofNanos(System.nanoTime() - start);
	}

	private XskSystemException failure(int errno, boolean zeroCopy) {
		String arguments = "interface=%s, ifindex=%d, queue=%d, flags=%s".formatted(this.networkInterface.name(),
				this.networkInterface.index(), this.queueId, flagNames(zeroCopy));
		String name = this.networkInterface.name();
		if (errno == Errno.ENODEV) {
			return SocketErrors.failure("bind", arguments, errno,
					"the interface '%s' is gone from the network namespace of this process.".formatted(name),
					"See whether it is there (ip link show %s), and start again when it is.".formatted(name));
		}
		if (zeroCopy) {
			return SocketErrors.failure("bind", arguments, errno, zeroCopyMeaning(errno),
					"Set zero-copy to prefer or forbid, or take an interface whose driver has it (ynl --family netdev"
							+ " --dump dev-get shows xsk-zerocopy).");
		}
		String meaning = switch (errno) {
			case Errno.EINVAL ->
				"'%s' has no queue %d any more%s.".formatted(name, this.queueId, this.config.multiBuffer()
						? ", or the kernel is older than Linux 6.6 and cannot do multi-buffer" : "");
			case Errno.EOPNOTSUPP -> this.config.multiBuffer() ? "'%s' cannot do multi-buffer.".formatted(name)
					: "the driver of '%s' refuses.".formatted(name);
			case Errno.ENOMEM -> "the kernel has no memory for it.";
			default -> "the kernel or the driver of '%s' refuses.".formatted(name);
		};
		return SocketErrors.failure("bind", arguments, errno, meaning,
				"See the queues (ethtool -l %s) and the kernel's log (dmesg)%s.".formatted(name,
						this.config.multiBuffer() ? ", or set multi-buffer to false" : ""));
	}

	private String zeroCopyMeaning(int errno) {
		String driver = "the driver %s of '%s'".formatted(
				(this.networkInterface.driver() != null) ? this.networkInterface.driver() : "(unknown)",
				this.networkInterface.name());
		String multiBuffer = this.config.multiBuffer() ? ", or not together with multi-buffer" : "";
		return switch (errno) {
			case Errno.EOPNOTSUPP -> "%s has no zero-copy%s.".formatted(driver, multiBuffer);
			case Errno.EINVAL -> ("%s cannot do zero-copy like this%s: its MTU of %d may not fit into a frame of %d"
					+ " bytes, or queue %d is none of its zero-copy queues.")
				.formatted(driver, multiBuffer, this.networkInterface.mtu(), this.config.frameSize(), this.queueId);
			default -> "%s refuses zero-copy%s.".formatted(driver, multiBuffer);
		};
	}

	private String flagNames(boolean zeroCopy) {
		return "XDP_USE_NEED_WAKEUP|" + (zeroCopy ? "XDP_ZEROCOPY" : "XDP_COPY")
				+ (this.config.multiBuffer() ? "|XDP_USE_SG" : "");
	}

}
