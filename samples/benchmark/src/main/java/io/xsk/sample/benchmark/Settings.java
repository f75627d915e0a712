package io.xsk.sample.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the command line says.
 *
 * @param measures the measures to take, by name
 * @param peers the peers to compare
 * @param rounds how many rounds; in each, every peer runs once
 * @param seconds how long a run is measured
 * @param warmup how many seconds a peer runs before that
 * @param rate round trips a second
 * @param trafficCpu the core that the traffic comes from
 * @param peerCpu the core that the peers run on
 * @param fifo whether traffic and peers run before everything else of the machine
 * @param soakMinutes how long to soak instead of measuring, 0 not to
 * @param natives where the C programs are
 * @param sources where their sources are
 * @param output where the results go
 */
record Settings(List<String> measures, Set<Peer> peers, int rounds, int seconds, int warmup, int rate, int trafficCpu,
		int peerCpu, boolean fifo, int soakMinutes, Path natives, Path sources, Path output) {

	static final List<String> MEASURES = List.of("receive", "echo", "transmit", "latency", "activation", "start",
			"memory", "filters", "jmh");

	private static final String QUICK = "--quick";

	private static final Set<String> OPTIONS = Set.of("--measures", "--peers", "--pairs", "--seconds", "--warmup",
			"--rate", "--cpus", "--scheduler", "--soak", "--native", "--sources", "--output", QUICK);

	private static final int QUICK_ROUNDS = 2;

	static final String USAGE = """
			samples/benchmark/run [OPTION=VALUE …]
			  --measures=receive,echo,transmit,latency,activation,start,memory,filters,jmh
			                   default: all; filters need clang
			  --peers=c,c-again,raw,listener,datagram,netty
			                   default: all; c-again is what the noise is known from
			  --pairs=9        rounds; in each, every peer runs once
			  --seconds=3      how long a run is measured; under a flood, the UDP peers a third
			  --warmup=4       how long a peer runs before that; C one second
			  --rate=5000      round trips a second
			  --cpus=0,1       the cores of the traffic and of the peers
			  --scheduler=fifo both sides before all other processes of the machine, or as they: other
			  --quick          2 pairs of 1 second
			  --soak=MINUTES   no measure: echo under load, then account for every frame
			  --output=DIR     default: samples/benchmark/target""";

	/**
	 * Read the command line.
	 * @param arguments the arguments
	 * @return the settings
	 * @throws IllegalArgumentException when one of them is not known, or its value is
	 * wrong
	 */
	static Settings parse(String... arguments) {
		Map<String, String> given = new HashMap<>();
		for (String argument : arguments) {
			int sign = argument.indexOf('=');
			String name = (sign < 0) ? argument : argument.substring(0, sign);
			if (!OPTIONS.contains(name) || (sign < 0) != name.equals(QUICK)) {
				throw new IllegalArgumentException("There is no option '" + argument + "'.");
			}
			given.put(name, argument.substring(sign + 1));
		}
		boolean quick = given.containsKey(QUICK);
		int[] cpus = cpus(given.getOrDefault("--cpus", "0,1"));
		return new Settings(measures(given.getOrDefault("--measures", String.join(",", MEASURES))),
				given.containsKey("--peers") ? peers(given.get("--peers")) : EnumSet.allOf(Peer.class),
				number(given, "--pairs", quick ? QUICK_ROUNDS : 9), number(given, "--seconds", quick ? 1 : 3),
				number(given, "--warmup", 4), number(given, "--rate", 5000), cpus[0], cpus[1],
				isFifo(given.getOrDefault("--scheduler", "fifo")), number(given, "--soak", 0),
				Path.of(given.getOrDefault("--native", "target/native")),
				Path.of(given.getOrDefault("--sources", "src/main/c")),
				Path.of(given.getOrDefault("--output", "target")));
	}

	private static int number(Map<String, String> given, String name, int fallback) {
		return given.containsKey(name) ? number(name, given.get(name)) : fallback;
	}

	private static List<String> measures(String value) {
		List<String> measures = Arrays.asList(value.split(","));
		for (String measure : measures) {
			if (!MEASURES.contains(measure)) {
				throw new IllegalArgumentException(
						"There is no measure '%s'; there are %s.".formatted(measure, String.join(", ", MEASURES)));
			}
		}
		return measures;
	}

	private static Set<Peer> peers(String value) {
		Set<Peer> peers = EnumSet.noneOf(Peer.class);
		for (String id : value.split(",")) {
			peers.add(Peer.byId(id));
		}
		return peers;
	}

	private static boolean isFifo(String value) {
		if (!value.equals("fifo") && !value.equals("other")) {
			throw new IllegalArgumentException("--scheduler wants fifo or other: '%s'".formatted(value));
		}
		return value.equals("fifo");
	}

	private static int[] cpus(String value) {
		String[] cpus = value.split(",");
		if (cpus.length != 2) {
			throw new IllegalArgumentException("--cpus wants two cores, such as 0,1: " + value);
		}
		return new int[] { core(cpus[0]), core(cpus[1]) };
	}

	private static int core(String value) {
		return value.equals("0") ? 0 : number("--cpus", value);
	}

	private static int number(String name, String value) {
		if (!value.matches("[1-9]\\d{0,8}")) {
			throw new IllegalArgumentException("%s wants a number from 1 on: '%s'".formatted(name, value));
		}
		return Integer.parseInt(value);
	}

	/**
	 * How many seconds a peer runs before it is measured: a program in C has nothing to
	 * compile. A JVM that is not done with that never will be, once its consumer is put
	 * before all others.
	 * @param peer the peer
	 * @return at least one
	 */
	int warmup(Peer peer) {
		return peer.isC() ? 1 : this.warmup;
	}

	/**
	 * How many seconds a flood lasts: what the UDP peers are compared by is far larger
	 * than what a second leaves open.
	 * @param peer the peer
	 * @return at least one
	 */
	int floodSeconds(Peer peer) {
		return peer.isXsk() ? this.seconds : Math.max(1, this.seconds / 3);
	}

	/** Whether it is about a first look rather than figures. */
	boolean isShort() {
		return this.rounds <= QUICK_ROUNDS;
	}

	/** About how many seconds the process of a peer takes to be ready, and to end. */
	static double startSeconds(Peer peer) {
		if (peer.isC()) {
			return 0.2;
		}
		return (peer == Peer.LISTENER) ? 2.5 : 0.8;
	}

	/** The command of a peer. */
	List<String> command(Peer peer, String mode, Network network, int packetLength) {
		List<String> command = new ArrayList<>(pinned(this.peerCpu));
		if (peer.isC()) {
			command.add(this.natives.resolve("peer").toString());
		}
		else {
			command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
					"--enable-native-access=ALL-UNNAMED", "-Xms128m", "-Xmx128m", "-cp",
					System.getProperty("java.class.path"), "io.xsk.sample.benchmark.peer.PeerMain", peer.id()));
		}
		command.addAll(
				List.of(mode, "--interface", network.interfaceName(), "--packet", network.packetFromUs(packetLength)));
		return command;
	}

	/** The command of the traffic tool. */
	List<String> trafficCommand(String mode, Network network, int packetLength) {
		List<String> command = new ArrayList<>(pinned(this.trafficCpu));
		command.addAll(first());
		command.addAll(List.of(this.natives.resolve("traffic").toString(), mode, "--interface", network.otherName(),
				"--packet", network.packetToUs(packetLength)));
		return network.atOtherEnd(command);
	}

	/** The command of what measures filters, at the place of the peers. */
	List<String> filtersCommand(List<String> objects) {
		List<String> command = new ArrayList<>(pinned(this.peerCpu));
		command.addAll(first());
		command.add(this.natives.resolve("filters").toString());
		command.addAll(objects);
		return command;
	}

	private List<String> first() {
		return this.fifo ? List.of("chrt", "--fifo", String.valueOf(Scheduling.PRIORITY)) : List.of();
	}

	private static List<String> pinned(int cpu) {
		return List.of("taskset", "--cpu-list", String.valueOf(cpu));
	}

}
