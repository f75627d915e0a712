package io.xsk.sample.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import io.xsk.XskException;

/**
 * Runs commands of the system.
 */
final class Commands {

	private Commands() {
	}

	/**
	 * Run a command to its end.
	 * @param command the words of the command
	 * @return what it wrote
	 * @throws XskException when it does not end well
	 */
	static String run(List<String> command) {
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			process.getOutputStream().close();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
			int status = process.waitFor();
			if (status != 0) {
				throw new XskException("'%s' ended with %d: %s".formatted(String.join(" ", command), status, output),
						"See whether you are root, and have the packages that the README names.");
			}
			return output;
		}
		catch (IOException ex) {
			throw new XskException("'%s' cannot be run: %s".formatted(command.get(0), ex.getMessage()),
					"Install the packages that the README names.", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted", ex);
		}
	}

}
