package io.xsk.sample.benchmark;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Packets per second delivered and lost, CPU time and allocated bytes per packet of the
 * consumer: under a flood that it drops or echoes, or when it transmits as fast as it
 * can. Marks are read before and after the flood, when nothing is on its way any more.
 */
final class Throughput implements Measure {

	static final String RECEIVE = "receive";

	static final String ECHO = "echo";

	static final String TRANSMIT = "transmit";

	/** From the Ethernet header on; with the check sum that makes 64 bytes. */
	static final int PACKET_LENGTH = 60;

	/** A warm-up has pauses, in which the JVM can compile. */
	private static final int WARMUP_MILLIS = 500;

	private static final int REST_MILLIS = 100;

	private static final int SETTLE_MILLIS = 200;

	private static final int MILLIS = 1000;

	private static final double NANOS_PER_SECOND = 1e9;

	private final String mode;

	Throughput(String mode) {
		this.mode = mode;
	}

	@Override
	public String name() {
		return this.mode;
	}

	@Override
	public void run(Settings settings, Results results, Consumer<String> progress) {
		try (Network network = Network.create(1);
				Child traffic = Child.start("traffic", settings.trafficCommand("flood", network, PACKET_LENGTH))) {
			for (int round = 1; round <= settings.rounds(); round++) {
				for (Peer peer : settings.peers()) {
					Run run = run(settings, network, traffic, peer);
					record(results, peer, run);
					progress.accept(String.format(Locale.ROOT, "%2d/%d %-9s %-16s %s", round, settings.rounds(),
							this.mode, peer.title(), run));
				}
			}
		}
	}

	private Run run(Settings settings, Network network, Child traffic, Peer peer) {
		try (Child child = Child.start(peer.title(), settings.command(peer, this.mode, network, PACKET_LENGTH))) {
			for (int left = settings.warmup() * MILLIS; left > 0; left -= WARMUP_MILLIS) {
				load(child, traffic, WARMUP_MILLIS);
				Pause.millis(REST_MILLIS);
			}
			Scheduling.prioritise(settings, child);
			Pause.millis(SETTLE_MILLIS);
			Map<String, Long> before = child.ask("mark");
			Map<String, Long> otherBefore = traffic.ask("mark");
			CpuClock clock = CpuClock.of(child.pid());
			long nanos = load(child, traffic, settings.seconds() * MILLIS);
			Pause.millis(SETTLE_MILLIS);
			CpuClock cpu = CpuClock.of(child.pid()).since(clock);
			Map<String, Long> after = child.ask("mark");
			Map<String, Long> otherAfter = traffic.ask("mark");
			return run(difference(before, after), difference(otherBefore, otherAfter), nanos, cpu);
		}
	}

	/** Flood the peer, or let it transmit, and return for how many nanoseconds. */
	private long load(Child child, Child traffic, int millis) {
		return number((this.mode.equals(TRANSMIT) ? child.ask("transmit " + millis) : traffic.ask("flood " + millis)),
				"nanos");
	}

	private Run run(Map<String, Long> consumer, Map<String, Long> other, long nanos, CpuClock cpu) {
		long handled = number(consumer, "packets");
		long sent = this.mode.equals(TRANSMIT) ? handled : number(other, "sent");
		long delivered = this.mode.equals(RECEIVE) ? handled : number(other, "received");
		// the CPU time is for every packet that the consumer had in its hands
		return new Run(delivered * NANOS_PER_SECOND / nanos, 100.0 * (sent - delivered) / Math.max(sent, 1),
				(double) cpu.nanos() / Math.max(handled, 1), cpu.userPart(),
				(double) consumer.getOrDefault("allocated", 0L) / Math.max(handled, 1));
	}

	private void record(Results results, Peer peer, Run run) {
		results.add(Metric.delivered(this.mode), peer, run.delivered());
		results.add(Metric.lost(this.mode), peer, run.lost());
		results.add(Metric.cpu(this.mode), peer, run.cpu());
		results.add(Metric.user(this.mode), peer, run.cpu() * run.userPart());
		results.add(Metric.system(this.mode), peer, run.cpu() * (1 - run.userPart()));
		if (!peer.isC()) {
			results.add(Metric.allocated(this.mode), peer, run.allocated());
		}
	}

	static Map<String, Long> difference(Map<String, Long> before, Map<String, Long> after) {
		Map<String, Long> difference = new HashMap<>();
		after.forEach((name, value) -> difference.put(name, value - before.getOrDefault(name, 0L)));
		return difference;
	}

	private static long number(Map<String, Long> numbers, String name) {
		Long number = numbers.get(name);
		if (number == null) {
			throw new IllegalStateException("No '%s' in %s".formatted(name, numbers));
		}
		return number;
	}

	/** One run of one peer. */
	private record Run(double delivered, double lost, double cpu, double userPart, double allocated) {

		@Override
		public String toString() {
			return String.format(Locale.ROOT, "%10.0f/s %6.2f %% lost %7.1f ns CPU %7.3f bytes", this.delivered,
					this.lost, this.cpu, this.allocated);
		}

	}

}
