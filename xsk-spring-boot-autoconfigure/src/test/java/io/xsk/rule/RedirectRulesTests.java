package io.xsk.rule;

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
		assertThat(rules.rules().get(0).udpPorts()).containsExactly(PortRange.of(53), PortRange.of(55),
				PortRange.parse("9000-9101"), PortRange.parse("9103-9104"));
		assertThat(rules).hasToString("UDP ports 53, 55, 9000-9101, 9103-9104");
		assertThat(RedirectRules.udpPorts(PortRange.of(53))).hasToString("UDP port 53");
		assertThat(RedirectRules.udpPorts(PortRange.parse("53-54"))).hasToString("UDP ports 53-54");
		assertThat(rules.isAll()).isFalse();
	}

	@Test
	void theWholeRangeIsOneRange() {
		assertThat(RedirectRules.udpPorts(PortRange.parse("1-65535"), PortRange.of(65535), PortRange.of(1))
			.rules()
			.get(0)
			.udpPorts()).containsExactly(new PortRange(1, 65535));
	}

	@Test
	void allStandsForEveryPacket() {
		assertThat(RedirectRules.all().isAll()).isTrue();
		assertThat(RedirectRules.all().rules()).isEmpty();
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

	@Test
	void exceptionsAreAskedFirst() {
		RedirectRules rules = RedirectRules.builder()
			.rule(RedirectRule.named("a").protocols(17).build())
			.rule(RedirectRule.named("b").protocols(6).except().build())
			.rule(RedirectRule.named("c").vlans(7).build())
			.rule(RedirectRule.named("d").vlans(8).except().build())
			.build();
		assertThat(rules.names()).containsExactly("b", "d", "a", "c");
		assertThat(rules.rules()).extracting(RedirectRule::name).containsExactly("a", "b", "c", "d");
		assertThat(rules).hasToString("4 rules: a (protocol 17), b (except protocol 6), c (VLAN 7), d (except VLAN 8)");
	}

	@Test
	void rulesThatRedirectNothingAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> RedirectRules.builder().build());
		RedirectRule except = RedirectRule.named("a").protocols(17).except().build();
		assertThatIllegalArgumentException().isThrownBy(() -> RedirectRules.builder().rule(except).build())
			.withMessageContaining("No rule redirects anything");
		RedirectRule rule = RedirectRule.named("a").protocols(17).build();
		assertThatIllegalArgumentException().isThrownBy(() -> RedirectRules.builder().rule(rule).rule(except).build())
			.withMessageContaining("Two rules are called 'a'");
	}

	@Test
	void fieldsOutsideTheirRangesAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> RedirectRule.named("a").build())
			.withMessageContaining("no field");
		assertThatIllegalArgumentException().isThrownBy(() -> RedirectRule.named(" ").protocols(1).build())
			.withMessageContaining("name");
		assertThatIllegalArgumentException().isThrownBy(() -> RedirectRule.named("a").protocols(256).build())
			.withMessageContaining("256");
		assertThatIllegalArgumentException().isThrownBy(() -> RedirectRule.named("a").vlans(-1).build())
			.withMessageContaining("VLAN id");
		assertThatIllegalArgumentException().isThrownBy(() -> RedirectRule.named("a").etherTypes(0x5ff).build())
			.withMessageContaining("0x5ff");
		assertThatIllegalArgumentException().isThrownBy(() -> RedirectRule.named("a").icmpTypes(256).build())
			.withMessageContaining("ICMP type");
	}

	@Test
	void longListsAreCutInTheirText() {
		RedirectRule.Builder rule = RedirectRule.named("a");
		for (int i = 0; i < 100; i++) {
			rule.vlans(i);
		}
		assertThat(rule.build()).hasToString("VLAN 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, … (100)");
	}

}
