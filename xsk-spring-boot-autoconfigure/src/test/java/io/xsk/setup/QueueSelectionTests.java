package io.xsk.setup;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link QueueSelection}.
 */
class QueueSelectionTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			0           | 0
			0-3,7       | 0-3,7
			7, 0 - 3    | 0-3,7
			1,0         | 0-1
			0-2,1-4     | 0-4
			65535       | 65535
			ALL         | all
			""")
	void readsWhatStandsInTheConfiguration(String text, String canonical) {
		assertThat(QueueSelection.parse(text)).hasToString(canonical);
		assertThat(QueueSelection.parse(canonical)).isEqualTo(QueueSelection.parse(text));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "-1", "0-", "-", "3-0", "a", "0;1", "0,,1", "0x1", "1.5", "0-1-2", "none" })
	void refusesAMalformedRange(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> QueueSelection.parse(text));
	}

	@ParameterizedTest
	@ValueSource(strings = { "65536", "0-65536", "999999999", "9999999999" })
	void refusesAQueueThatBindWouldCutTo16Bits(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> QueueSelection.parse(text));
	}

	@Test
	void refusesANegativeQueueAndNoQueue() {
		assertThatIllegalArgumentException().isThrownBy(() -> QueueSelection.of(-1))
			.withMessageContaining("0 to 65535");
		assertThatIllegalArgumentException().isThrownBy(QueueSelection::of).withMessageContaining("all");
	}

	@Test
	void allFollowsTheInterface() {
		assertThat(QueueSelection.all().select(3)).containsExactly(0, 1, 2);
		assertThat(QueueSelection.parse("1,9").select(3)).containsExactly(1, 9);
	}

	@Test
	void overlapIsFoundWithoutKnowingTheInterface() {
		QueueSelection some = QueueSelection.parse("0-3");
		assertThat(some.overlap(QueueSelection.parse("3-5"))).isEqualTo(List.of(3));
		assertThat(some.overlap(QueueSelection.parse("4-5"))).isEmpty();
		assertThat(some.overlap(QueueSelection.all())).containsExactly(0, 1, 2, 3);
		assertThat(QueueSelection.all().overlap(some)).containsExactly(0, 1, 2, 3);
		assertThat(QueueSelection.all().overlap(QueueSelection.all())).isNotEmpty();
	}

}
