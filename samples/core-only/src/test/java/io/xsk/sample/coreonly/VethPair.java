package io.xsk.sample.coreonly;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;

/**
 * A veth interface whose peer is in the network namespace of a thread, and which goes
 * with that thread or with this process, whatever ends first.
 */
final class VethPair implements AutoCloseable {

	private static final int CLONE_NEWNET = 0x40000000;

	private final ExecutorService peer = Executors.newSingleThreadExecutor();

	private final String name = "xskc" + ProcessHandle.current().pid();

	VethPair() throws IOException, InterruptedException, ExecutionException {
		Native.register(LibC.class, "c");
		String thread = this.peer.submit(VethPair::enterNamespace).get();
		ip("link", "add", this.name, "up", "numrxqueues", "1", "type", "veth", "peer", "name", "peer", "netns", thread);
	}

	private static String enterNamespace() throws IOException {
		LibC.unshare(CLONE_NEWNET);
		return Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString();
	}

	String name() {
		return this.name;
	}

	private static void ip(String... arguments) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(arguments).inheritIO();
		builder.command().add(0, "ip");
		if (builder.start().onExit().join().exitValue() != 0) {
			throw new IllegalStateException("Failed: " + builder.command());
		}
	}

	@Override
	public void close() throws IOException {
		ip("link", "delete", this.name);
		this.peer.shutdown();
	}

	/** What the JDK does not have. */
	private static final class LibC {

		static native int unshare(int flags) throws LastErrorException;

	}

}
