package io.xsk.sample.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.xsk.XskException;

/**
 * Measures AF_XDP sockets in Java against a C program on libxdp, DatagramChannel and
 * Netty. Run as root, by {@code samples/benchmark/run}.
 */
public final class Benchmark {

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
			run(Settings.parse(arguments));
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

	private static void run(Settings settings) throws IOException {
		if (settings.soakMinutes() > 0) {
			System.out.println(new Soak().run(settings, System.out::println));
			return;
		}
		Results results = new Results();
		for (String name : settings.measures()) {
			if (name.equals("jmh")) {
				Micro.run(settings);
			}
			else {
				measure(name).run(settings, results, System.out::println);
				// what was measured is not lost when a later measure fails
				write(settings, results);
			}
		}
		if (!results.metrics().isEmpty()) {
			System.out.println("\n" + report(environment(settings), results));
			System.out.println("Written to " + settings.output().toAbsolutePath().normalize()
					+ ": results.json, results.md, results.svg");
		}
	}

	private static Measure measure(String name) {
		return switch (name) {
			case Throughput.RECEIVE, Throughput.ECHO, Throughput.TRANSMIT -> new Throughput(name);
			case "latency" -> new Latency();
			case "activation" -> new Activation();
			case "start" -> new StartAndMemory(true);
			case "memory" -> new StartAndMemory(false);
			default -> throw new IllegalArgumentException("There is no measure '%s'.".formatted(name));
		};
	}

	/**
	 * Write the results in all forms.
	 * @param settings what was asked for
	 * @param results the runs
	 */
	static void write(Settings settings, Results results) throws IOException {
		Map<String, String> environment = environment(settings);
		Files.createDirectories(settings.output());
		Files.writeString(settings.output().resolve("results.json"), Json.of(environment, results));
		Files.writeString(settings.output().resolve("results.md"), report(environment, results));
		Files.writeString(settings.output().resolve("results.svg"), Picture.of(results));
	}

	private static String report(Map<String, String> environment, Results results) {
		Table table = new Table(results);
		StringBuilder text = new StringBuilder();
		environment.forEach((name, value) -> text.append("- %s: %s%n".formatted(name, value)));
		return text.append('\n').append(table.measures()).append('\n').append(table.targets()).toString();
	}

	private static Map<String, String> environment(Settings settings) throws IOException {
		Map<String, String> environment = new LinkedHashMap<>();
		environment.put("machine", processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
		environment.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
		environment.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
		environment.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
		environment.put("pairs",
				settings.rounds() + " of " + settings.seconds() + " s after a warm-up of " + settings.warmup() + " s");
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
