package io.xsk.sample.benchmark.filters;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.xsk.bpf.PortRange;
import io.xsk.bpf.RedirectProgram;
import io.xsk.bpf.RedirectRules;
import io.xsk.bpf.UpdateMode;
import io.xsk.bpf.XskMap;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;

/**
 * Measures, by {@code BPF_PROG_TEST_RUN} with repetition, what a generated program costs
 * for a packet, less what an empty program costs, against {@code filter.c} compiled by
 * clang. Both run in turns in this process. Needs root, clang, bpftool, the headers of
 * libbpf and a directory on a BPF file system. Not thread-safe.
 *
 * @since 0.1.0
 */
public final class FilterBenchmark {

	private static final int[] ENTRIES = { 1, 32, 500 };

	private static final int ALTERNATIONS = 11;

	private static final int REPEAT = 500_000;

	private static final int QUEUES = 64;

	private static final int FIRST_PORT = 1000;

	private static final int PORT_STEP = 97;

	private static final int UDP_FRAME_SIZE = 64;

	private final Kernel kernel;

	private final Path source;

	private final Path work;

	private final Path bpffs;

	/**
	 * Create a benchmark.
	 * @param kernel where the programs run
	 * @param source the directory of {@code filter.c}
	 * @param work a directory for what is compiled
	 * @param bpffs an empty directory on a BPF file system
	 */
	public FilterBenchmark(Kernel kernel, Path source, Path work, Path bpffs) {
		this.kernel = kernel;
		this.source = source;
		this.work = work;
		this.bpffs = bpffs;
	}

	/**
	 * Measure.
	 * @return one result for each number of entries
	 */
	public List<Result> run() {
		List<Result> results = new ArrayList<>();
		try (RedirectProgram empty = compile("empty", """
				#include <linux/bpf.h>
				#include <bpf/bpf_helpers.h>
				SEC("xdp") int empty(struct xdp_md *context) { return XDP_PASS; }
				char _license[] SEC("license") = "Dual BSD/GPL";
				""", List.of()); FileDescriptor socket = unboundSocket()) {
			for (int entries : ENTRIES) {
				results.add(measure(entries, empty, socket));
			}
		}
		return results;
	}

	private Result measure(int entries, RedirectProgram empty, FileDescriptor socket) {
		List<Integer> ports = IntStream.range(0, entries).mapToObj((i) -> FIRST_PORT + i * PORT_STEP).toList();
		RedirectRules rules = RedirectRules.udpPorts(ports.stream().map(PortRange::of).toList());
		try (RedirectProgram compiled = compile("filter_" + entries, read("filter.c"), ports);
				XskMap theirs = compiled.openMap();
				XskMap ours = XskMap.create(this.kernel, "filters", QUEUES);
				RedirectProgram generated = RedirectProgram.load(this.kernel, ours, rules)) {
			theirs.update(0, socket.value(), UpdateMode.ANY);
			ours.update(0, socket.value(), UpdateMode.ANY);
			byte[] packet = udp(ports.get(entries / 2));
			List<Integer> emptyTimes = new ArrayList<>();
			List<Integer> compiledTimes = new ArrayList<>();
			List<Integer> generatedTimes = new ArrayList<>();
			for (int i = 0; i < ALTERNATIONS; i++) {
				emptyTimes.add(nanos(empty, packet, LinuxBpf.XDP_PASS));
				compiledTimes.add(nanos(compiled, packet, LinuxBpf.XDP_REDIRECT));
				generatedTimes.add(nanos(generated, packet, LinuxBpf.XDP_REDIRECT));
			}
			int base = median(emptyTimes);
			return new Result(entries, base, median(compiledTimes) - base, median(generatedTimes) - base);
		}
	}

	private int nanos(RedirectProgram program, byte[] packet, int verdict) {
		NativeMemory attributes = this.kernel.allocate(LinuxBpf.BPF_ATTR_SIZE)
			.putInt(LinuxBpf.TEST_RUN_PROG_FD, program.fd())
			.putInt(LinuxBpf.TEST_RUN_DATA_SIZE_IN, packet.length)
			.putAddress(LinuxBpf.TEST_RUN_DATA_IN, this.kernel.allocate(packet.length).putBytes(0, packet))
			.putInt(LinuxBpf.TEST_RUN_REPEAT, REPEAT);
		int result = this.kernel.bpf(LinuxBpf.BPF_PROG_TEST_RUN, attributes);
		if (result != 0 || attributes.getInt(LinuxBpf.TEST_RUN_RETVAL) != verdict) {
			throw new IllegalStateException("BPF_PROG_TEST_RUN gave %d, and the verdict %d instead of %d"
				.formatted(result, attributes.getInt(LinuxBpf.TEST_RUN_RETVAL), verdict));
		}
		return attributes.getInt(LinuxBpf.TEST_RUN_DURATION);
	}

	private static int median(List<Integer> times) {
		return times.stream().sorted().toList().get(times.size() / 2);
	}

	private RedirectProgram compile(String name, String code, List<Integer> ports) {
		String cases = ports.stream().map("case %d:"::formatted).collect(Collectors.joining(" \\\n\t"));
		Path directory = this.work.resolve(name);
		Path pin = this.bpffs.resolve(name);
		try {
			Files.createDirectories(directory);
			Files.writeString(directory.resolve("entries.h"), "#define CASES " + cases + "\n");
			Files.writeString(directory.resolve("program.c"), code);
			Path object = directory.resolve("program.o");
			execute("clang", "-O2", "-g", "-target", "bpf", "-mcpu=v3", "-I", directory.toString(), "-I",
					"/usr/include/" + architecture() + "-linux-gnu", "-c", directory.resolve("program.c").toString(),
					"-o", object.toString());
			execute("bpftool", "prog", "load", object.toString(), pin.toString(), "type", "xdp");
			try {
				return RedirectProgram.openPinned(this.kernel, pin);
			}
			finally {
				Files.delete(pin);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String architecture() {
		String name = System.getProperty("os.arch");
		return name.equals("amd64") ? "x86_64" : name;
	}

	private String read(String name) {
		try {
			return Files.readString(this.source.resolve(name));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void execute(String... command) throws IOException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		try {
			if (process.waitFor() != 0) {
				throw new IllegalStateException(String.join(" ", command) + " failed: " + output);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/** Bound to nothing, it occupies a slot all the same. */
	private FileDescriptor unboundSocket() {
		return FileDescriptor.own(this.kernel,
				this.kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0));
	}

	private static byte[] udp(int port) {
		int ipLength = UDP_FRAME_SIZE - 14;
		return ByteBuffer.allocate(UDP_FRAME_SIZE)
			.position(12)
			.putShort((short) 0x0800)
			.putShort((short) 0x4500)
			.putShort((short) ipLength)
			.putInt(0)
			.put((byte) 64)
			.put((byte) 17)
			.putShort((short) 0)
			.putInt(0x0a000001)
			.putInt(0x0a000002)
			.putShort((short) 1)
			.putShort((short) port)
			.putShort((short) (ipLength - 20))
			.array();
	}

	/**
	 * What was measured, in nanoseconds a packet.
	 *
	 * @param entries how many UDP ports the filter has
	 * @param empty what an empty program costs
	 * @param compiled what the C program costs more
	 * @param generated what the generated program costs more
	 */
	public record Result(int entries, int empty, int compiled, int generated) {

		/**
		 * Return how the two compare.
		 * @return the cost of the generated program in those of the compiled one
		 */
		public double ratio() {
			return (double) this.generated / this.compiled;
		}

	}

}
