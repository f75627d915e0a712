package io.xsk.rule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link IpPrefix}.
 */
class IpPrefixTests {

	@ParameterizedTest
	@CsvSource({ "192.0.2.1, 192.0.2.1", "192.0.2.0/24, 192.0.2.0/24", "0.0.0.0/0, 0.0.0.0/0",
			"255.255.255.255/32, 255.255.255.255", "2001:db8::/32, 2001:db8:0:0:0:0:0:0/32", "::1, 0:0:0:0:0:0:0:1",
			"::/0, 0:0:0:0:0:0:0:0/0", "ffff::/128, ffff:0:0:0:0:0:0:0",
			"2001:db8:1:2:8000::/65, 2001:db8:1:2:8000:0:0:0/65" })
	void addressesAndPrefixesAreRead(String text, String shown) {
		assertThat(IpPrefix.parse(text)).hasToString(shown);
		assertThat(IpPrefix.parse(" " + shown + " ")).isEqualTo(IpPrefix.parse(text));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "localhost", "192.0.2", "192.0.2.256", "192.0.2.1/33", "192.0.2.1/", "192.0.2.1/-1",
			"192.0.2.1/24", "::/129", "2001:db8::1/64", ":::", "1:2:3:4:5:6:7:8:9", "fe80::1%eth0", "::ffff:192.0.2.1",
			"192.0.2.1/2x", "a.b.c.d", "/8" })
	void everythingElseIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> IpPrefix.parse(text))
			.satisfies((ex) -> assertThat(ex.getMessage()).endsWith("."));
	}

	@Test
	void aPrefixContainsLongerOnes() {
		assertThat(contains("192.0.2.0/24", "192.0.2.128/25")).isTrue();
		assertThat(contains("192.0.2.128/25", "192.0.2.0/24")).isFalse();
		assertThat(contains("192.0.2.0/24", "192.0.3.0/24")).isFalse();
		assertThat(contains("::/0", "192.0.3.0/24")).isFalse();
		assertThat(contains("2001:db8::/65", "2001:db8::7fff:0:0:1")).isTrue();
		assertThat(contains("2001:db8::/65", "2001:db8::8000:0:0:1")).isFalse();
		assertThat(contains("0.0.0.0/0", "255.0.0.0/8")).isTrue();
	}

	@Test
	void theLastAddressIsKnown() {
		assertThat(IpPrefix.parse("10.0.0.0/8").lastLow()).isEqualTo(0x0affffffL);
		assertThat(IpPrefix.parse("::/0").lastHigh()).isEqualTo(-1);
		assertThat(IpPrefix.parse("2001:db8::/32").lastHigh()).isEqualTo(0x20010db8ffffffffL);
		assertThat(IpPrefix.parse("2001:db8::/96").lastLow()).isEqualTo(0xffffffffL);
	}

	private static boolean contains(String prefix, String other) {
		return IpPrefix.parse(prefix).contains(IpPrefix.parse(other));
	}

}
