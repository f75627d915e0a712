package io.xsk.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

import io.xsk.XskSystemException;

/**
 * A file descriptor with one owner, who closes it. Thread-safe.
 *
 * @since 0.1.0
 */
public final class FileDescriptor implements AutoCloseable {

	private final Kernel kernel;

	private final int value;

	private final AtomicBoolean open = new AtomicBoolean(true);

	private FileDescriptor(Kernel kernel, int value) {
		this.kernel = kernel;
		this.value = value;
	}

	/**
	 * Take over a descriptor: from now on it is closed here and nowhere else.
	 * @param kernel where it is open
	 * @param fd the descriptor
	 * @return its owner
	 */
	public static FileDescriptor own(Kernel kernel, int fd) {
		if (fd < 0) {
			throw new IllegalArgumentException("'fd' must not be negative: " + fd);
		}
		return new FileDescriptor(kernel, fd);
	}

	/**
	 * Open a second descriptor of the same file; the given one stays its owner's.
	 * @param kernel where it is open
	 * @param fd a descriptor of this process
	 * @return the owner of the second descriptor
	 * @throws XskSystemException when {@code fd} is not open
	 */
	public static FileDescriptor duplicate(Kernel kernel, int fd) {
		int duplicate = kernel.duplicate(fd);
		if (duplicate < 0) {
			throw new XskSystemException("fcntl F_DUPFD_CLOEXEC", "fd=" + fd, -duplicate, Errno.symbol(-duplicate),
					"the descriptor that was passed in cannot be used.",
					"Pass a descriptor that is open in this process, and keep it open until this call returns.");
		}
		return new FileDescriptor(kernel, duplicate);
	}

	/**
	 * Say what a descriptor of this process refers to, for an exception.
	 * @param fd the descriptor
	 * @return what {@code /proc} calls it, such as {@code anon_inode:bpf-map}; some other
	 * text without {@code /proc}
	 */
	public static String target(int fd) {
		try {
			return Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(fd))).toString();
		}
		catch (IOException ex) {
			// the caller's exception is less exact then, but it is the one that counts
			return "unknown: " + ex;
		}
	}

	/**
	 * Return the number of the descriptor.
	 * @return the number
	 * @throws IllegalStateException when the descriptor is closed
	 */
	public int value() {
		if (!this.open.get()) {
			throw new IllegalStateException("File descriptor " + this.value
					+ " is closed. Use the object that it belonged to only before its close().");
		}
		return this.value;
	}

	/**
	 * Return whether the descriptor is open.
	 * @return {@code false} after {@link #close()}
	 */
	public boolean isOpen() {
		return this.open.get();
	}

	/**
	 * Close the descriptor; a second call does nothing.
	 * @throws XskSystemException when the kernel does not know the descriptor, which
	 * means that somebody else closed it
	 */
	@Override
	public void close() {
		if (!this.open.compareAndSet(true, false)) {
			return;
		}
		int result = this.kernel.close(this.value);
		// Linux closes the descriptor also when it reports EINTR
		if (result < 0 && result != -Errno.EINTR) {
			throw new XskSystemException("close", "fd=" + this.value, -result, Errno.symbol(-result),
					"the descriptor was closed by somebody else.",
					"Find the code that closes descriptors it does not own; it may have closed others too.");
		}
	}

	@Override
	public String toString() {
		return this.open.get() ? Integer.toString(this.value) : this.value + " (closed)";
	}

}
