package io.xsk.socket;

import java.util.concurrent.atomic.AtomicBoolean;

import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;

/**
 * Waits for packets, and ends the wait from another thread: {@code poll(2)} over the
 * socket and a counter ({@code eventfd(2)}) that others raise. {@link #poll} and
 * {@link #takeRequest} are for the thread that receives; whoever calls the others makes
 * sure that the counter is not closed meanwhile.
 */
final class ConsumerWakeUp {

	private final Kernel kernel;

	private final int fd;

	private final int counter;

	private final NativeMemory pollfds;

	private final NativeMemory one;

	private final NativeMemory count;

	private final AtomicBoolean requested = new AtomicBoolean();

	private final AtomicBoolean waitingForFrames = new AtomicBoolean();

	ConsumerWakeUp(Kernel kernel, int fd, int counter) {
		this.kernel = kernel;
		this.fd = fd;
		this.counter = counter;
		this.pollfds = kernel.allocate(2 * LinuxSocket.POLLFD_SIZE)
			.putInt(LinuxSocket.POLLFD_FD, fd)
			.putShort(LinuxSocket.POLLFD_EVENTS, LinuxSocket.POLLIN)
			.putInt(LinuxSocket.POLLFD_SIZE + LinuxSocket.POLLFD_FD, counter)
			.putShort(LinuxSocket.POLLFD_SIZE + LinuxSocket.POLLFD_EVENTS, LinuxSocket.POLLIN);
		this.one = kernel.allocate(Long.BYTES).putLong(0, 1);
		this.count = kernel.allocate(Long.BYTES);
	}

	/** Make the counter. */
	static int counter(Kernel kernel) {
		int result = kernel.eventfd();
		if (result < 0) {
			throw SocketErrors.failure("eventfd", "flags=EFD_CLOEXEC|EFD_NONBLOCK", -result,
					"the counter that ends a wait for packets cannot be made.",
					"See whether a seccomp filter forbids eventfd2, and the limit on open files (ulimit -n).");
		}
		return result;
	}

	/** End the wait, or the next one. */
	void request() {
		if (this.requested.compareAndSet(false, true)) {
			ring();
		}
	}

	/** Return whether somebody asked to end the wait since this was last asked. */
	boolean takeRequest() {
		if (!this.requested.get()) {
			return false;
		}
		// first the counter: a request that comes in between is one of those taken here
		this.kernel.read(this.counter, this.count);
		this.requested.set(false);
		return true;
	}

	/** Say whether {@link #takeWaitForFrames} is to be told when a frame comes back. */
	void waitForFrames(boolean waiting) {
		if (this.waitingForFrames.get() != waiting) {
			this.waitingForFrames.set(waiting);
		}
	}

	/** Return whether {@link #ring} is to be called because a frame came back. */
	boolean takeWaitForFrames() {
		return this.waitingForFrames.get() && this.waitingForFrames.compareAndSet(true, false);
	}

	/** Let the wait look around, without ending it. */
	void ring() {
		int result = this.kernel.write(this.counter, this.one);
		// EAGAIN: the counter is at its end, and so not 0
		if (result < 0 && result != -Errno.EAGAIN && result != -Errno.EINTR) {
			throw SocketErrors.failure("write", "fd=%d (eventfd)".formatted(this.counter), -result,
					"the thread that waits for packets is not woken.", SocketErrors.BUG);
		}
	}

	/**
	 * Wait for packets; a request, a ring, or a signal to the process may end it early.
	 */
	void poll(int millis) {
		int result = this.kernel.poll(this.pollfds, 2, millis);
		if (result < 0 && result != -Errno.EINTR) {
			throw SocketErrors.failure("poll", "fd=%d, events=POLLIN".formatted(this.fd), -result,
					"the kernel does not wait for packets.",
					"See whether a seccomp filter forbids poll, and the limit on open files (ulimit -n).");
		}
		if (result > 0 && this.pollfds.getShort(LinuxSocket.POLLFD_SIZE + LinuxSocket.POLLFD_REVENTS) != 0
				&& !this.requested.get()) {
			this.kernel.read(this.counter, this.count);
		}
	}

}
