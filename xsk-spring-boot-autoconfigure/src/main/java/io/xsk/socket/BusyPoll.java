package io.xsk.socket;

import java.util.LinkedHashMap;
import java.util.Map;

import io.xsk.XskException;
import io.xsk.kernel.Capability;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;

/**
 * Busy polling of a socket's queue: the thread that receives runs the driver's receive
 * path itself, in place of an interrupt. Needs Linux 5.11 and, for the preference and a
 * budget above 8, CAP_NET_ADMIN. To take the interrupt away too, the interface wants
 * {@code napi_defer_hard_irqs} and {@code gro_flush_timeout}. Immutable.
 *
 * @param prefer whether the driver's own polling stands back ({@code
 * SO_PREFER_BUSY_POLL})
 * @param micros how long one busy poll may take, in microseconds ({@code SO_BUSY_POLL})
 * @param budget how many packets it may take ({@code SO_BUSY_POLL_BUDGET}), from 1 to
 * {@value #MAX_BUDGET}
 * @since 0.1.0
 */
public record BusyPoll(boolean prefer, int micros, int budget) {

	/** The largest budget that the kernel takes. */
	public static final int MAX_BUDGET = 65535;

	private static final int UNREADABLE = -1;

	/**
	 * Set the three options and read them back, as far as the kernel shows them: Linux
	 * 6.18 takes the budget and does not tell it.
	 * @param kernel the kernel
	 * @param fd the socket
	 * @return whether there is a NAPI instance to poll now; in copy mode there is none
	 * before the first packet
	 * @throws XskException when the kernel refuses an option, or has another value of it
	 * afterwards
	 */
	public boolean apply(Kernel kernel, int fd) {
		Map<Integer, Integer> values = new LinkedHashMap<>();
		values.put(LinuxSocket.SO_PREFER_BUSY_POLL, this.prefer ? 1 : 0);
		values.put(LinuxSocket.SO_BUSY_POLL, this.micros);
		values.put(LinuxSocket.SO_BUSY_POLL_BUDGET, this.budget);
		values.forEach((option, value) -> set(kernel, fd, option, value));
		return get(kernel, fd, LinuxSocket.SO_INCOMING_NAPI_ID) != 0;
	}

	private static void set(Kernel kernel, int fd, int option, int value) {
		int result = kernel.setsockopt(fd, LinuxSocket.SOL_SOCKET, option,
				kernel.allocate(Integer.BYTES).putInt(0, value));
		if (result < 0) {
			throw failure("setsockopt", fd, option, value, -result);
		}
		int now = get(kernel, fd, option);
		if (now != value && now != UNREADABLE) {
			throw new XskException(
					"%s was set to %d on an XDP socket, and the kernel has %d.".formatted(name(option), value, now),
					"Choose %d, or leave busy polling off.".formatted(now));
		}
	}

	private static int get(Kernel kernel, int fd, int option) {
		NativeMemory value = kernel.allocate(Integer.BYTES);
		int result = kernel.getsockopt(fd, LinuxSocket.SOL_SOCKET, option, value);
		if (result == -Errno.ENOPROTOOPT && option == LinuxSocket.SO_BUSY_POLL_BUDGET) {
			return UNREADABLE;
		}
		if (result < 0) {
			throw failure("getsockopt", fd, option, 0, -result);
		}
		return value.getInt(0);
	}

	private static XskException failure(String call, int fd, int option, int value, int errno) {
		String meaning = switch (errno) {
			case Errno.EPERM -> "preferring busy polling, and a budget above 8, need CAP_NET_ADMIN.";
			case Errno.ENOPROTOOPT -> "the kernel is older than Linux 5.11, or built without CONFIG_NET_RX_BUSY_POLL.";
			default -> "the kernel does not take the value.";
		};
		String action = switch (errno) {
			case Errno.EPERM -> Capability.howToGrant(Capability.NET_ADMIN);
			case Errno.ENOPROTOOPT -> "Leave busy polling off, or use a newer kernel (uname -r).";
			default -> "Choose a time from 0 to 2147483647 µs and a budget from 1 to %d.".formatted(MAX_BUDGET);
		};
		return SocketErrors.failure(call + " " + name(option), "fd=%d, value=%d".formatted(fd, value), errno, meaning,
				action);
	}

	private static String name(int option) {
		return switch (option) {
			case LinuxSocket.SO_PREFER_BUSY_POLL -> "SO_PREFER_BUSY_POLL";
			case LinuxSocket.SO_BUSY_POLL -> "SO_BUSY_POLL";
			case LinuxSocket.SO_BUSY_POLL_BUDGET -> "SO_BUSY_POLL_BUDGET";
			default -> "SO_INCOMING_NAPI_ID";
		};
	}

}
