package io.xsk.setup;

import java.util.List;
import java.util.concurrent.TimeUnit;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;
import io.xsk.test.Commands;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of rules that name a VLAN on an interface that takes the tags out of the frames.
 */
@KernelTest
@ExtendWith(OutputCaptureExtension.class)
class VlanWarningTests {

	private static final RedirectRules TAGGED = RedirectRules.builder()
		.rule(RedirectRule.named("tagged").vlans(7).build())
		.build();

	private static final RedirectRules PLAIN = RedirectRules.udpPorts(PortRange.of(53));

	private final Kernel kernel = JnaKernel.load();

	private VethPair veth;

	private OpenResources before;

	@BeforeEach
	void setUp() {
		this.veth = VethPair.create(1);
		this.before = OpenResources.snapshot();
	}

	@AfterEach
	void tearDown() {
		this.before.assertUnchanged();
		this.veth.close();
	}

	private void stripTags(boolean strip) {
		Commands.run("ethtool", "-K", this.veth.name(), "rxvlan", strip ? "on" : "off");
		assertThat(this.veth.info().stripsVlanTags(this.kernel)).isEqualTo(strip);
	}

	private XskSockets sockets(RedirectRules rules) {
		return new XskSockets(this.kernel, List.of(XskInterfaceConfig.redirecting(this.veth.name(), rules)), List.of());
	}

	@Test
	void theCommandIsToldWhenTheInterfaceIsOpened(CapturedOutput output) {
		stripTags(true);
		try (XskSockets sockets = sockets(TAGGED)) {
			sockets.open();
			assertThat(output).contains("ethtool -K %s rxvlan off".formatted(this.veth.name()));
		}
	}

	@Test
	void theCommandIsToldWhenTheRulesAreReplaced(CapturedOutput output) throws Exception {
		stripTags(true);
		try (XskSockets sockets = sockets(PLAIN)) {
			sockets.open();
			assertThat(output).doesNotContain("rxvlan");
			new XskRedirects(sockets).replace(this.veth.name(), TAGGED).get(20, TimeUnit.SECONDS);
			assertThat(output).contains("ethtool -K %s rxvlan off".formatted(this.veth.name()));
		}
	}

	@Test
	void nothingIsToldWhereTheTagsStay(CapturedOutput output) {
		stripTags(false);
		try (XskSockets sockets = sockets(TAGGED)) {
			sockets.open();
			assertThat(output).doesNotContain("rxvlan");
		}
	}

}
