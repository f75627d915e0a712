package io.xsk.lifecycle;

import java.util.List;

import io.xsk.XskException;
import io.xsk.bpf.Occupancy;
import io.xsk.bpf.UpdateMode;
import io.xsk.bpf.XskMap;
import io.xsk.core.ActivationPolicy;
import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link XskSocketLifecycle} and {@link XskActivationLifecycle} on the running
 * kernel.
 */
@KernelTest
class XskActivationLifecycleTests {

	private final Kernel kernel = JnaKernel.load();

	private VethPair veth;

	private OpenResources before;

	private XskSockets sockets;

	private XskMapTemplate template;

	@BeforeEach
	void setUp() {
		this.veth = VethPair.create(2);
		this.before = OpenResources.snapshot();
		this.sockets = new XskSockets(this.kernel,
				List.of(XskInterfaceConfig.redirecting(this.veth.name(), RedirectRules.all())),
				List.of(new XskSocketConfig("rx", this.veth.name(), QueueSelection.all(),
						XdpSocketConfig.builder().build(), true)));
		this.template = new XskMapTemplate(this.sockets);
	}

	@AfterEach
	void tearDown() {
		this.sockets.close();
		this.before.assertUnchanged();
		this.veth.close();
	}

	@Test
	void phasesEncloseTheListeners() {
		assertThat(new XskSocketLifecycle(this.sockets).getPhase()).isEqualTo(Integer.MIN_VALUE / 2 - 200);
		assertThat(new XskActivationLifecycle(this.sockets, this.template).getPhase()).isEqualTo(2147483597)
			.isGreaterThan(Integer.MAX_VALUE - 100);
	}

	@Test
	void aContextStartsStopsAndStartsAgain() {
		XskActivationLifecycle activation = new XskActivationLifecycle(this.sockets, this.template);
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			context.registerBean(XskActivationLifecycle.class, () -> activation);
			context.registerBean(XskSocketLifecycle.class, () -> new XskSocketLifecycle(this.sockets));
			context.refresh();
			for (int round = 0; round < 3; round++) {
				assertThat(activation.isRunning()).isTrue();
				assertThat(this.template.bindings()).extracting(XskBinding::state)
					.containsExactly(BindingState.ACTIVE, BindingState.ACTIVE);
				context.stop();
				assertThat(activation.isRunning()).isFalse();
				assertThat(this.sockets.isOpen()).isFalse();
				assertThat(this.template.bindings()).isEmpty();
				assertThat(this.veth.info().program()).isNull();
				context.start();
			}
		}
		assertThat(this.sockets.isOpen()).isFalse();
	}

	@Test
	void aFailingActivationDeactivatesTheOnesBeforeIt() {
		this.sockets.open();
		XskMap map = this.sockets.resolve(this.veth.index());
		List<XdpSocket> xsks = this.sockets.groups().get(0).sockets();
		map.update(1, xsks.get(0).fd(), UpdateMode.ANY);
		this.template.setActivationPolicy(ActivationPolicy.EXCLUSIVE);
		XskActivationLifecycle activation = new XskActivationLifecycle(this.sockets, this.template);
		assertThatExceptionOfType(XskException.class).isThrownBy(activation::start).withMessageContaining("EEXIST");
		assertThat(activation.isRunning()).isFalse();
		assertThat(map.occupancy(0)).isEqualTo(Occupancy.EMPTY);
		assertThat(map.putIfAbsent(1, xsks.get(0).fd())).as("somebody else's slot is left alone").isTrue();
	}

	@Test
	void stoppingLeavesASlotThatSomebodyElseTookOver() {
		this.sockets.open();
		XskMap map = this.sockets.resolve(this.veth.index());
		List<XdpSocket> xsks = this.sockets.groups().get(0).sockets();
		XskActivationLifecycle activation = new XskActivationLifecycle(this.sockets, this.template);
		activation.start();
		map.update(0, xsks.get(1).fd(), UpdateMode.ANY);
		activation.stop();
		assertThat(map.occupancy(0)).isEqualTo(Occupancy.OCCUPIED);
		assertThat(map.occupancy(1)).isEqualTo(Occupancy.EMPTY);
	}

	@Test
	void startingWithClosedSocketsFailsInsteadOfDoingNothing() {
		XskActivationLifecycle activation = new XskActivationLifecycle(this.sockets, this.template);
		assertThatIllegalStateException().isThrownBy(activation::start).withMessageContaining("XskSocketLifecycle");
		assertThat(activation.isRunning()).isFalse();
		this.sockets.open();
		activation.start();
		assertThat(this.template.bindings()).hasSize(2);
		activation.stop();
	}

	@Test
	void withoutAutoStartupNothingIsActivatedUntilItIsAskedFor() {
		XskActivationLifecycle activation = new XskActivationLifecycle(this.sockets, this.template);
		activation.setAutoStartup(false);
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			context.registerBean(XskActivationLifecycle.class, () -> activation);
			context.registerBean(XskSocketLifecycle.class, () -> new XskSocketLifecycle(this.sockets));
			context.refresh();
			assertThat(this.sockets.isOpen()).isTrue();
			assertThat(this.template.bindings()).isEmpty();
			activation.start();
			assertThat(this.template.bindings()).hasSize(2);
		}
		assertThat(this.veth.info().program()).isNull();
	}

	private List<BindingState> states() {
		return this.sockets.group("rx")
			.orElseThrow()
			.sockets()
			.stream()
			.map((xsk) -> this.template.inspect(xsk).state())
			.toList();
	}

	@Test
	void aSocketThatNobodyServesIsActiveOnlyWhenSomebodyDoes() {
		XskActivationLifecycle activation = new XskActivationLifecycle(this.sockets, this.template);
		for (int round = 0; round < 3; round++) {
			this.sockets.open();
			unserve();
			activation.start();
			assertThat(states()).containsOnly(BindingState.INACTIVE);
			serve();
			assertThat(states()).containsOnly(BindingState.ACTIVE);
			unserve();
			unserve();
			assertThat(states()).containsOnly(BindingState.INACTIVE);
			serve();
			serve();
			assertThat(states()).containsOnly(BindingState.ACTIVE);
			unserve();
			activation.stop();
			serve();
			assertThat(states()).as("not wanted any more").containsOnly(BindingState.INACTIVE);
			this.sockets.close();
		}
	}

	private void serve() {
		this.sockets.receiving().forEach(this.template::serve);
	}

	private void unserve() {
		this.sockets.receiving().forEach((xsk) -> this.template.unserve(xsk, "the test rests"));
	}

	@Test
	void oneThatCannotBeDeactivatedDoesNotKeepTheOthers() {
		FaultInjectingKernel faulty = new FaultInjectingKernel();
		XskSockets others = new XskSockets(faulty,
				List.of(XskInterfaceConfig.redirecting(this.veth.name(), RedirectRules.all())), this.sockets.configs());
		XskMapTemplate operations = new XskMapTemplate(others);
		XskActivationLifecycle activation = new XskActivationLifecycle(others, operations);
		others.open();
		try {
			activation.start();
			XskMap map = others.resolve(this.veth.index());
			faulty.failing("bpf BPF_MAP_DELETE_ELEM", Errno.EPERM, 1);
			assertThatExceptionOfType(XskException.class).isThrownBy(activation::stop).withMessageContaining("EPERM");
			assertThat(activation.isRunning()).isFalse();
			assertThat(map.occupancy(0)).isEqualTo(Occupancy.EMPTY);
			assertThat(map.occupancy(1)).as("the last is deactivated first, and failed").isEqualTo(Occupancy.OCCUPIED);
			assertThat(operations.bindings().get(1).reason()).contains("could not be deleted");
			activation.stop();
			assertThat(map.occupancy(1)).isEqualTo(Occupancy.EMPTY);
		}
		finally {
			others.close();
		}
	}

}
