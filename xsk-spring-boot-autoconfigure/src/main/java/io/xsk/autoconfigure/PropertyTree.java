package io.xsk.autoconfigure;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.Name;

/**
 * The names of all properties under {@code xsk}, nested as the records of
 * {@link XskProperties} are.
 */
final class PropertyTree {

	static final String ROOT = "xsk";

	private PropertyTree() {
	}

	/** The names at the top, below {@code xsk}. */
	static Collection<String> top() {
		return children(XskProperties.class).keySet();
	}

	/**
	 * Find where a property leaves the tree. Its elements are those below {@code xsk}.
	 */
	static @Nullable Unknown find(List<String> elements, boolean joins) {
		return find(XskProperties.class, elements, ROOT, joins, false);
	}

	private static @Nullable Unknown find(Type type, List<String> elements, String level, boolean joins,
			boolean belowKey) {
		if (elements.isEmpty()) {
			return null;
		}
		String first = elements.get(0);
		List<String> rest = elements.subList(1, elements.size());
		if (type instanceof Class<?> record && record.isRecord()) {
			return find(children(record), elements, level, joins, belowKey);
		}
		if (isA(type, Map.class)) {
			return find(argument(type, 1), rest, level + "." + first, joins, true);
		}
		if (isA(type, List.class) && first.matches("\\d+")) {
			return find(argument(type, 0), rest, "%s[%s]".formatted(level, first), joins, false);
		}
		return new Unknown(level, first, List.of(), false);
	}

	private static @Nullable Unknown find(Map<String, Type> children, List<String> elements, String level,
			boolean joins, boolean belowKey) {
		for (int count = joins ? elements.size() : 1; count > 0; count--) {
			String name = uniform(String.join("", elements.subList(0, count)));
			for (Map.Entry<String, Type> child : children.entrySet()) {
				if (uniform(child.getKey()).equals(name)) {
					return find(child.getValue(), elements.subList(count, elements.size()),
							level + "." + child.getKey(), joins, false);
				}
			}
		}
		return new Unknown(level, elements.get(0), List.copyOf(children.keySet()), belowKey);
	}

	private static Map<String, Type> children(Class<?> type) {
		Map<String, Type> children = new LinkedHashMap<>();
		for (Field field : type.getDeclaredFields()) {
			if (!Modifier.isStatic(field.getModifiers())) {
				Name name = field.getAnnotation(Name.class);
				children.put((name != null) ? name.value() : DataObjectPropertyName.toDashedForm(field.getName()),
						field.getGenericType());
			}
		}
		return children;
	}

	private static boolean isA(Type type, Class<?> raw) {
		return type instanceof ParameterizedType parameterized && parameterized.getRawType() == raw;
	}

	private static Type argument(Type type, int index) {
		return ((ParameterizedType) type).getActualTypeArguments()[index];
	}

	/** What the binder compares: letters and digits in lower case. */
	static String uniform(String name) {
		return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
	}

	/**
	 * A name that nothing reads.
	 *
	 * @param level the level that does not have it
	 * @param name the name
	 * @param known the names that the level has
	 * @param belowKey whether the level is that of an interface or a socket
	 */
	record Unknown(String level, String name, List<String> known, boolean belowKey) {
	}

}
