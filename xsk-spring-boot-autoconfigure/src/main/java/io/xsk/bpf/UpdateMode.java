package io.xsk.bpf;

import io.xsk.kernel.LinuxBpf;

/**
 * What an update of an XSKMAP's slot does with what the slot holds already
 * ({@code BPF_ANY}, {@code BPF_NOEXIST} and {@code BPF_EXIST} in {@code linux/bpf.h}). A
 * slot that holds the same socket already is left as it is in every mode, without an
 * error.
 *
 * @since 0.1.0
 */
public enum UpdateMode {

	/** Fill an empty slot, replace another socket. */
	ANY(LinuxBpf.BPF_ANY, "BPF_ANY"),

	/** Fill an empty slot, fail with EEXIST where another socket is. */
	NO_EXIST(LinuxBpf.BPF_NOEXIST, "BPF_NOEXIST"),

	/** Replace another socket, fail with ENOENT where the slot is empty. */
	EXIST(LinuxBpf.BPF_EXIST, "BPF_EXIST");

	private final int flags;

	private final String symbol;

	UpdateMode(int flags, String symbol) {
		this.flags = flags;
		this.symbol = symbol;
	}

	int flags() {
		return this.flags;
	}

	String symbol() {
		return this.symbol;
	}

}
