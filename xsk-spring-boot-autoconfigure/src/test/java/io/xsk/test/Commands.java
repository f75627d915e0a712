package io.xsk.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs commands of the operating system, with a bound on their time. Thread-safe.
 *
 * @since 0.1.0
 */
public final class Commands {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private Commands() {
	}

	/**
	 * Run a command that must succeed.
	 * @param command the command and its arguments
	 * @return what it printed, on either stream
	 * @throws IllegalStateException when it fails or takes longer than 20 seconds
	 */
	public static String run(String... command) {
		Result result = execute(new ProcessBuilder(command), TIMEOUT);
		if (result.exitCode() != 0) {
			throw new IllegalStateException(
					"%s ended with %d:%n%s".formatted(Arrays.toString(command), result.exitCode(), result.output()));
		}
		return result.output();
	}

	/**
	 * Run a command that may fail.
	 * @param command the command and its arguments
	 * @return how it ended
	 * @throws IllegalStateException when it takes longer than 20 seconds
	 */
	public static Result tryRun(String... command) {
		return execute(new ProcessBuilder(command), TIMEOUT);
	}

	static Result execute(ProcessBuilder builder, Duration timeout) {
		Path output = temporaryFile();
		try {
			// a file, so that a child of the child that lives on cannot keep us waiting
			Process process = builder.redirectErrorStream(true)
				.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
				.redirectOutput(output.toFile())
				.start();
			if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
				process.destroyForcibly().waitFor();
				throw new IllegalStateException("%s took longer than %s:%n%s".formatted(builder.command(), timeout,
						Files.readString(output, StandardCharsets.UTF_8)));
			}
			return new Result(List.copyOf(builder.command()), process.exitValue(),
					Files.readString(output, StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("interrupted while waiting for " + builder.command(), ex);
		}
		finally {
			output.toFile().delete();
		}
	}

	private static Path temporaryFile() {
		try {
			return Files.createTempFile("xsk-test", ".out");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * How a command ended.
	 *
	 * @param command the command and its arguments
	 * @param exitCode its exit code, 128 + n after signal n
	 * @param output what it printed, on either stream
	 */
	public record Result(List<String> command, int exitCode, String output) {
	}

}
