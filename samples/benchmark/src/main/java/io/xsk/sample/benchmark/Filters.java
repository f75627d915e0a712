package io.xsk.sample.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import io.xsk.XskException;
import io.xsk.bpf.RedirectProgram;
import io.xsk.bpf.UpdateMode;
import io.xsk.bpf.XskMap;
import io.xsk.bpf.asm.LinuxXdp;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.jna.JnaKernel;

/**
 * What a generated program costs for a packet, less what an empty program costs, beside
 * the same filter in C compiled by clang: by {@code BPF_PROG_TEST_RUN} with repetition.
 * All programs of a rule set run in turns, a few milliseconds each.
 */
final class Filters implements Measure {

	private static final int QUEUES = 64;

	private static final int TURNS = 6;

	private static final int REPEAT = 200_000;

	private static final int WARMUP_REPEAT = 20_000;

	private static final double ESTIMATE = 1.2;

	@Override
	public String name() {
		return "filters";
	}

	@Override
	public Set<Peer> peers() {
		return EnumSet.of(Peer.C, Peer.C_AGAIN, Peer.RAW);
	}

	@Override
	public boolean together() {
		return true;
	}

	@Override
	public double estimate(Settings settings, Peer peer) {
		return ESTIMATE;
	}

	@Override
	public Stage open(Settings settings) {
		List<String> objects = new ArrayList<>();
		Path empty = compile(settings, "empty", "empty.c", "");
		objects.add(empty.toString());
		for (FilterSet set : FilterSet.all()) {
			String object = compile(settings, set.id(), "filter.c", set.header()).toString();
			// C, and C once more: loaded twice, at two places of the kernel's memory
			objects.addAll(List.of(object, object));
		}
		return new Reloading(settings.filtersCommand(objects));
	}

	private static Path compile(Settings settings, String name, String source, String header) {
		Path directory = settings.output().resolve("filters").resolve(name);
		Path object = directory.resolve("filter.o");
		try {
			Files.createDirectories(directory);
			Files.writeString(directory.resolve("entries.h"), header);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Commands.run(List.of("clang", "-O2", "-g", "-target", "bpf", "-mcpu=v3", "-I", directory.toString(), "-I",
				"/usr/include/" + architecture() + "-linux-gnu", "-c",
				settings.sources().resolve("filters").resolve(source).toString(), "-o", object.toString()));
		return object;
	}

	/** As Debian names the directory of the headers. */
	private static String architecture() {
		String name = System.getProperty("os.arch");
		return name.equals("amd64") ? "x86_64" : name;
	}

	static double median(List<Double> values) {
		return Statistics.of(values.stream().mapToDouble(Double::doubleValue).toArray()).median();
	}

	/**
	 * Loads all programs anew in each round: where the kernel puts their machine code
	 * counts for as much as what they do, and so becomes a part of the noise.
	 */
	private record Reloading(List<String> command) implements Stage {

		@Override
		public Map<Peer, Run> run(List<Peer> peers) {
			try (Programs programs = new Programs(Child.start("filters", this.command))) {
				return programs.run(peers);
			}
		}

		@Override
		public void close() {
			// nothing is left open
		}

	}

	/** The loaded programs. */
	private static final class Programs implements AutoCloseable {

		private static final long EMPTY = 0;

		private final Child child;

		private final List<AutoCloseable> open = new ArrayList<>();

		/** Their numbers in the child. */
		private final Map<FilterSet, Map<Peer, Long>> programs = new HashMap<>();

		Programs(Child child) {
			this.child = child;
			try {
				load();
			}
			catch (RuntimeException ex) {
				close();
				throw ex;
			}
		}

		private void load() {
			Kernel kernel = JnaKernel.load();
			XskMap map = keep(XskMap.create(kernel, "filters", QUEUES));
			// bound to nothing, it occupies a slot all the same
			FileDescriptor socket = keep(FileDescriptor.own(kernel,
					kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0)));
			map.update(0, socket.value(), UpdateMode.ANY);
			long next = EMPTY + 1;
			for (FilterSet set : FilterSet.all()) {
				Map<Peer, Long> numbers = new EnumMap<>(Peer.class);
				numbers.put(Peer.C, next++);
				numbers.put(Peer.C_AGAIN, next++);
				RedirectProgram generated = keep(RedirectProgram.load(kernel, map, set.rules()));
				numbers.put(Peer.RAW, this.child.number("adopt " + generated.info().id(), "program"));
				this.programs.put(set, numbers);
			}
		}

		private <T extends AutoCloseable> T keep(T resource) {
			this.open.add(0, resource);
			return resource;
		}

		Map<Peer, Run> run(List<Peer> peers) {
			Map<Peer, Map<Metric, Double>> values = new EnumMap<>(Peer.class);
			peers.forEach((peer) -> values.put(peer, new LinkedHashMap<>()));
			for (FilterSet set : FilterSet.all()) {
				for (boolean matching : List.of(true, false)) {
					costs(set, matching, peers)
						.forEach((peer, cost) -> values.get(peer).put(Metric.filter(set, matching), cost));
				}
			}
			Map<Peer, Run> runs = new EnumMap<>(Peer.class);
			values.forEach((peer, costs) -> runs.put(peer, new Run(costs, said(costs))));
			return runs;
		}

		/** Of each set the packet that matches and the one that does not. */
		private static String said(Map<Metric, Double> costs) {
			return FilterSet.all()
				.stream()
				.map((set) -> String.format(Locale.ROOT, "%s %.1f/%.1f", set.id(), costs.get(Metric.filter(set, true)),
						costs.get(Metric.filter(set, false))))
				.collect(Collectors.joining("  ", "", " ns"));
		}

		private Map<Peer, Double> costs(FilterSet set, boolean matching, List<Peer> peers) {
			this.child.ask("packet " + HexFormat.of().formatHex(set.packet(matching)));
			long verdict = matching ? LinuxXdp.XDP_REDIRECT : LinuxXdp.XDP_PASS;
			Map<Peer, Long> numbers = this.programs.get(set);
			List<Double> empty = new ArrayList<>();
			Map<Peer, List<Double>> times = new EnumMap<>(Peer.class);
			nanos(EMPTY, WARMUP_REPEAT, LinuxXdp.XDP_PASS);
			for (Peer peer : peers) {
				nanos(numbers.get(peer), WARMUP_REPEAT, verdict);
				times.put(peer, new ArrayList<>());
			}
			List<Peer> order = new ArrayList<>(peers);
			for (int turn = 0; turn < TURNS; turn++) {
				empty.add(nanos(EMPTY, REPEAT, LinuxXdp.XDP_PASS));
				order.forEach((peer) -> times.get(peer).add(nanos(numbers.get(peer), REPEAT, verdict)));
				// nobody is always the one behind the empty program
				Collections.rotate(order, 1);
			}
			Map<Peer, Double> costs = new EnumMap<>(Peer.class);
			times.forEach((peer, list) -> costs.put(peer, median(list) - median(empty)));
			return costs;
		}

		private double nanos(long program, int repeat, long verdict) {
			Map<String, Long> answer = this.child.ask("run %d %d".formatted(program, repeat));
			if (Child.number(answer, "verdict") != verdict) {
				throw new XskException(
						"Program %d gave %s instead of the verdict %d.".formatted(program, answer, verdict),
						"filter.c and the rules of FilterSet are no longer the same filter: compare them.");
			}
			return (double) Child.number(answer, "nanos") / repeat;
		}

		@Override
		public void close() {
			try (this.child) {
				for (AutoCloseable resource : this.open) {
					resource.close();
				}
			}
			catch (RuntimeException ex) {
				throw ex;
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
