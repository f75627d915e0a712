package io.xsk.sample.benchmark;

import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

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

	/** What a run takes beside its start, warm-up and flood, in seconds. */
	private static final double ESTIMATE = 0.7;

	private final String mode;

	Throughput(String mode) {
		this.mode = mode;
	}

	@Override
	public String name() {
		return this.mode;
	}

	@Override
	public Set<Peer> peers() {
		return EnumSet.allOf(Peer.class);
	}

	@Override
	public double estimate(Settings settings, Peer peer) {
		double warmup = settings.warmup(peer) * (1 + (double) REST_MILLIS / WARMUP_MILLIS);
		return Settings.startSeconds(peer) + warmup + settings.floodSeconds(peer) + ESTIMATE;
	}

	@Override
	public Stage open(Settings settings) {
		return TrafficStage.of(settings, "flood", (network, traffic, peer) -> run(settings, network, traffic, peer));
	}

	private Run run(Settings settings, Network network, Child traffic, Peer peer) {
		try (Child child = Child.start(peer.title(), settings.command(peer, this.mode, network, PACKET_LENGTH))) {
			for (int left = settings.warmup(peer) * MILLIS; left > 0; left -= WARMUP_MILLIS) {
				load(child, traffic, WARMUP_MILLIS);
				Pause.millis(REST_MILLIS);
			}
			Scheduling.prioritise(settings, child);
			Pause.millis(SETTLE_MILLIS);
			Map<String, Long> before = child.ask("mark");
			Map<String, Long> otherBefore = traffic.ask("mark");
			CpuClock clock = CpuClock.of(child.pid());
			long nanos = load(child, traffic, settings.floodSeconds(peer) * MILLIS);
			Pause.millis(SETTLE_MILLIS);
			CpuClock cpu = CpuClock.of(child.pid()).since(clock);
			Map<String, Long> after = child.ask("mark");
			Map<String, Long> otherAfter = traffic.ask("mark");
			return run(peer, difference(before, after), difference(otherBefore, otherAfter), nanos, cpu);
		}
	}

	/** Flood the peer, or let it transmit, and return for how many nanoseconds. */
	private long load(Child child, Child traffic, int millis) {
		boolean transmit = this.mode.equals(TRANSMIT);
		return Child.number((transmit ? child : traffic).ask((transmit ? "transmit " : "flood ") + millis,
				Duration.ofMillis(millis)), "nanos");
	}

	private Run run(Peer peer, Map<String, Long> consumer, Map<String, Long> other, long nanos, CpuClock clock) {
		long handled = Child.number(consumer, "packets");
		long sent = this.mode.equals(TRANSMIT) ? handled : Child.number(other, "sent");
		long arrived = this.mode.equals(RECEIVE) ? handled : Child.number(other, "received");
		double delivered = arrived * NANOS_PER_SECOND / nanos;
		double lost = 100.0 * (sent - arrived) / Math.max(sent, 1);
		// the CPU time is for every packet that the consumer had in its hands
		double cpu = (double) clock.nanos() / Math.max(handled, 1);
		Map<Metric, Double> values = new LinkedHashMap<>();
		values.put(Metric.delivered(this.mode), delivered);
		values.put(Metric.lost(this.mode), lost);
		values.put(Metric.cpu(this.mode), cpu);
		values.put(Metric.user(this.mode), cpu * clock.userPart());
		values.put(Metric.system(this.mode), cpu * (1 - clock.userPart()));
		String said = String.format(Locale.ROOT, "%10.0f/s %6.2f %% lost %7.1f ns CPU", delivered, lost, cpu);
		if (!peer.isC()) {
			double allocated = (double) Child.number(consumer, "allocated") / Math.max(handled, 1);
			values.put(Metric.allocated(this.mode), allocated);
			said += String.format(Locale.ROOT, " %9.5f bytes", allocated);
		}
		return new Run(values, said);
	}

	static Map<String, Long> difference(Map<String, Long> before, Map<String, Long> after) {
		Map<String, Long> difference = new HashMap<>();
		after.forEach((name, value) -> difference.put(name, value - before.getOrDefault(name, 0L)));
		return difference;
	}

}
