package io.xsk;

import org.jspecify.annotations.Nullable;

/**
 * Root of everything that goes wrong with an XSK, its XSKMAP or its XDP program. Says
 * what happened and, separately, what its reader can do about it.
 *
 * @since 0.1.0
 */
public class XskException extends RuntimeException {

	private final String description;

	private final String action;

	/**
	 * Create an exception without a cause.
	 * @param description what happened, with the values that were involved
	 * @param action the next step: a command, a setting or a permission that mends it
	 */
	public XskException(String description, String action) {
		this(description, action, null);
	}

	/**
	 * Create an exception.
	 * @param description what happened, with the values that were involved
	 * @param action the next step: a command, a setting or a permission that mends it
	 * @param cause what led to it, or {@code null}
	 */
	public XskException(String description, String action, @Nullable Throwable cause) {
		super(description + " " + action, cause);
		this.description = description;
		this.action = action;
	}

	/**
	 * Return what happened.
	 * @return the first half of the message
	 */
	public final String getDescription() {
		return this.description;
	}

	/**
	 * Return what the reader can do about it.
	 * @return the second half of the message
	 */
	public final String getAction() {
		return this.action;
	}

}
