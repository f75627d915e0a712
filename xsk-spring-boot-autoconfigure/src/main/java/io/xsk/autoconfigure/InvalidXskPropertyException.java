package io.xsk.autoconfigure;

import io.xsk.XskException;
import org.jspecify.annotations.Nullable;

/**
 * A property has a value that cannot work.
 *
 * @since 0.1.0
 */
public class InvalidXskPropertyException extends XskException {

	private final String property;

	InvalidXskPropertyException(String property, @Nullable Object value, String allowed) {
		super((value != null) ? "Property '%s' must not be '%s'.".formatted(property, value)
				: "Property '%s' is missing.".formatted(property), allowed);
		this.property = property;
	}

	/**
	 * Return the name of the property.
	 * @return the full name, in kebab-case
	 */
	public String getProperty() {
		return this.property;
	}

}
