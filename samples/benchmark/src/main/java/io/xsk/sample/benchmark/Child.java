package io.xsk.sample.benchmark;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
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

	/** For what takes no time of its own; a first JVM on a busy machine needs some. */
	private static final Duration PATIENCE = Duration.ofMinutes(1);

	private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor((task) -> {
		Thread thread = new Thread(task, "watch");
		thread.setDaemon(true);
		return thread;
	});

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
			throw new XskException("%s did not start: %s".formatted(name, ex.getMessage()),
					"See whether you have the packages that the README names.", ex);
		}
	}

	private void awaitReady() throws IOException {
		String line = readLine(PATIENCE);
		// an application may log something before
		while (line != null && !line.equals(READY)) {
			line = readLine(PATIENCE);
		}
		if (line == null) {
			close();
			throw failure("did not start");
		}
	}

	/** One that says nothing for too long is ended, so that nobody waits for ever. */
	private String readLine(Duration patience) throws IOException {
		ScheduledFuture<?> end = WATCH.schedule(this.process::destroyForcibly, patience.toMillis(),
				TimeUnit.MILLISECONDS);
		try {
			return this.reader.readLine();
		}
		finally {
			end.cancel(false);
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
		return ask(command, Duration.ZERO);
	}

	/**
	 * Ask the child for something that takes a while.
	 * @param command the command
	 * @param work how long it is to work on it
	 * @return the numbers that it answers with, by name
	 * @throws XskException when it does not answer with numbers, or much later than that
	 */
	Map<String, Long> ask(String command, Duration work) {
		return ask(command, work, PATIENCE);
	}

	Map<String, Long> ask(String command, Duration work, Duration patience) {
		try {
			this.writer.write(command + "\n");
			this.writer.flush();
			String line = readLine(work.plus(patience));
			if (line == null) {
				throw failure("ended when it was told '" + command + "'");
			}
			return parse(line);
		}
		catch (IOException ex) {
			throw failure("ended when it was told '" + command + "'");
		}
	}

	/**
	 * Ask the child for one number.
	 * @param command the command
	 * @param name the name of the number
	 * @return the number
	 * @throws XskException when it does not answer with it
	 */
	long number(String command, String name) {
		return number(ask(command), name);
	}

	/** A number that must be there. */
	static long number(Map<String, Long> numbers, String name) {
		Long number = numbers.get(name);
		if (number == null) {
			throw new XskException("There is no '%s' in %s.".formatted(name, numbers),
					"See what the peer wrote before it.");
		}
		return number;
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
		end();
		return new XskException(
				"%s %s (%s).".formatted(this.name, what,
						this.process.isAlive() ? "and cannot be ended" : "status " + this.process.exitValue()),
				"See what it wrote before this message. Status 137 is that of a process that was killed; this program does it after a minute without an answer.");
	}

	@Override
	public void close() {
		end();
		try {
			this.reader.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** It ends with its input; when it does not, it is ended. */
	private void end() {
		try {
			this.process.getOutputStream().close();
		}
		catch (IOException ex) {
			// it ended before it had read everything, or was ended
			this.process.destroyForcibly();
		}
		try {
			if (!this.process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
				this.process.destroyForcibly().waitFor(END_SECONDS, TimeUnit.SECONDS);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			this.process.destroyForcibly();
		}
	}

}
