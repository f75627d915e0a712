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
	@ValueSource(strings = { "", "a", "1,", "-1", "1-", "1-2-3" })
	void refusesAnythingElse(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> CpuList.parse(text))
			.withMessageContaining("neither a CPU number nor a range of them");
	}

	@ParameterizedTest
	@ValueSource(strings = { "3-2 | runs backwards; write 2-3", "8192 | goes from 0 to 8191",
			"0-9000 | a CPU number goes from 0 to 8191" })
	void refusesARangeThatCannotBe(String textAndReason) {
		String[] parts = textAndReason.split(" \\| ");
		assertThatIllegalArgumentException().isThrownBy(() -> CpuList.parse(parts[0])).withMessageContaining(parts[1]);
	}

}
