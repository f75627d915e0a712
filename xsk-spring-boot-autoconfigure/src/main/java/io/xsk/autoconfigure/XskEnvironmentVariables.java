package io.xsk.autoconfigure;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.xsk.Suggestion;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.context.properties.bind.Name;

/**
 * Finds environment variables that look like properties under {@code xsk} and are read by
 * nothing. The binder cannot refuse them, since the environment is shared with others; so
 * they are told in the log.
 */
final class XskEnvironmentVariables {

	private static final Log logger = LogFactory.getLog(XskEnvironmentVariables.class);

	/** Other names with the prefix may be anybody's: XSK_HOME. */
	private static final Pattern OURS = Pattern.compile("XSK_(INTERFACES|SOCKETS|LISTENER|ACTIVATION|TEMPLATE)_.*");

	private static final List<String> NAMES = names(XskProperties.class);

	private static final Pattern KNOWN = Pattern.compile("XSK_(" + String.join("|", NAMES) + ")(_\\d+(_.*)?)?");

	private XskEnvironmentVariables() {
	}

	static void check(Stream<String> variables) {
		variables.map((variable) -> variable.toUpperCase(Locale.ROOT))
			.filter((variable) -> OURS.matcher(variable).matches() && !KNOWN.matcher(variable).matches())
			.forEach((variable) -> logger
				.warn(Suggestion.among("The environment variable %s is read by nothing.".formatted(variable),
						variable.substring(variable.lastIndexOf('_') + 1), lastParts())));
	}

	private static List<String> lastParts() {
		return NAMES.stream().map((name) -> name.substring(name.lastIndexOf('_') + 1)).distinct().toList();
	}

	/**
	 * The names of all properties as environment variables have them, without the prefix.
	 */
	private static List<String> names(Class<?> type) {
		List<String> names = new ArrayList<>();
		for (RecordComponent component : type.getRecordComponents()) {
			String name = name(type, component);
			Class<?> nested = component.getType();
			if (type == XskProperties.class && name.equals("INTERFACES")) {
				names(XskProperties.Interface.class).forEach((inner) -> names.add(name + "_.+_" + inner));
			}
			else if (type == XskProperties.class && name.equals("SOCKETS")) {
				names(XskProperties.Socket.class).forEach((inner) -> names.add(name + "_.+_" + inner));
			}
			else if (nested.isRecord()) {
				names(nested).forEach((inner) -> names.add(name + "_" + inner));
			}
			else {
				names.add(name);
			}
		}
		return names;
	}

	private static String name(Class<?> type, RecordComponent component) {
		try {
			Name name = type.getDeclaredField(component.getName()).getAnnotation(Name.class);
			return ((name != null) ? name.value() : component.getName()).toUpperCase(Locale.ROOT).replace("-", "");
		}
		catch (NoSuchFieldException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
