package io.xsk.bpf.asm;

/**
 * The registers of eBPF ({@code Documentation/bpf/standardization/instruction-set.rst}).
 *
 * @since 0.1.0
 */
public enum Register {

	/** The return value. */
	R0,

	/** The first argument, on entry the context; lost by a call, as all up to R5. */
	R1,

	/** The second argument. */
	R2,

	/** The third argument. */
	R3,

	/** The fourth argument. */
	R4,

	/** The fifth argument. */
	R5,

	/** Kept by calls, as all up to R9. */
	R6,

	/** Kept by calls. */
	R7,

	/** Kept by calls. */
	R8,

	/** Kept by calls. */
	R9,

	/** The frame pointer, read-only. */
	R10;

	int bit() {
		return 1 << ordinal();
	}

}
