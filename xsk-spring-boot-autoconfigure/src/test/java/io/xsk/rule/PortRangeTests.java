package io.xsk.rule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link PortRange}.
 */
class PortRangeTests {

	@Test
	void aPortIsARangeOfOne() {
		assertThat(PortRange.parse("53")).isEqualTo(PortRange.of(53)).isEqualTo(new PortRange(53, 53));
		assertThat(PortRange.of(53)).hasToString("53");
	}

	@Test
	void aRangeIsReadAndWrittenTheSame() {
		assertThat(PortRange.parse("9000-9100")).isEqualTo(new PortRange(9000, 9100)).hasToString("9000-9100");
		assertThat(PortRange.parse(" 1 - 65535 ")).isEqualTo(new PortRange(1, 65535));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "dns", "53,54", "-", "53-", "-53", "1-2-3", "0x35", "5 3", "99999999999", "٣" })
	void somethingElseIsRefusedWithTheTextAndAnExample(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> PortRange.parse(text))
			.withMessage("'%s' is neither a port nor a range of them, as in 2-5", text.strip());
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "65536", "0-10", "10-65536" })
	void portsOutsideAreRefusedWithTheAllowedRange(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> PortRange.parse(text))
			.withMessage("a port goes from 1 to 65535, and '%s' does not", text);
	}

	@Test
	void aRangeThatRunsBackwardsIsRefusedWithTheRightOne() {
		assertThatIllegalArgumentException().isThrownBy(() -> PortRange.parse("9100-9000"))
			.withMessageContaining("runs backwards; write 9000-9100");
	}

}
