package io.xsk.autoconfigure;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.xsk.Suggestion;
import io.xsk.autoconfigure.PropertyTree.Unknown;
import io.xsk.setup.InvalidXskPropertyException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Finds names under {@code xsk} that the binder drops or bends without a word: keys that
 * it takes apart at a dot or strips of characters, empty entries, and what nothing reads
 * among environment variables and system properties. These are shared with others, so
 * that the binder does not refuse them, and are told in the log.
 */
final class XskPropertyNames {

	private static final Log logger = LogFactory.getLog(XskPropertyNames.class);

	private static final Pattern ENTRY = Pattern
		.compile("xsk\\.(interfaces|sockets)(?:\\.|(?=\\[))(\\[[^]]*]|[^.\\[]*)(.*)");

	private static final Pattern KEY = Pattern.compile("[A-Za-z0-9-]+");

	private static final String PREFIX = PropertyTree.ROOT + ".";

	private static final String VARIABLE_PREFIX = "XSK_";

	private XskPropertyNames() {
	}

	static void check(Environment environment) {
		if (environment instanceof ConfigurableEnvironment configurable) {
			for (PropertySource<?> source : configurable.getPropertySources()) {
				if (source instanceof EnumerablePropertySource<?> enumerable) {
					Stream.of(enumerable.getPropertyNames()).forEach((name) -> check(name, source));
				}
			}
		}
	}

	private static void check(String name, PropertySource<?> source) {
		if (source instanceof SystemEnvironmentPropertySource) {
			// a key in it is letters and digits anyway
			checkVariable(name.toUpperCase(Locale.ROOT));
			return;
		}
		checkEntry(name, source);
		if (source.getName().equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME)
				&& name.startsWith(PREFIX)) {
			Unknown unknown = find(ConfigurationPropertyName.adapt(name, '.'));
			if (unknown != null) {
				logger.warn("The system property %s is set. %s".formatted(name, advice(unknown)));
			}
		}
	}

	private static void checkEntry(String name, PropertySource<?> source) {
		Matcher matcher = ENTRY.matcher(name);
		if (!matcher.matches()) {
			return;
		}
		String key = matcher.group(2).replaceAll("[\\[\\]]", "");
		if (!KEY.matcher(key).matches()) {
			throw new InvalidXskPropertyException(PREFIX + matcher.group(1), key, keyAdvice());
		}
		if (matcher.group(3).isEmpty()) {
			throw new InvalidXskPropertyException(name, source.getProperty(name),
					"The entry is empty: give it properties of its own, or remove it.");
		}
	}

	private static String keyAdvice() {
		return "A key consists of letters, digits and '-' alone. Choose such a key, as in 'wan', and write the kernel's"
				+ " name into 'name' below it, where it may hold dots, placeholders and anything else.";
	}

	private static void checkVariable(String variable) {
		if (!variable.startsWith(VARIABLE_PREFIX)) {
			return;
		}
		List<String> elements = List.of(variable.substring(VARIABLE_PREFIX.length()).split("_"));
		Unknown unknown = PropertyTree.find(elements, true);
		if (unknown != null && isMeantForUs(unknown)) {
			logger.warn("The environment variable %s is set. %s".formatted(variable,
					Suggestion.among("Nothing reads it.", unknown.name(), variables(unknown.known()))));
		}
	}

	/** With another beginning it may be anybody's: {@code XSK_HOME}. */
	private static boolean isMeantForUs(Unknown unknown) {
		return !unknown.level().equals(PropertyTree.ROOT)
				|| variables(unknown.known()).stream().anyMatch((top) -> Suggestion.isNear(unknown.name(), top));
	}

	private static Collection<String> variables(Collection<String> names) {
		return names.stream().map((name) -> PropertyTree.uniform(name).toUpperCase(Locale.ROOT)).toList();
	}

	private static @Nullable Unknown find(ConfigurationPropertyName name) {
		return PropertyTree.find(IntStream.range(1, name.getNumberOfElements())
			.mapToObj((index) -> name.getElement(index, Form.UNIFORM))
			.toList(), false);
	}

	/** What to do about a property that nothing reads. */
	static String advice(ConfigurationPropertyName name) {
		Unknown unknown = find(name);
		return (unknown != null) ? advice(unknown) : "Nothing reads it: remove it.";
	}

	private static String advice(Unknown unknown) {
		if (unknown.known().isEmpty()) {
			return "Nothing reads it: '%s' has a value, and nothing below it.".formatted(unknown.level());
		}
		String advice = Suggestion.among(
				"Nothing under '%s' is called '%s'.".formatted(unknown.level(), unknown.name()), unknown.name(),
				unknown.known());
		return unknown.belowKey() ? advice + " Was it to be a part of the key? " + keyAdvice() : advice;
	}

}
