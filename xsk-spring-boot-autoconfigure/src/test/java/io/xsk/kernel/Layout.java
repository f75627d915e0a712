package io.xsk.kernel;

import java.lang.reflect.Field;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds the constants of a class against what a C compiler makes of the headers. The
 * constants of a struct start with its prefix; all that no struct claims must bear the
 * name of a C constant.
 */
final class Layout {

	private static final Pattern OFFSETS = Pattern.compile("(SOCKADDR_XDP|XDP_UMEM_REG|XDP_MMAP_OFFSETS"
			+ "|XDP_RING_OFFSET|XDP_DESC|XDP_STATISTICS|MAP_CREATE|MAP_ELEM|MAP_BATCH|PROG_LOAD|OBJ|INFO|LINK_CREATE|LINK_UPDATE|LINK_DETACH"
			+ "|TEST_RUN|XDP_MD|MAP_INFO|PROG_INFO|LINK_INFO|POLLFD)_.*|BPF_ATTR_SIZE");

	private final Class<?> constants;

	private final CHeaders headers;

	private final Map<String, String> aliases = new LinkedHashMap<>();

	Layout(Class<?> constants, CHeaders headers) {
		this.constants = constants;
		this.headers = headers;
	}

	Struct struct(String prefix, String type) {
		return new Struct(prefix, type);
	}

	/** A constant that stands for an expression. */
	Layout alias(String constant, String expression) {
		this.aliases.put(constant, expression);
		return this;
	}

	void everyOtherConstantIsOfTheSameName() {
		Map<String, String> expressions = new LinkedHashMap<>();
		for (Field field : this.constants.getFields()) {
			if (!OFFSETS.matcher(field.getName()).matches()) {
				expressions.put(field.getName(), this.aliases.getOrDefault(field.getName(), field.getName()));
			}
		}
		assertThat(expressions).isNotEmpty();
		compare(expressions);
	}

	private void compare(Map<String, String> expressions) {
		Map<String, Long> header = this.headers.values(expressions.values().stream().distinct().toArray(String[]::new));
		expressions.forEach((constant, expression) -> assertThat(value(constant)).as("%s = %s", constant, expression)
			.isEqualTo(header.get(expression)));
	}

	private long value(String constant) {
		try {
			return this.constants.getField(constant).getLong(null);
		}
		catch (ReflectiveOperationException ex) {
			throw new AssertionError(ex);
		}
	}

	/** One struct or union. */
	final class Struct {

		private final String prefix;

		private final String type;

		private final Map<String, String> expressions = new LinkedHashMap<>();

		private boolean grows;

		private Struct(String prefix, String type) {
			this.prefix = prefix;
			this.type = type;
		}

		Struct field(String name, String field) {
			this.expressions.put(this.prefix + "_" + name, "offsetof(%s, %s)".formatted(this.type, field));
			return this;
		}

		/** The end of a field, for a size that does not take in all of the union. */
		Struct end(String name, String field) {
			this.expressions.put(this.prefix + "_" + name,
					"offsetof(%s, %s) + sizeof(((%s *) 0)->%s)".formatted(this.type, field, this.type, field));
			return this;
		}

		/** Newer kernels have more fields. */
		Struct grows() {
			this.grows = true;
			return this;
		}

		/** No constant of the struct may be left out. */
		void check() {
			Set<String> unchecked = new HashSet<>();
			for (Field constant : Layout.this.constants.getFields()) {
				String name = constant.getName();
				if (name.startsWith(this.prefix + "_") && OFFSETS.matcher(name).matches()
						&& !this.expressions.containsKey(name)) {
					unchecked.add(name);
				}
			}
			String size = this.prefix + "_SIZE";
			if (unchecked.remove(size) && this.type.startsWith("struct ")) {
				checkSize(size);
			}
			assertThat(unchecked).as("constants of %s that no test names: add them there", this.type).isEmpty();
			compare(this.expressions);
		}

		/**
		 * Of a struct that grows with the kernel, the size is that up to what is read.
		 */
		private void checkSize(String size) {
			this.expressions.keySet().forEach((field) -> assertThat(value(field)).as(field).isLessThan(value(size)));
			if (!this.grows) {
				compare(Map.of(size, "sizeof(%s)".formatted(this.type)));
			}
		}

	}

}
