package io.xsk.autoconfigure;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.xsk.Suggestion;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Finds entries under {@code xsk} that the binder drops or bends without a word: keys
 * that it takes apart at a dot or strips of characters, and empty entries. Knows the
 * names that are read.
 */
final class XskPropertyNames {

	private static final Pattern ENTRY = Pattern
		.compile("xsk\\.(interfaces|sockets)(?:\\.|(?=\\[))(\\[[^]]*]|[^.\\[]*)(.*)");

	private static final Pattern KEY = Pattern.compile("[A-Za-z0-9-]+");

	private XskPropertyNames() {
	}

	static void check(Environment environment) {
		if (environment instanceof ConfigurableEnvironment configurable) {
			for (PropertySource<?> source : configurable.getPropertySources()) {
				if (source instanceof SystemEnvironmentPropertySource variables) {
					XskEnvironmentVariables.check(Stream.of(variables.getPropertyNames()));
				}
				else if (source instanceof EnumerablePropertySource<?> enumerable) {
					Stream.of(enumerable.getPropertyNames()).forEach((name) -> checkEntry(name, source));
				}
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
			throw new InvalidXskPropertyException("xsk." + matcher.group(1), key, keyAdvice());
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

	/** The nearest name that something reads, for people. */
	static String advice(String name) {
		String advice = Suggestion.among("Nothing reads it.", name.substring(name.lastIndexOf('.') + 1), names());
		return ENTRY.matcher(name).matches() ? advice + " Was it to be a part of the key? " + keyAdvice() : advice;
	}

	private static Collection<String> names() {
		List<String> names = new ArrayList<>();
		Stream
			.of(XskProperties.class, XskProperties.Interface.class, XskProperties.Redirect.class,
					XskProperties.Rule.class, XskProperties.Program.class, XskProperties.XskMap.class,
					XskProperties.Socket.class, XskProperties.BusyPoll.class, XskProperties.SocketListener.class,
					XskProperties.Activation.class, XskProperties.Listener.class, XskProperties.Template.class)
			.forEach((type) -> names.addAll(names(type).toList()));
		return names;
	}

	private static Stream<String> names(Class<?> type) {
		return Stream.of(type.getDeclaredFields()).map(XskPropertyNames::name);
	}

	private static String name(Field field) {
		Name name = field.getAnnotation(Name.class);
		return (name != null) ? name.value() : DataObjectPropertyName.toDashedForm(field.getName());
	}

}
