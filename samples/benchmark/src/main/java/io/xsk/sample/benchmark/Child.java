package io.xsk.sample.benchmark;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.xsk.XskException;

/**
 * A peer or the traffic tool as a process of its own: says {@code ready}, and answers
 * each command with a line of numbers. It ends with its standard input, so also with this
 * process, however that ends.
 */
final class Child implements AutoCloseable {

	private static final String READY = "ready";

	private static final int END_SECONDS = 10;

	private final String name;

	private final Process process;

	private final BufferedReader reader;

	private final BufferedWriter writer;

	private Child(String name, Process process) {
		this.name = name;
		this.process = process;
		this.reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
		this.writer = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
	}

	/**
	 * Start a child, and wait until it is ready.
	 * @param name its name in messages
	 * @param command the words of its command
	 * @return the child
	 * @throws XskException when it ends before it is ready
	 */
	static Child start(String name, List<String> command) {
		try {
			Child child = new Child(name,
					new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
			child.awaitReady();
			return child;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void awaitReady() throws IOException {
		String line = this.reader.readLine();
		// an application may log something before
		while (line != null && !line.equals(READY)) {
			line = this.reader.readLine();
		}
		if (line == null) {
			close();
			throw failure("did not start");
		}
	}

	long pid() {
		return this.process.pid();
	}

	/**
	 * Ask the child.
	 * @param command the command
	 * @return the numbers that it answers with, by name
	 * @throws XskException when it does not answer with numbers
	 */
	Map<String, Long> ask(String command) {
		try {
			this.writer.write(command + "\n");
			this.writer.flush();
			String line = this.reader.readLine();
			if (line == null) {
				throw failure("ended when it was told '" + command + "'");
			}
			return parse(line);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(this.name + " was told '" + command + "'", ex);
		}
	}

	/**
	 * Read a line of {@code name=number} pairs.
	 * @param line the line
	 * @return the numbers by name
	 */
	static Map<String, Long> parse(String line) {
		Map<String, Long> numbers = new HashMap<>();
		for (String pair : line.split(" ")) {
			int sign = pair.indexOf('=');
			if (sign < 1 || !pair.substring(sign + 1).matches("-?\\d+")) {
				throw new XskException("Not an answer of numbers: " + line, "See what the peer wrote before it.");
			}
			numbers.put(pair.substring(0, sign), Long.parseLong(pair.substring(sign + 1)));
		}
		return numbers;
	}

	private XskException failure(String what) {
		return new XskException(
				"%s %s (status %s).".formatted(this.name, what,
						this.process.isAlive() ? "none yet" : String.valueOf(this.process.exitValue())),
				"See what it wrote before this message.");
	}

	@Override
	public void close() {
		try (this.reader) {
			this.process.getOutputStream().close();
			if (!this.process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
				this.process.destroyForcibly().waitFor();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			this.process.destroyForcibly();
		}
	}

}
