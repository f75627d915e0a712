package io.xsk.bpf.asm;

/**
 * How much an instruction loads or stores; the rest of a loaded register becomes zero.
 *
 * @since 0.1.0
 */
public enum Size {

	/** 8 bits. */
	BYTE(0x10),

	/** 16 bits in the machine's byte order. */
	HALF(0x08),

	/** 32 bits in the machine's byte order. */
	WORD(0x00),

	/** 64 bits in the machine's byte order. */
	DOUBLE(0x18);

	private final int code;

	Size(int code) {
		this.code = code;
	}

	int bytes() {
		return switch (this) {
			case BYTE -> Byte.BYTES;
			case HALF -> Short.BYTES;
			case WORD -> Integer.BYTES;
			case DOUBLE -> Long.BYTES;
		};
	}

	int code() {
		return this.code;
	}

}
