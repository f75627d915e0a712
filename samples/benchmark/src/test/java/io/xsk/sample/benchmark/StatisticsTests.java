package io.xsk.sample.benchmark;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Statistics}.
 */
class StatisticsTests {

	@Test
	void medianAndQuartilesDoNotDependOnTheOrder() {
		assertThat(Statistics.of(5, 1, 4, 2, 3)).isEqualTo(new Statistics(3, 2, 4));
	}

	@Test
	void quartilesLieBetweenRuns() {
		assertThat(Statistics.of(1, 2, 3, 4)).isEqualTo(new Statistics(2.5, 1.75, 3.25));
	}

	@Test
	void noRunIsNoStatistics() {
		assertThatIllegalArgumentException().isThrownBy(Statistics::of);
	}

}
