package io.xsk.core;

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

}
