package io.xsk.sample.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Lets the one thread of a peer that has the packets run before all other processes of
 * the machine (SCHED_FIFO), as the traffic does: what else happens there would otherwise
 * decide how many packets are lost.
 */
final class Scheduling {

	static final int PRIORITY = 5;

	private Scheduling() {
	}

	/**
	 * Put the consumer of a peer first, after its warm-up: a compiler that waits for it
	 * would never end.
	 * @param settings whether to do it
	 * @param peer the process
	 */
	static void prioritise(Settings settings, Child peer) {
		if (!settings.fifo()) {
			return;
		}
		try (Stream<Path> threads = Files.list(Path.of("/proc/" + peer.pid() + "/task"))) {
			threads.filter(Scheduling::isConsumer)
				.forEach((thread) -> Commands.run(
						List.of("chrt", "--fifo", "--pid", String.valueOf(PRIORITY), thread.getFileName().toString())));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static boolean isConsumer(Path thread) {
		try {
			String name = Files.readString(thread.resolve("comm"));
			return name.startsWith("consumer") || name.startsWith("xsk-");
		}
		catch (IOException ex) {
			// a thread that has ended meanwhile
			return false;
		}
	}

}
