package io.xsk.kernel;

import io.xsk.XskException;
import org.jspecify.annotations.Nullable;

/**
 * The kernel cannot be called from here: another operating system, an unknown
 * architecture, or a native library that does not load.
 *
 * @since 0.1.0
 */
public class KernelUnavailableException extends XskException {

	/**
	 * Create an exception.
	 * @param description what is missing
	 * @param action how to get it
	 * @param cause what led to it, or {@code null}
	 */
	public KernelUnavailableException(String description, String action, @Nullable Throwable cause) {
		super(description, action, cause);
	}

}
