package io.xsk.test;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a class of the tests in a JVM of its own, as an ordinary user if wanted, with no
 * other capabilities than are named. The JDK is the one of the tests. Not thread-safe.
 *
 * @since 0.1.0
 */
public final class ChildJvm {

	/** The user "nobody" of every distribution. */
	private static final int NOBODY = 65_534;

	private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

	private final Class<?> main;

	private final List<String> prefix = new ArrayList<>();

	private final List<String> options = new ArrayList<>();

	private final Map<String, String> environment = new LinkedHashMap<>();

	private Duration timeout = DEFAULT_TIMEOUT;

	private ChildJvm(Class<?> main) {
		this.main = main;
	}

	/**
	 * Name the class to run.
	 * @param main a class with a {@code main} method
	 * @return what runs it, as the user of the tests
	 */
	public static ChildJvm of(Class<?> main) {
		return new ChildJvm(main);
	}

	/**
	 * Run it as an ordinary user, with these capabilities alone.
	 * @param capabilities names as {@code setpriv} has them: {@code net_raw} for example;
	 * none is fine
	 * @return this
	 */
	public ChildJvm unprivileged(String... capabilities) {
		StringBuilder set = new StringBuilder("-all");
		for (String capability : capabilities) {
			set.append(",+").append(capability);
		}
		this.prefix.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups",
				"--bounding-set=" + set, "--inh-caps=" + set, "--ambient-caps=" + set));
		return this;
	}

	/**
	 * Run it under a command that runs the command it is given.
	 * @param command {@code prlimit --memlock=65536} for example
	 * @return this
	 */
	public ChildJvm under(String... command) {
		this.prefix.addAll(0, List.of(command));
		return this;
	}

	/**
	 * Add options of the JVM.
	 * @param options {@code -Dname=value} for example
	 * @return this
	 */
	public ChildJvm options(String... options) {
		this.options.addAll(List.of(options));
		return this;
	}

	/**
	 * Set a variable of its environment.
	 * @param name the name
	 * @param value the value
	 * @return this
	 */
	public ChildJvm environment(String name, String value) {
		this.environment.put(name, value);
		return this;
	}

	/**
	 * Bound its time.
	 * @param timeout after which it is killed and the test fails; 60 seconds by default
	 * @return this
	 */
	public ChildJvm timeout(Duration timeout) {
		this.timeout = timeout;
		return this;
	}

	/**
	 * Run it to its end.
	 * @param arguments the arguments of the main method
	 * @return how it ended, and what it printed on either stream
	 */
	public Commands.Result run(String... arguments) {
		try (TemporaryDirectory directory = TemporaryDirectory.create()) {
			return Commands.execute(builder(directory.path(), arguments), this.timeout);
		}
	}

	/**
	 * Start it, for a test that talks to it or kills it. The caller ends it.
	 * @param arguments the arguments of the main method
	 * @return the process; both its streams are in its input stream
	 */
	public Process start(String... arguments) {
		TemporaryDirectory directory = TemporaryDirectory.create();
		try {
			Process process = builder(directory.path(), arguments).redirectErrorStream(true).start();
			process.onExit().thenRun(directory::close);
			return process;
		}
		catch (IOException ex) {
			directory.close();
			throw new UncheckedIOException(ex);
		}
	}

	private ProcessBuilder builder(Path directory, String... arguments) {
		List<String> command = new ArrayList<>(this.prefix);
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + directory,
				"-XX:-UsePerfData", "-XX:TieredStopAtLevel=1"));
		if (!this.prefix.isEmpty()) {
			// JNA unpacks its library where the other user can write
			command.add("-Djna.tmpdir=" + directory);
		}
		command.addAll(this.options);
		command.addAll(List.of("-cp", classPath(directory), this.main.getName()));
		command.addAll(List.of(arguments));
		ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
		builder.environment().put("HOME", directory.toString());
		builder.environment().remove("JAVA_TOOL_OPTIONS");
		builder.environment().putAll(this.environment);
		return builder;
	}

	/** An ordinary user cannot read what lies in root's home: give it links or copies. */
	private String classPath(Path directory) {
		String classPath = System.getProperty("java.class.path");
		if (this.prefix.isEmpty()) {
			return classPath;
		}
		List<String> entries = new ArrayList<>();
		for (String entry : classPath.split(File.pathSeparator)) {
			Path original = Path.of(entry);
			if (Files.exists(original)) {
				Path readable = directory.resolve("%03d-%s".formatted(entries.size(), original.getFileName()));
				TemporaryDirectory.copy(original, readable);
				entries.add(readable.toString());
			}
		}
		return String.join(File.pathSeparator, entries);
	}

}
