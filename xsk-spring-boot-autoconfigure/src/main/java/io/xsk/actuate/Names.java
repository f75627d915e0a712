package io.xsk.actuate;

import java.util.Locale;

/**
 * Writes enum constants as Spring Boot writes them: in lower case, with hyphens.
 */
final class Names {

	private Names() {
	}

	static String of(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
