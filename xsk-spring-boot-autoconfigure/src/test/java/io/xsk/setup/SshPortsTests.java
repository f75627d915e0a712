package io.xsk.setup;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SshPorts}.
 */
class SshPortsTests {

	@Test
	void withoutAConfigurationItIsTheUsualPort() {
		assertThat(SshPorts.parse(null, "")).containsExactly(22);
		assertThat(SshPorts.parse("", "#Port 2222\n")).containsExactly(22);
		assertThat(SshPorts.parse("198.51.100.1 5000 192.0.2.1 22", "")).containsExactly(22);
	}

	@Test
	void configuredPortsAndThatOfTheSessionAreKnown() {
		assertThat(SshPorts.parse(null, "# Port 1\nport 2222\n Port 2022 # more\nListenAddress 0.0.0.0:2200\n"))
			.containsExactly(2022, 2200, 2222);
		assertThat(SshPorts.parse("198.51.100.1 5000 192.0.2.1 4022", "")).containsExactly(22, 4022);
	}

	@Test
	void anAddressWithoutAPortHasTheUsualOne() {
		assertThat(SshPorts.parse(null, "ListenAddress 2001:db8::1\n")).containsExactly(22);
		assertThat(SshPorts.parse(null, "ListenAddress ::0\n")).containsExactly(22);
		assertThat(SshPorts.parse(null, "ListenAddress 192.0.2.1:2222\nListenAddress 192.0.2.2\n")).containsExactly(22,
				2222);
		assertThat(SshPorts.parse(null, "Port 2022\nListenAddress 192.0.2.2\n")).containsExactly(2022);
		assertThat(SshPorts.parse(null, "ListenAddress [2001:db8::1]:2222\nListenAddress host:2200 rdomain a\n"))
			.containsExactly(2200, 2222);
	}

	@Test
	void whatIsNoPortIsLeftOut() {
		assertThat(SshPorts.parse("198.51.100.1 5000 192.0.2.1 99999", "Port 0\nPort=70000\nPort=2222\n"))
			.containsExactly(2222);
		assertThat(SshPorts.read()).isNotEmpty().allSatisfy((port) -> assertThat(port).isBetween(1, 65_535));
	}

}
