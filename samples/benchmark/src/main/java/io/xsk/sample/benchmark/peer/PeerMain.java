package io.xsk.sample.benchmark.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/**
 * A Java peer: does on a command by standard input what the C peer does, and ends with
 * its input.
 */
public final class PeerMain {

	private PeerMain() {
	}

	/**
	 * Run a peer.
	 * @param arguments the kind of peer, the mode, {@code --interface NAME},
	 * {@code --packet HEX}
	 * @throws IOException when standard input cannot be read
	 */
	public static void main(String[] arguments) throws IOException {
		PeerOptions options = PeerOptions.parse(arguments);
		// what frameworks write must not get between the answers
		PrintStream answers = System.out;
		System.setOut(System.err);
		Workload workload = workload(options);
		workload.start();
		answers.println("ready");
		BufferedReader reader = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = reader.readLine(); line != null; line = reader.readLine()) {
			String[] words = line.split(" ");
			long number = (words.length > 1) ? Long.parseLong(words[1]) : 0;
			answers.println(workload.answer(words[0], number)
				.entrySet()
				.stream()
				.map((entry) -> entry.getKey() + "=" + entry.getValue())
				.collect(Collectors.joining(" ")));
		}
		// the consumer is in the middle of something; the kernel takes everything back
		Runtime.getRuntime().halt(0);
	}

	private static Workload workload(PeerOptions options) {
		return switch (options.mode()) {
			case "activation" -> new ActivationWorkload(options);
			case "start" -> new StartWorkload(options);
			default -> switch (options.kind()) {
				case "raw" -> new RawWorkload(options);
				case "listener" -> new ListenerWorkload(options);
				case "datagram" -> new DatagramWorkload(options);
				case "netty" -> new NettyWorkload(options);
				default -> throw new IllegalArgumentException("There is no peer '%s'.".formatted(options.kind()));
			};
		};
	}

}
