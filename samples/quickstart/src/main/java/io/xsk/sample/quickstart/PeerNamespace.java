package io.xsk.sample.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import io.xsk.XskException;

/**
 * A network namespace that one thread of this process lives in, and nobody else. It has
 * no name, and ends with the thread: no crash can leave it behind.
 */
final class PeerNamespace implements AutoCloseable {

	/** From linux/sched.h. */
	private static final int CLONE_NEWNET = 0x40000000;

	private final ExecutorService thread = Executors.newSingleThreadExecutor((task) -> {
		Thread created = new Thread(task, "quickstart-peer");
		created.setDaemon(true);
		return created;
	});

	private final Path self;

	PeerNamespace() {
		// loaded here: a thread that is started in the namespace would be in it, too
		Native.register(LibC.class, "c");
		this.self = call(PeerNamespace::enter);
	}

	private static Path enter() throws IOException {
		try {
			LibC.unshare(CLONE_NEWNET);
		}
		catch (LastErrorException ex) {
			throw new XskException("unshare(CLONE_NEWNET) failed: %s.".formatted(ex.getMessage()),
					"Allow this process to make network namespaces (a container: --privileged), or name an interface.",
					ex);
		}
		return Path.of("/proc").resolve(Files.readSymbolicLink(Path.of("/proc/thread-self")));
	}

	/**
	 * Return the id of the thread, which stands for the namespace where {@code ip} wants
	 * a process.
	 */
	String id() {
		return this.self.getFileName().toString();
	}

	/** Return the file that stands for the namespace. */
	Path path() {
		return this.self.resolve("ns/net");
	}

	/**
	 * Run code in the namespace. A socket that it opens stays there, whoever uses it.
	 */
	<T> T call(Callable<T> code) {
		try {
			return this.thread.submit(code).get();
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof RuntimeException failure) {
				throw failure;
			}
			throw new IllegalStateException(ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted", ex);
		}
	}

	@Override
	public void close() {
		this.thread.shutdown();
	}

	/** What the JDK does not have. */
	private static final class LibC {

		static native int unshare(int flags) throws LastErrorException;

	}

}
