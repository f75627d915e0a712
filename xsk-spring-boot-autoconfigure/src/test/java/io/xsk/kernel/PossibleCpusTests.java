package io.xsk.kernel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PossibleCpus}.
 */
class PossibleCpusTests {

	@ParameterizedTest
	@CsvSource(delimiter = ';', value = { "0;1", "0-3;4", "0,2-3;3", "0-1,4-5,7;5", "0-127;128" })
	void listsAreCounted(String list, int count) {
		assertThat(PossibleCpus.count(list + "\n")).isEqualTo(count);
	}

	@Test
	void thereAreAtLeastAsManyAsTheJvmMayUse() {
		assertThat(PossibleCpus.count()).isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());
	}

}
