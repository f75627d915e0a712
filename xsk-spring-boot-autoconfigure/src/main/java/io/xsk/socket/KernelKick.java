package io.xsk.socket;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxSocket;

/**
 * Wakes the kernel for a socket, without an allocation. A negated error number is an
 * answer, not yet a failure: most of them only mean "not now". Thread-safe.
 */
final class KernelKick {

	private final Kernel kernel;

	private final int fd;

	KernelKick(Kernel kernel, int fd) {
		this.kernel = kernel;
		this.fd = fd;
	}

	/** Let the kernel look at the fill ring. */
	int wakeReceiving() {
		return this.kernel.recvfrom(this.fd, null, LinuxSocket.MSG_DONTWAIT);
	}

	/** Let the kernel look at the TX ring. */
	int wakeSending() {
		return this.kernel.sendto(this.fd, null, 0, LinuxSocket.MSG_DONTWAIT);
	}

	/**
	 * Return whether an answer means that the kernel or the driver cannot right now: its
	 * budget is used up, the completion ring is full, the queueing discipline dropped the
	 * packet, memory is short.
	 */
	static boolean isForNow(int result) {
		return result == -Errno.EAGAIN || result == -Errno.EBUSY || result == -Errno.ENOBUFS || result == -Errno.ENOMEM
				|| result == -Errno.EINTR;
	}

	static XskSystemException failure(String call, int result) {
		int errno = -result;
		String meaning = switch (errno) {
			case Errno.ENETDOWN -> "the interface is down; packets wait in the TX ring.";
			case Errno.ENXIO -> "the interface of this socket is gone.";
			default -> "the kernel does not take up its work on the rings.";
		};
		String action = switch (errno) {
			case Errno.ENETDOWN -> "Switch it on: ip link set INTERFACE up.";
			case Errno.ENXIO -> "Close this socket, and open a new one when the interface is back.";
			default -> SocketErrors.BUG;
		};
		return SocketErrors.failure(call, "flags=MSG_DONTWAIT", errno, meaning, action);
	}

}
