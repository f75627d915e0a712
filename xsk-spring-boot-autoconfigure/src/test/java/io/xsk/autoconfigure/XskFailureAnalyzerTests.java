package io.xsk.autoconfigure;

import java.util.List;

import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.KernelUnavailableException;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.ChildJvm;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.PassProgram;
import io.xsk.test.TemporaryDirectory;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link XskFailureAnalyzer}: that the start of an application which fails is
 * explained to somebody who has never heard of AF_XDP. What missing rights and bad
 * properties give is in {@link RightsTests} and {@link XskPropertiesTests}.
 */
@KernelTest
class XskFailureAnalyzerTests {

	@Test
	void anUnknownInterfaceIsAnsweredWithTheKnownOnes() {
		try (VethPair veth = VethPair.create()) {
			FailureAnalysis analysis = analysis(JnaKernel.load(), "nosuchif0");
			assertThat(analysis.getDescription()).contains("no network interface 'nosuchif0'");
			assertThat(analysis.getAction()).contains(veth.name(), "ip link show");
		}
	}

	@Test
	void anInterfaceThatVanishesWhileItIsOpenedIsExplained() {
		try (VethPair veth = VethPair.create()) {
			FaultInjectingKernel kernel = new FaultInjectingKernel().failing("bind", Errno.ENODEV);
			FailureAnalysis analysis = analysis(kernel, veth.name());
			assertThat(analysis.getDescription()).contains("Socket 'dns'", "ENODEV", "gone");
			assertThat(analysis.getAction()).contains("ip link show " + veth.name());
			kernel.assertNothingOpen();
		}
	}

	@Test
	void aQueueThatDoesNotExistIsExplained() {
		try (VethPair veth = VethPair.create()) {
			FailureAnalysis analysis = analysis(JnaKernel.load(), veth.name(), "xsk.sockets.dns.queues=1");
			assertThat(analysis.getDescription()).contains("Socket 'dns'", "queue 1", "1 RX queues");
			assertThat(analysis.getAction()).contains("ethtool -L " + veth.name());
		}
	}

	@Test
	void aQueueThatIsTakenIsExplained() {
		try (VethPair veth = VethPair.create(); XdpSocket holder = socket(veth)) {
			assertThat(holder.isAlive()).isTrue();
			FailureAnalysis analysis = analysis(JnaKernel.load(), veth.name(), "xsk.sockets.dns.bind-timeout=50ms");
			assertThat(analysis.getDescription()).contains("Socket 'dns'", "queue 0", veth.name(), "EBUSY");
			assertThat(analysis.getAction()).contains("ss --xdp");
			assertThat(holder.isAlive()).isTrue();
		}
	}

	@Test
	void aProgramOfSomebodyElseOnTheInterfaceIsExplained() {
		try (VethPair veth = VethPair.create(); PassProgram foreign = PassProgram.attach(veth.index(), 0)) {
			FailureAnalysis analysis = analysis(JnaKernel.load(), veth.name());
			assertThat(analysis.getDescription()).contains("Interface 'wan'", veth.name(), "" + foreign.id(),
					PassProgram.NAME);
			assertThat(analysis.getAction()).isNotBlank();
			assertThat(veth.info().program().id()).isEqualTo(foreign.id());
		}
	}

	@Test
	void aSecondApplicationIsToldWhoIsThereAndTheFirstGoesOn() {
		try (VethPair veth = VethPair.create();
				XskSockets first = new XskSockets(JnaKernel.load(),
						List.of(XskInterfaceConfig.redirecting(veth.name(), RedirectRules.all())),
						List.of(new XskSocketConfig("rx", veth.name(), QueueSelection.all(),
								XdpSocketConfig.builder().build(), true)))) {
			first.open();
			FailureAnalysis analysis = analysis(JnaKernel.load(), veth.name());
			assertThat(analysis.getDescription()).contains("xsk_redirect", "" + veth.info().program().id());
			assertThat(analysis.getAction()).contains("pinned-path");
			assertThat(first.groups().get(0).sockets().get(0).isAlive()).isTrue();
		}
	}

	@Test
	void aKernelWithoutAfXdpOrAServiceManagerThatForbidsItIsExplained() {
		try (VethPair veth = VethPair.create()) {
			FaultInjectingKernel kernel = new FaultInjectingKernel().failing("socket AF_XDP", Errno.EAFNOSUPPORT);
			FailureAnalysis analysis = analysis(kernel, veth.name());
			assertThat(analysis.getDescription() + analysis.getAction()).contains("EAFNOSUPPORT", "CONFIG_XDP_SOCKETS",
					"RestrictAddressFamilies");
			kernel.assertNothingOpen();
			assertThat(veth.info().program()).isNull();
		}
	}

	@Test
	void aDirectoryThatJnaCannotUnpackIntoIsExplained() {
		try (TemporaryDirectory directory = TemporaryDirectory.create()) {
			Commands.run("mount", "-t", "tmpfs", "-o", "noexec", "tmpfs", directory.path().toString());
			try {
				Commands.Result result = ChildJvm.of(RightsApplication.class)
					.options("-Djna.tmpdir=" + directory.path(), "-Djava.io.tmpdir=" + directory.path())
					.environment("HOME", directory.path().toString())
					.environment("XDG_CACHE_HOME", directory.path().toString())
					.run("--xsk.interfaces.wan.name=nosuchif0", "--xsk.interfaces.wan.redirect.udp-ports=53");
				assertThat(result.exitCode()).isNotZero();
				assertThat(result.output()).contains("APPLICATION FAILED TO START", "JNA cannot load", "noexec",
						"jna.tmpdir");
			}
			finally {
				Commands.run("umount", directory.path().toString());
			}
		}
	}

	@Test
	void theCauseOfAnAnalysisIsTheExceptionThatExplainsIt() {
		KernelUnavailableException failure = new KernelUnavailableException("It is not there.", "Get it.", null);
		FailureAnalysis analysis = new XskFailureAnalyzer(new StandardEnvironment())
			.analyze(new IllegalStateException(failure));
		assertThat(analysis.getDescription()).isEqualTo("It is not there.");
		assertThat(analysis.getAction()).isEqualTo("Get it.");
		assertThat(analysis.getCause()).isSameAs(failure);
	}

	private static XdpSocket socket(VethPair veth) {
		return XdpSocket.open(JnaKernel.load(), veth.info(), 0, XdpSocketConfig.builder().build());
	}

	private static FailureAnalysis analysis(Kernel kernel, String interfaceName, String... properties) {
		FailureAnalysis[] analysis = new FailureAnalysis[1];
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class))
			.withBean(Kernel.class, () -> kernel)
			.withPropertyValues("xsk.interfaces.wan.name=" + interfaceName, "xsk.interfaces.wan.redirect.udp-ports=53",
					"xsk.sockets.dns.interface=wan")
			.withPropertyValues(properties)
			.run((context) -> {
				assertThat(context).hasFailed();
				analysis[0] = new XskFailureAnalyzer(new StandardEnvironment()).analyze(context.getStartupFailure());
			});
		assertThat(analysis[0]).isNotNull();
		return analysis[0];
	}

}
