package io.xsk.sample.benchmark;

/**
 * Something that is measured.
 *
 * @param id its name in results, such as {@code receive.cpu}
 * @param title what it is, for people
 * @param unit the unit of its values
 */
record Metric(String id, String title, String unit) {

	static final Metric START_1 = start(1);

	static final Metric START_8 = start(8);

	static final Metric START_64 = start(64);

	static final Metric ACTIVATION = new Metric("activation.map", "Activate and deactivate, two calls", "ns");

	static final Metric ACTIVATION_TEMPLATE = new Metric("activation.template",
			"Activate and deactivate, XskMapTemplate with its checks", "ns");

	static final Metric RESIDENT = new Metric("memory.socket", "Resident memory per socket", "bytes");

	static final Metric MEDIAN = new Metric("latency.p50", "Round trip, p50", "ns");

	static final Metric P99 = new Metric("latency.p99", "Round trip, p99", "ns");

	static final Metric P999 = new Metric("latency.p999", "Round trip, p99.9", "ns");

	static final Metric LATENCY_LOST = new Metric("latency.lost", "Round trips lost", "%");

	static Metric delivered(String mode) {
		return new Metric(mode + ".delivered", title(mode) + ", delivered", "packets/s");
	}

	static Metric lost(String mode) {
		return new Metric(mode + ".lost", title(mode) + ", lost", "%");
	}

	static Metric cpu(String mode) {
		return new Metric(mode + ".cpu", title(mode) + ", CPU", "ns/packet");
	}

	static Metric user(String mode) {
		return new Metric(mode + ".user", title(mode) + ", CPU in user space", "ns/packet");
	}

	static Metric system(String mode) {
		return new Metric(mode + ".system", title(mode) + ", CPU in the kernel", "ns/packet");
	}

	static Metric allocated(String mode) {
		return new Metric(mode + ".allocated", title(mode) + ", allocated", "bytes/packet");
	}

	static Metric start(int queues) {
		return new Metric("start." + queues, "First start, queues: " + queues, "ms");
	}

	static Metric restart(int queues) {
		return new Metric("restart." + queues, "Start again, queues: " + queues, "ms");
	}

	private static String title(String mode) {
		return Character.toUpperCase(mode.charAt(0)) + mode.substring(1);
	}

}
