package io.xsk.bpf.asm;

/**
 * A place in a program that jumps lead to.
 *
 * @since 0.1.0
 */
public final class Label {

	private static final int UNBOUND = -1;

	private final String name;

	private int position = UNBOUND;

	private boolean used;

	/** The registers that are defined on every way here, as bits. */
	private int defined = -1;

	Label(String name) {
		this.name = name;
	}

	// Note a jump from a place where these registers are defined
	void jumpedToWith(int definedThere) {
		if (isBound()) {
			throw new IllegalStateException("Label '" + this.name + "' lies behind: jumps lead forward only");
		}
		this.used = true;
		this.defined &= definedThere;
	}

	void bind(int instruction) {
		if (isBound()) {
			throw new IllegalStateException("Label '" + this.name + "' is bound twice");
		}
		this.position = instruction;
	}

	/**
	 * Return whether something jumps here.
	 * @return whether there is such an instruction so far
	 */
	public boolean isUsed() {
		return this.used;
	}

	int position() {
		return this.position;
	}

	int defined() {
		return this.defined;
	}

	// Return how far to jump from an instruction to get here
	int distanceFrom(int instruction) {
		if (!isBound()) {
			throw new IllegalStateException("Label '" + this.name + "' is never bound");
		}
		int distance = this.position - instruction - 1;
		if (distance > Short.MAX_VALUE) {
			throw new LabelTooFarException(this.name, distance, Short.MAX_VALUE);
		}
		return distance;
	}

	private boolean isBound() {
		return this.position != UNBOUND;
	}

	@Override
	public String toString() {
		return this.name;
	}

}
