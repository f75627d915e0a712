package io.xsk.autoconfigure;

import java.io.IOException;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the README's table of properties has each property, no other, and the right
 * defaults. The metadata cannot be asked: it knows nothing below the key of a map.
 */
class ReadmeTests {

	private static final Path README = Path.of("..", "README.md");

	private static final Pattern ROW = Pattern.compile("\\| (`(?:xsk|management|…)[^|]*) \\| ([^|]*)\\| .*");

	private static final Pattern CODE = Pattern.compile("`([^`]*)`");

	/** A default that is another value, or said in words. */
	private static final String ANY = "*";

	@Test
	void theTableOfPropertiesIsComplete() throws IOException {
		Map<String, String> expected = new LinkedHashMap<>();
		addProperties("xsk", XskProperties.class, expected);
		expected.put("management.health.xsk.enabled", "`true`");
		Map<String, String> documented = table();
		assertThat(documented.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
		expected.forEach((property, defaultValue) -> {
			if (!defaultValue.equals(ANY)) {
				assertThat(documented.get(property)).as(property).isEqualTo(defaultValue);
			}
		});
	}

	private static Map<String, String> table() throws IOException {
		Map<String, String> table = new LinkedHashMap<>();
		String entry = "";
		for (String line : Files.readAllLines(README)) {
			Matcher row = ROW.matcher(line);
			if (!row.matches()) {
				continue;
			}
			String first = null;
			for (String written : codes(row.group(1))) {
				String property = name(entry, first, written);
				first = (first != null) ? first : property;
				entry = property.contains(">") ? property.substring(0, property.indexOf('>') + 2) : entry;
				table.put(property, row.group(2).strip());
			}
		}
		return table;
	}

	/** {@code ….x} is below the entry, {@code tx-} and {@code y} are beside the first. */
	private static String name(String entry, String first, String written) {
		if (written.startsWith("….")) {
			return entry + written.substring(2);
		}
		if (first == null) {
			return written;
		}
		if (written.contains(".")) {
			return entry + written;
		}
		String level = first.substring(0, first.lastIndexOf('.') + 1);
		return written.endsWith("-") ? level + written + first.substring(first.indexOf('-', level.length()) + 1)
				: level + written;
	}

	private static List<String> codes(String cell) {
		List<String> codes = new ArrayList<>();
		Matcher matcher = CODE.matcher(cell);
		while (matcher.find()) {
			codes.add(matcher.group(1));
		}
		return codes;
	}

	private static void addProperties(String prefix, Class<?> type, Map<String, String> properties) {
		for (Parameter parameter : type.getDeclaredConstructors()[0].getParameters()) {
			Name name = parameter.getAnnotation(Name.class);
			String property = prefix + "."
					+ ((name != null) ? name.value() : DataObjectPropertyName.toDashedForm(parameter.getName()));
			if (parameter.getType().isRecord()) {
				addProperties(property, parameter.getType(), properties);
			}
			else if (parameter.getType() == Map.class) {
				Type entry = ((ParameterizedType) parameter.getParameterizedType()).getActualTypeArguments()[1];
				addProperties(property + (property.endsWith("interfaces") ? ".<key>" : ".<name>"), (Class<?>) entry,
						properties);
			}
			else {
				properties.put(property, defaultValue(parameter));
			}
		}
	}

	private static String defaultValue(Parameter parameter) {
		DefaultValue defaultValue = parameter.getAnnotation(DefaultValue.class);
		if (defaultValue == null) {
			return ANY;
		}
		return (defaultValue.value().length == 0) ? "" : "`%s`".formatted(defaultValue.value()[0]);
	}

}
