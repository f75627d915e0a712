package io.xsk.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.xsk.test.Commands;
import io.xsk.test.TemporaryDirectory;
import org.junit.jupiter.api.Assumptions;

/**
 * Asks the C compiler for what the headers of this machine say. Tests that ask are
 * skipped where there is no compiler.
 */
final class CHeaders {

	private final String includes;

	private CHeaders(String includes) {
		this.includes = includes;
	}

	static CHeaders of(String... headers) {
		Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")),
				"there is no /usr/bin/gcc to read the kernel's headers: install gcc and linux-libc-dev");
		StringBuilder includes = new StringBuilder("#include <stdio.h>\n#include <stddef.h>\n");
		for (String header : headers) {
			includes.append("#include <").append(header).append(">\n");
		}
		return new CHeaders(includes.toString());
	}

	/** Add a line, for what an older header does not have yet. */
	CHeaders with(String line) {
		return new CHeaders(this.includes + line + "\n");
	}

	/** The values of constant C expressions. */
	Map<String, Long> values(String... expressions) {
		StringBuilder program = new StringBuilder(this.includes).append("int main(void) {\n");
		for (String expression : expressions) {
			program.append("printf(\"%lld\\n\", (long long)(").append(expression).append("));\n");
		}
		List<String> lines = run(program.append("return 0;\n}\n").toString());
		Map<String, Long> values = new LinkedHashMap<>();
		for (int i = 0; i < expressions.length; i++) {
			values.put(expressions[i], Long.valueOf(lines.get(i)));
		}
		return values;
	}

	/** The names of the macros without arguments that the headers define. */
	List<String> macros(String pattern) {
		try (TemporaryDirectory directory = TemporaryDirectory.create()) {
			Path source = Files.writeString(directory.path().resolve("macros.c"), this.includes);
			return Commands.run("gcc", "-dM", "-E", source.toString())
				.lines()
				.map((line) -> line.split(" ")[1])
				.filter((name) -> name.matches(pattern))
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private List<String> run(String program) {
		try (TemporaryDirectory directory = TemporaryDirectory.create()) {
			Path source = Files.writeString(directory.path().resolve("values.c"), program);
			Path binary = directory.path().resolve("values");
			Commands.run("gcc", "-o", binary.toString(), source.toString());
			return Commands.run(binary.toString()).lines().toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
