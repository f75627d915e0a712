package io.xsk.bpf;

/**
 * How much an instruction loads; the rest of the register becomes zero.
 */
enum Size {

	/** 8 bits. */
	BYTE(0x10),

	/** 16 bits in the machine's byte order. */
	HALF(0x08),

	/** 32 bits in the machine's byte order. */
	WORD(0x00);

	private final int code;

	Size(int code) {
		this.code = code;
	}

	int code() {
		return this.code;
	}

}
