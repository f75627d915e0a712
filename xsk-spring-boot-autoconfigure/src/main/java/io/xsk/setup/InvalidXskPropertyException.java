package io.xsk.setup;

import io.xsk.XskException;
import org.jspecify.annotations.Nullable;

/**
 * A property of the configuration has a value that cannot work, or is missing.
 *
 * @since 0.1.0
 */
public class InvalidXskPropertyException extends XskException {

	private final String property;

	private final @Nullable Object value;

	/**
	 * Create an exception.
	 * @param property the full name of the property as in {@code application.yml},
	 * {@code xsk.sockets.dns.queues} for example
	 * @param value its value, {@code null} when it is missing
	 * @param action what is allowed, and the nearest right value where there is one
	 */
	public InvalidXskPropertyException(String property, @Nullable Object value, String action) {
		super(describe(property, value), action);
		this.property = property;
		this.value = value;
	}

	/**
	 * Say what is wrong with a property.
	 * @param property its full name
	 * @param value its value, {@code null} when it is missing
	 * @return a sentence
	 */
	public static String describe(String property, @Nullable Object value) {
		return (value != null) ? "Property '%s' must not be '%s'.".formatted(property, value)
				: "Property '%s' is missing.".formatted(property);
	}

	/**
	 * Return the name of the property.
	 * @return the full name, in kebab-case
	 */
	public String getProperty() {
		return this.property;
	}

	/**
	 * Return the value of the property.
	 * @return the value, {@code null} when it is missing
	 */
	public @Nullable Object getValue() {
		return this.value;
	}

}
