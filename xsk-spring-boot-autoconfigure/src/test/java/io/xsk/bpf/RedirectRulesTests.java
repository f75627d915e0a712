package io.xsk.bpf;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link RedirectRules}.
 */
class RedirectRulesTests {

	@Test
	void rangesAreSortedAndMerged() {
		RedirectRules rules = RedirectRules.udpPorts(PortRange.parse("9000-9100"), PortRange.of(53),
				PortRange.parse("9050-9060"), PortRange.of(9101), PortRange.of(55), PortRange.parse("9103-9104"));
		assertThat(rules.udpPorts()).containsExactly(PortRange.of(53), PortRange.of(55), PortRange.parse("9000-9101"),
				PortRange.parse("9103-9104"));
		assertThat(rules).hasToString("UDP ports 53, 55, 9000-9101, 9103-9104");
		assertThat(RedirectRules.udpPorts(PortRange.of(53))).hasToString("UDP port 53");
		assertThat(RedirectRules.udpPorts(PortRange.parse("53-54"))).hasToString("UDP ports 53-54");
		assertThat(rules.isAll()).isFalse();
	}

	@Test
	void theWholeRangeIsOneRange() {
		assertThat(RedirectRules.udpPorts(PortRange.parse("1-65535"), PortRange.of(65535), PortRange.of(1)).udpPorts())
			.containsExactly(new PortRange(1, 65535));
	}

	@Test
	void allStandsForEveryPacket() {
		assertThat(RedirectRules.all().isAll()).isTrue();
		assertThat(RedirectRules.all().udpPorts()).isEmpty();
		assertThat(RedirectRules.all()).hasToString("all packets");
	}

	@Test
	void anEmptySetOfPortsIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> RedirectRules.udpPorts(List.of()))
			.withMessageContaining("Name at least one");
		assertThatIllegalArgumentException().isThrownBy(() -> RedirectRules.udpPorts(new PortRange[0]));
	}

	@Test
	void rulesWithTheSameMeaningAreEqual() {
		assertThat(RedirectRules.udpPorts(PortRange.of(1), PortRange.of(2)))
			.isEqualTo(RedirectRules.udpPorts(new PortRange(1, 2)))
			.hasSameHashCodeAs(RedirectRules.udpPorts(new PortRange(1, 2)))
			.isNotEqualTo(RedirectRules.all())
			.isNotEqualTo(RedirectRules.udpPorts(PortRange.of(1)));
	}

}
