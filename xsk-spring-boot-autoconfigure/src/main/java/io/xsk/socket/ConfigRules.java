package io.xsk.socket;

import java.util.ArrayList;
import java.util.List;

import io.xsk.kernel.LinuxIfXdp;

/**
 * The rules for the values of a {@link XdpSocketConfig}.
 */
final class ConfigRules {

	private final XdpSocketConfig config;

	private final int pageSize;

	private final List<Violation> violations = new ArrayList<>();

	ConfigRules(XdpSocketConfig config, int pageSize) {
		this.config = config;
		this.pageSize = pageSize;
	}

	List<Violation> violations() {
		boolean frames = frameSize();
		if (frames) {
			headroom();
		}
		else if (this.config.headroom() < 0) {
			add("headroom", this.config.headroom(), "must not be negative");
		}
		boolean rings = powerOfTwo("rx-ring-size", this.config.rxRingSize(), 1, XdpSocketConfig.MAX_RING_SIZE);
		rings &= powerOfTwo("tx-ring-size", this.config.txRingSize(), 1, XdpSocketConfig.MAX_RING_SIZE);
		rings &= powerOfTwo("fill-ring-size", this.config.fillRingSize(), 1, XdpSocketConfig.MAX_RING_SIZE);
		rings &= powerOfTwo("completion-ring-size", this.config.completionRingSize(), 1, XdpSocketConfig.MAX_RING_SIZE);
		if (rings) {
			enoughFrames();
		}
		else if (this.config.frameCount() < 1) {
			add("frame-count", this.config.frameCount(), "must be at least 1");
		}
		if (frames) {
			umem();
		}
		if (this.config.bindTimeout().isNegative()) {
			add("bind-timeout", this.config.bindTimeout(), "must not be negative; 0s tries once");
		}
		return List.copyOf(this.violations);
	}

	private boolean frameSize() {
		return powerOfTwo("frame-size", this.config.frameSize(), LinuxIfXdp.XDP_UMEM_MIN_CHUNK_SIZE, this.pageSize);
	}

	/**
	 * The kernel's own bound is lower and differs between versions: bind's answer
	 * explains it.
	 */
	private void headroom() {
		int most = this.config.frameSize() - LinuxIfXdp.XDP_PACKET_HEADROOM;
		if (this.config.headroom() < 0 || this.config.headroom() > most) {
			add("headroom", this.config.headroom(),
					"must be from 0 to %d: the frame size of %d less the %d bytes that the kernel keeps for itself"
						.formatted(most, this.config.frameSize(), LinuxIfXdp.XDP_PACKET_HEADROOM));
		}
	}

	private void enoughFrames() {
		int fill = this.config.direction().receives() ? this.config.fillRingSize() : 0;
		int tx = this.config.direction().sends() ? this.config.txRingSize() : 0;
		if (this.config.frameCount() < fill + tx) {
			add("frame-count", this.config.frameCount(),
					"must be at least %d: the fill ring takes %d frames and the TX ring %d; or choose smaller rings"
						.formatted(fill + tx, fill, tx));
		}
	}

	private void umem() {
		long bytes = this.config.umemBytes();
		if (bytes > Integer.MAX_VALUE) {
			long hugePages = this.config.hugePages() ? XdpSocketConfig.HUGE_PAGE_SIZE : this.config.frameSize();
			long most = Integer.MAX_VALUE / hugePages * hugePages / this.config.frameSize();
			add("frame-count", this.config.frameCount(),
					"must be at most %d: a UMEM stays below 2 GiB, and this one has %d bytes (frame-size %d)"
						.formatted(most, bytes, this.config.frameSize()));
		}
	}

	private boolean powerOfTwo(String field, int value, int least, int most) {
		if (Integer.bitCount(value) == 1 && value >= least && value <= most) {
			return true;
		}
		add(field, value, "must be a power of two from %d to %d; the nearest is %d".formatted(least, most,
				nearest(value, least, most)));
		return false;
	}

	private static int nearest(int value, int least, int most) {
		if (value <= least) {
			return least;
		}
		if (value >= most) {
			return most;
		}
		int below = Integer.highestOneBit(value);
		return (value - below < 2L * below - value) ? below : Math.min(2 * below, most);
	}

	private void add(String field, Object value, String reason) {
		this.violations.add(new Violation(field, value, reason));
	}

}
