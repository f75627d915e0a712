package io.xsk.kernel;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Errno}.
 */
class ErrnoTests {

	@Test
	void errorNumbersHaveTheirSymbols() {
		assertThat(Errno.symbol(1)).isEqualTo("EPERM");
		assertThat(Errno.symbol(16)).isEqualTo("EBUSY");
		assertThat(Errno.symbol(105)).isEqualTo("ENOBUFS");
		assertThat(Errno.symbol(132)).isEqualTo("ERFKILL");
	}

	@Test
	void aNumberWithoutASymbolStandsForItself() {
		assertThat(Errno.symbol(0)).isEqualTo("errno 0");
		assertThat(Errno.symbol(41)).isEqualTo("errno 41");
		assertThat(Errno.symbol(134)).isEqualTo("errno 134");
		assertThat(Errno.symbol(-1)).isEqualTo("errno -1");
		assertThat(Errno.symbol(Integer.MAX_VALUE)).isEqualTo("errno " + Integer.MAX_VALUE);
	}

	@Test
	void everyConstantHasItsNameAsSymbol() throws IllegalAccessException {
		for (Field field : Errno.class.getFields()) {
			assertThat(Errno.symbol(field.getInt(null))).isEqualTo(field.getName());
		}
	}

	@Test
	void symbolsAreThoseOfTheHeader() {
		Map<String, Long> header = CHeaders.of("errno.h")
			.values(CHeaders.of("errno.h").macros("E[A-Z0-9]+").toArray(String[]::new));
		Map<Long, String> symbols = header.entrySet()
			.stream()
			.filter((entry) -> entry.getValue() > 0)
			.filter((entry) -> !Stream.of("EWOULDBLOCK", "EDEADLOCK", "ENOTSUP").toList().contains(entry.getKey()))
			.collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));
		symbols.remove(133L, "EHWPOISON");
		assertThat(symbols).hasSizeGreaterThan(120);
		symbols.forEach((number, symbol) -> assertThat(Errno.symbol(number.intValue())).isEqualTo(symbol));
	}

}
