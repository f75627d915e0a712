package io.xsk.socket;

/**
 * A value that breaks a rule.
 *
 * @param field its name as in {@code application.yml}, {@code rx-ring-size} for example
 * @param value the value
 * @param reason what is allowed, and the nearest right value where there is one
 * @since 0.1.0
 */
public record Violation(String field, Object value, String reason) {

	@Override
	public String toString() {
		return this.field + "=" + this.value + ": " + this.reason;
	}

}
