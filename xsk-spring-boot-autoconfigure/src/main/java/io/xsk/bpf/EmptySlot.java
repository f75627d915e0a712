package io.xsk.bpf;

import io.xsk.kernel.LinuxBpf;

/**
 * What happens to a packet that a rule redirects, when its RX queue has no socket.
 *
 * @since 0.1.0
 */
public enum EmptySlot {

	/** It goes on to the kernel. */
	PASS(LinuxBpf.XDP_PASS),

	/** It is dropped. */
	DROP(LinuxBpf.XDP_DROP);

	private final int verdict;

	EmptySlot(int verdict) {
		this.verdict = verdict;
	}

	int verdict() {
		return this.verdict;
	}

}
