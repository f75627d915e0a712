package io.xsk.bpf.asm;

/**
 * Which registers have a value at the next instruction, and whether that can be reached:
 * what the verifier would refuse is found when it is written.
 */
final class RegisterUse {

	private static final int STACK_SIZE = 512;

	/** Registers that a helper takes as arguments and leaves undefined. */
	private static final int CALLER_SAVED = 0b111110;

	private static final int ALL = -1;

	/** As bits. */
	private int defined = Register.R1.bit() | Register.R10.bit();

	private boolean reachable = true;

	void read(Register register) {
		requireReachable();
		if ((this.defined & register.bit()) == 0) {
			throw new IllegalStateException(register + " is read before it is written");
		}
	}

	void write(Register register) {
		requireReachable();
		if (register == Register.R10) {
			throw new IllegalArgumentException("R10 is read-only");
		}
		this.defined |= register.bit();
	}

	void requireReachable() {
		if (!this.reachable) {
			throw new IllegalStateException("Nothing leads to this instruction: bind a label that was jumped to");
		}
	}

	void jumpTo(Label label) {
		requireReachable();
		label.jumpedToWith(this.defined);
	}

	/** A helper returned. */
	void called() {
		this.defined = this.defined & ~CALLER_SAVED | Register.R0.bit();
	}

	/** A label is bound here. */
	void bound(Label label) {
		this.defined = (this.reachable ? this.defined : ALL) & label.defined();
		this.reachable |= label.isUsed();
	}

	/** Nothing follows the last instruction. */
	void left() {
		this.reachable = false;
	}

	boolean isReachable() {
		return this.reachable;
	}

	static void requireOffset(Size size, Register address, int offset) {
		if (offset != (short) offset) {
			throw new IllegalArgumentException("Offset " + offset + " does not fit into 16 bits");
		}
		if (address == Register.R10 && (offset < -STACK_SIZE || offset + size.bytes() > 0)) {
			throw new IllegalArgumentException(
					"Offset %d is outside the stack of %d bytes".formatted(offset, STACK_SIZE));
		}
		if (address == Register.R10 && offset % size.bytes() != 0) {
			throw new IllegalArgumentException("Offset %d is not aligned for %d bytes".formatted(offset, size.bytes()));
		}
	}

}
