package io.xsk.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;
import io.xsk.kernel.jna.JnaKernel;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What this process holds open of the kinds that this project opens: BPF maps, programs
 * and links, sockets to the kernel and its interfaces, and the mappings of rings and huge
 * pages. Sockets of the JVM itself do not count.
 *
 * @since 0.1.0
 */
public final class OpenResources {

	private static final int SO_TYPE = 3;

	private static final Map<Integer, String> FAMILIES = Map.of(LinuxSocket.AF_XDP, "AF_XDP", LinuxSocket.AF_NETLINK,
			"AF_NETLINK", LinuxSocket.AF_UNIX, "AF_UNIX");

	private final Map<String, Integer> counts;

	private OpenResources(Map<String, Integer> counts) {
		this.counts = counts;
	}

	/**
	 * Look at what is open now.
	 * @return the count of each kind
	 */
	public static OpenResources snapshot() {
		Map<String, Integer> counts = new TreeMap<>();
		descriptors().values().forEach((kind) -> counts.merge(kind, 1, Integer::sum));
		mappings().forEach((kind) -> counts.merge(kind, 1, Integer::sum));
		return new OpenResources(counts);
	}

	/**
	 * Return how many are open.
	 * @param kind {@code bpf-map}, {@code bpf-prog}, {@code bpf_link}, {@code AF_XDP},
	 * {@code AF_NETLINK}, {@code AF_UNIX}, {@code mapped socket} or
	 * {@code mapped huge pages}
	 * @return the number at the time of the snapshot
	 */
	public int count(String kind) {
		return this.counts.getOrDefault(kind, 0);
	}

	/**
	 * Assert that as much is open now as was then.
	 */
	public void assertUnchanged() {
		Map<String, Integer> now = snapshot().counts;
		if (!now.equals(this.counts)) {
			assertThat(now).as("open now: descriptors %s, mappings %s", descriptors(), mappings())
				.isEqualTo(this.counts);
		}
	}

	private static Map<Integer, String> descriptors() {
		Kernel kernel = JnaKernel.load();
		Map<Integer, String> descriptors = new HashMap<>();
		try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
			for (Path entry : entries.toList()) {
				int fd = Integer.parseInt(entry.getFileName().toString());
				String kind = kind(kernel, fd, target(entry));
				if (!kind.isEmpty()) {
					descriptors.put(fd, kind);
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return descriptors;
	}

	private static String target(Path entry) {
		try {
			return Files.readSymbolicLink(entry).toString();
		}
		catch (IOException ex) {
			// closed meanwhile, as is the descriptor that listed the directory
			return "";
		}
	}

	private static String kind(Kernel kernel, int fd, String target) {
		if (target.startsWith("anon_inode:bpf")) {
			return target.substring("anon_inode:".length());
		}
		if (!target.startsWith("socket:")) {
			return "";
		}
		int family = option(kernel, fd, LinuxSocket.SO_DOMAIN);
		// the JVM's own Unix sockets, for attaching tools, are streams
		boolean foreign = family == LinuxSocket.AF_UNIX && option(kernel, fd, SO_TYPE) != LinuxSocket.SOCK_DGRAM;
		return foreign ? "" : FAMILIES.getOrDefault(family, "");
	}

	private static int option(Kernel kernel, int fd, int option) {
		NativeMemory value = kernel.allocate(Integer.BYTES);
		return (kernel.getsockopt(fd, LinuxSocket.SOL_SOCKET, option, value) < 0) ? -1 : value.getInt(0);
	}

	private static List<String> mappings() {
		List<String> mappings = new ArrayList<>();
		try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
			lines.forEach((line) -> {
				if (line.contains(" socket:[")) {
					mappings.add("mapped socket");
				}
				else if (line.contains("/anon_hugepage")) {
					mappings.add("mapped huge pages");
				}
			});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return mappings;
	}

	@Override
	public String toString() {
		return this.counts.toString();
	}

}
