package io.xsk.bpf.asm;

import io.xsk.XskException;

/**
 * A program is so large that a jump does not reach its label.
 *
 * @since 0.1.0
 */
public final class LabelTooFarException extends XskException {

	LabelTooFarException(String label, int distance, int reach) {
		super("Label '%s' is %d instructions away, and a jump reaches %d.".formatted(label, distance, reach),
				"Make the program smaller.");
	}

}
