package io.xsk.bpf.asm;

/**
 * When a conditional jump jumps; without a sign where its name names none.
 *
 * @since 0.1.0
 */
public enum Condition {

	/** The two are equal. */
	EQUAL(0x10),

	/** The two are not equal. */
	NOT_EQUAL(0x50),

	/** The left one is greater. */
	GREATER(0x20),

	/** The left one is greater, or they are equal. */
	GREATER_OR_EQUAL(0x30),

	/** The left one is less. */
	LESS(0xa0),

	/** They have a bit in common. */
	ANY_BIT(0x40),

	/** The left one is less, both with a sign. */
	SIGNED_LESS(0xc0);

	private final int code;

	Condition(int code) {
		this.code = code;
	}

	int code() {
		return this.code;
	}

}
