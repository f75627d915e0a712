package io.xsk.sample.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.jna.JnaKernel;

/**
 * What the quickstart makes in the kernel, and who holds it.
 */
final class KernelObjects {

	private static final Kernel kernel = JnaKernel.load();

	private static final Pattern NUMBER = Pattern.compile("\\d+");

	private KernelObjects() {
	}

	static boolean hasInterface(String name) {
		return NetworkInterface.names(kernel).contains(name);
	}

	/** Return the id of the XDP program that is attached to an interface. */
	static int programOf(String interfaceName) {
		return NetworkInterface.byName(kernel, interfaceName).program().id();
	}

	static boolean hasProgram(int id) {
		int fd = kernel.bpf(LinuxBpf.BPF_PROG_GET_FD_BY_ID, kernel.allocate(LinuxBpf.BPF_ATTR_SIZE).putInt(0, id));
		if (fd >= 0) {
			kernel.close(fd);
		}
		return fd >= 0;
	}

	/** Return the network namespaces that the threads of a process are in. */
	static Set<String> namespacesOf(long pid) {
		return namespaces(Path.of("/proc", Long.toString(pid))).collect(Collectors.toSet());
	}

	/** Return how many threads of all processes are in a network namespace. */
	static long countThreadsIn(String namespace) throws IOException {
		try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
			return processes.filter((process) -> NUMBER.matcher(process.getFileName().toString()).matches())
				.flatMap(KernelObjects::namespaces)
				.filter(namespace::equals)
				.count();
		}
	}

	private static Stream<String> namespaces(Path process) {
		try (Stream<Path> threads = Files.list(process.resolve("task"))) {
			return threads.flatMap(KernelObjects::namespace).toList().stream();
		}
		catch (IOException ex) {
			// it has ended meanwhile
			return Stream.empty();
		}
	}

	private static Stream<String> namespace(Path thread) {
		try {
			return Stream.of(Files.readSymbolicLink(thread.resolve("ns/net")).toString());
		}
		catch (IOException ex) {
			return Stream.empty();
		}
	}

}
