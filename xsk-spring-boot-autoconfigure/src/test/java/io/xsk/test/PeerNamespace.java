package io.xsk.test;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.jna.Native;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;

/**
 * A network namespace without a name: it lives as long as one thread and one descriptor
 * of this process, and so never longer than the process.
 */
final class PeerNamespace implements AutoCloseable {

	private static final int CLONE_NEWNET = 0x40000000;

	private static final int O_RDONLY_CLOEXEC = 0x80000;

	private final ExecutorService thread;

	private final FileDescriptor descriptor;

	private PeerNamespace(ExecutorService thread, FileDescriptor descriptor) {
		this.thread = thread;
		this.descriptor = descriptor;
	}

	static PeerNamespace create(Kernel kernel) {
		// registered on this thread: a thread that JNA starts must not land in the
		// namespace
		LibC.ensureRegistered();
		ExecutorService thread = Executors.newSingleThreadExecutor((task) -> {
			Thread created = new Thread(task, "xsk-test-peer");
			created.setDaemon(true);
			return created;
		});
		try {
			return new PeerNamespace(thread, FileDescriptor.own(kernel, call(thread, PeerNamespace::unshare)));
		}
		catch (RuntimeException ex) {
			thread.shutdown();
			throw ex;
		}
	}

	private static int unshare() {
		check(LibC.unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)");
		byte[] path = "/proc/thread-self/ns/net\0".getBytes(StandardCharsets.US_ASCII);
		return check(LibC.open(path, O_RDONLY_CLOEXEC), "open(/proc/thread-self/ns/net)");
	}

	private static int check(int result, String call) {
		if (result < 0) {
			throw new IllegalStateException(call + " failed: " + Errno.symbol(Native.getLastError()));
		}
		return result;
	}

	/** Run code on the namespace's thread: whatever socket it opens belongs there. */
	<T> T call(Callable<T> task) {
		return call(this.thread, task);
	}

	private static <T> T call(ExecutorService thread, Callable<T> task) {
		try {
			return thread.submit(task).get();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("failed in the peer's namespace: " + ex.getCause(), ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("interrupted", ex);
		}
	}

	/** The command that runs another one in here. */
	String[] enter(String... command) {
		String[] whole = new String[command.length + 3];
		whole[0] = "nsenter";
		whole[1] = "--net=" + path();
		whole[2] = "--";
		System.arraycopy(command, 0, whole, 3, command.length);
		return whole;
	}

	/** A path that stands for the namespace while it is open. */
	String path() {
		return "/proc/%d/fd/%d".formatted(ProcessHandle.current().pid(), this.descriptor.value());
	}

	@Override
	public void close() {
		this.thread.shutdownNow();
		this.descriptor.close();
	}

	/** The two calls that only the tests need. */
	private static final class LibC {

		static {
			Native.register(LibC.class, "c");
		}

		private LibC() {
		}

		static void ensureRegistered() {
			// entering this method ran the static block
		}

		static native int unshare(int flags);

		static native int open(byte[] path, int flags);

	}

}
