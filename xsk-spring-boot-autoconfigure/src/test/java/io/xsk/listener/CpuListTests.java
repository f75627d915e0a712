package io.xsk.listener;

import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link CpuList}.
 */
class CpuListTests {

	@Test
	void givesOutItsCpusInTurn() {
		CpuList cpus = CpuList.parse(" 2 - 4,9,0");
		assertThat(IntStream.range(0, 7).map(cpus::cpu)).containsExactly(2, 3, 4, 9, 0, 2, 3);
		assertThat(cpus).hasToString("2,3,4,9,0")
			.isEqualTo(CpuList.parse("2-4,9,0"))
			.hasSameHashCodeAs(CpuList.parse("2-4,9,0"))
			.isNotEqualTo(CpuList.parse("0,2-4,9"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a", "1,", "-1", "1-", "1-2-3", "12345" })
	void refusesAnythingElse(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> CpuList.parse(text))
			.withMessageContaining("neither a CPU number nor a range of them");
	}

	@ParameterizedTest
	@ValueSource(strings = { "3-2", "8192", "0-9000" })
	void refusesARangeThatCannotBe(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> CpuList.parse(text))
			.withMessageContaining("runs backwards, or past CPU 8191");
	}

}
