package io.xsk.actuate;

import java.util.List;

import io.xsk.core.BindingState;
import io.xsk.core.Verification;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Errno;
import io.xsk.listener.UnreadSocketWatch;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link XskHealthContributor} without the right to look into an XSKMAP, where
 * to ask is to write.
 */
@KernelTest
class XskHealthWithoutProbeTests {

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	private VethPair veth;

	private XskSockets sockets;

	private XskMapTemplate operations;

	private XskHealthContributor health;

	@BeforeEach
	void setUp() {
		this.veth = VethPair.create(1);
		this.sockets = new XskSockets(this.kernel,
				List.of(XskInterfaceConfig.redirecting(this.veth.name(), RedirectRules.all())),
				List.of(new XskSocketConfig("rx", this.veth.name(), QueueSelection.all(),
						XdpSocketConfig.builder().build(), true)));
		this.sockets.open();
		this.kernel.failing("bpf BPF_PROG_LOAD", Errno.EPERM);
		this.operations = new XskMapTemplate(this.sockets);
		this.sockets.receiving().forEach(this.operations::activate);
		XskListenerRegistry registry = new XskListenerRegistry(
				new XskListenerContainerFactory(this.sockets, this.operations));
		this.health = new XskHealthContributor(this.sockets, this.operations, registry,
				new UnreadSocketWatch(this.sockets, this.operations, registry));
	}

	@AfterEach
	void tearDown() {
		this.sockets.close();
		this.veth.close();
	}

	@Test
	void whoAsksEverySecondDoesNotWriteEverySecond() {
		assertThat(this.operations.inspect(this.sockets.receiving().get(0)).verifiedBy())
			.isEqualTo(Verification.UPDATE);
		assertThat(status()).isEqualTo(Status.UP);
		long updates = updates();
		for (int i = 0; i < 5; i++) {
			assertThat(status()).isEqualTo(Status.UP);
			assertThat(this.health.stream()).hasSize(1);
		}
		assertThat(updates()).isEqualTo(updates);
	}

	@Test
	void aSocketThatWasOpenedSinceIsAskedAnew() {
		assertThat(status()).isEqualTo(Status.UP);
		this.sockets.close();
		assertThat(status()).isEqualTo(Status.OUT_OF_SERVICE);
		this.kernel.healthy();
		this.sockets.open();
		this.kernel.failing("bpf BPF_PROG_LOAD", Errno.EPERM);
		assertThat(status()).isEqualTo(Status.OUT_OF_SERVICE);
		this.sockets.receiving()
			.forEach((xsk) -> assertThat(this.operations.activate(xsk).state()).isEqualTo(BindingState.ACTIVE));
		assertThat(status()).isEqualTo(Status.UP);
	}

	private Status status() {
		return ((HealthIndicator) this.health.getContributor("rx")).health().getStatus();
	}

	private long updates() {
		return this.kernel.calls().stream().filter((call) -> call.contains("MAP_UPDATE_ELEM")).count();
	}

}
