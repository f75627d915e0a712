package io.xsk.sample.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.xsk.XskException;

/**
 * Measures AF_XDP sockets in Java against a C program on libxdp, DatagramChannel and
 * Netty. Run as root, by {@code samples/benchmark/run}.
 */
public final class Benchmark {

	private static final String REDIRECT_PROGRAM = "redirect program";

	private static final double NANOS_PER_MINUTE = 60e9;

	private Benchmark() {
	}

	/**
	 * Run what the command line says.
	 * @param arguments {@code --help} tells them
	 * @throws IOException when the results cannot be written
	 */
	public static void main(String[] arguments) throws IOException {
		if (List.of(arguments).contains("--help")) {
			System.out.println(Settings.USAGE);
			return;
		}
		try {
			if (!run(Settings.parse(arguments))) {
				System.exit(1);
			}
		}
		catch (IllegalArgumentException ex) {
			System.err.println(ex.getMessage() + "\n" + Settings.USAGE);
			System.exit(2);
		}
		catch (XskException ex) {
			System.err.println(ex.getMessage());
			System.exit(1);
		}
	}

	private static boolean run(Settings settings) throws IOException {
		if (settings.soakMinutes() > 0) {
			System.out.println(new Soak().run(settings, System.out::println));
			return true;
		}
		System.out.println(String.format(Locale.ROOT, "This will take about %.1f minutes.",
				estimate(settings).toSeconds() / 60.0));
		long start = System.nanoTime();
		Results results = new Results();
		// what was measured is not lost, whatever happens later
		Rounds rounds = new Rounds(settings, results, System.out::println, () -> write(settings, results));
		compare(settings, results);
		for (String name : settings.measures()) {
			try {
				if (name.equals("jmh")) {
					Micro.run(settings);
				}
				else {
					rounds.run(measure(name));
				}
			}
			catch (XskException | UncheckedIOException ex) {
				System.out.println(name + " failed: " + ex.getMessage());
				results.fail(name + ": " + ex.getMessage());
			}
		}
		if (!results.metrics().isEmpty()) {
			write(settings, results);
			System.out.println("\n" + report(environment(settings, results), results));
			System.out.println("Written to " + settings.output().toAbsolutePath().normalize()
					+ ": results.json, results.md, results.svg");
		}
		System.out.println(
				String.format(Locale.ROOT, "It took %.1f minutes.", (System.nanoTime() - start) / NANOS_PER_MINUTE));
		results.failures().forEach((failure) -> System.err.println("Not measured: " + failure));
		return results.failures().isEmpty();
	}

	private static void compare(Settings settings, Results results) {
		if (SameProgram.isAsked(settings)) {
			try {
				results.note(REDIRECT_PROGRAM, SameProgram.check(settings));
			}
			catch (XskException ex) {
				results.note(REDIRECT_PROGRAM, "not compared: " + ex.getMessage());
			}
			results.notes().forEach((name, text) -> System.out.println(name + ": " + text));
		}
	}

	/** About how long it will take. */
	static Duration estimate(Settings settings) {
		double seconds = settings.measures()
			.stream()
			.mapToDouble(
					(name) -> name.equals("jmh") ? Micro.estimate(settings) : Rounds.estimate(measure(name), settings))
			.sum();
		return Duration.ofSeconds(Math.round(seconds));
	}

	private static Measure measure(String name) {
		return switch (name) {
			case Throughput.RECEIVE, Throughput.ECHO, Throughput.TRANSMIT -> new Throughput(name);
			case "latency" -> new Latency();
			case "activation" -> new Activation();
			case "start" -> new StartAndMemory(true);
			case "memory" -> new StartAndMemory(false);
			case "filters" -> new Filters();
			default -> throw new IllegalArgumentException("There is no measure '%s'.".formatted(name));
		};
	}

	/**
	 * Write the results in all forms.
	 * @param settings what was asked for
	 * @param results the runs
	 */
	static void write(Settings settings, Results results) {
		try {
			Map<String, String> environment = environment(settings, results);
			Files.createDirectories(settings.output());
			Files.writeString(settings.output().resolve("results.json"), Json.of(environment, results));
			Files.writeString(settings.output().resolve("results.md"), report(environment, results));
			Files.writeString(settings.output().resolve("results.svg"), Picture.of(results));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String report(Map<String, String> environment, Results results) {
		Table table = new Table(results);
		StringBuilder text = new StringBuilder();
		environment.forEach((name, value) -> text.append("- %s: %s%n".formatted(name, value)));
		return text.append(table.failures())
			.append('\n')
			.append(table.medians())
			.append('\n')
			.append(table.measures())
			.append('\n')
			.append(table.targets())
			.toString();
	}

	private static Map<String, String> environment(Settings settings, Results results) throws IOException {
		Map<String, String> environment = new LinkedHashMap<>();
		environment.put("machine", processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
		environment.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
		environment.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
		environment.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
		environment.put("pairs",
				settings.rounds() + " of " + settings.seconds() + " s after a warm-up of " + settings.warmup() + " s");
		environment.putAll(results.notes());
		environment.put("load average at the end", Files.readString(Path.of("/proc/loadavg")).trim());
		return environment;
	}

	private static String processor() throws IOException {
		return Files.readAllLines(Path.of("/proc/cpuinfo"))
			.stream()
			.filter((line) -> line.startsWith("model name"))
			.map((line) -> line.substring(line.indexOf(':') + 1).trim())
			.findFirst()
			.orElse(System.getProperty("os.arch"));
	}

}
