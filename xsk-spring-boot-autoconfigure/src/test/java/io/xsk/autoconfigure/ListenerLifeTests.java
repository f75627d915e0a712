package io.xsk.autoconfigure;

import java.util.List;
import java.util.Map;

import io.xsk.actuate.XskHealthContributor;
import io.xsk.core.ActivationPolicy;
import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.lifecycle.XskActivationLifecycle;
import io.xsk.listener.XskListenerContainer;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.send.XskTemplate;
import io.xsk.setup.XskSockets;
import io.xsk.socket.Xsk;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of listeners of an application context that start, stop, pause and fail, and of
 * what becomes of their sockets then.
 */
@KernelTest
class ListenerLifeTests extends AbstractListenerContextTests {

	@Test
	void aFailedListenerIsDownAndTheKernelServes() {
		try (VethPair veth = VethPair.create(1)) {
			on(veth).withBean(TestListeners.Failing.class).run((context) -> {
				HealthIndicator health = (HealthIndicator) context.getBean(XskHealthContributor.class)
					.getContributor("dns");
				assertThat(health.health().getStatus()).isEqualTo(Status.UP);
				veth.sendUdp(9000, new byte[1]);
				XskListenerContainer container = context.getBean(XskListenerRegistry.class).container("dns");
				await().atMost(TIMEOUT).until(() -> container.state() == XskListenerContainer.State.FAILED);
				Health down = health.health();
				assertThat(down.getStatus()).isEqualTo(Status.DOWN);
				assertThat(down.getDetails().get("listener"))
					.isEqualTo(Map.of("name", "@XskListener method Failing.onPacket(XdpPacket)", "state", "failed",
							"received", 1L, "errors", 0L, "failure", "java.lang.LinkageError: no such class"));
				XskSockets sockets = context.getBean(XskSockets.class);
				assertThat(context.getBean(XskMapOperations.class)
					.inspect(sockets.groups().get(0).sockets().get(0))
					.state()).isEqualTo(BindingState.INACTIVE);
			});
		}
	}

	@Test
	void aPausedListenerIsOutOfService() {
		try (VethPair veth = VethPair.create(1)) {
			on(veth).withPropertyValues("xsk.listener.pause-mode=hold")
				.withBean(TestListeners.TakesPacket.class)
				.run((context) -> {
					context.getBean(XskListenerRegistry.class).container("dns").pause();
					HealthIndicator health = (HealthIndicator) context.getBean(XskHealthContributor.class)
						.getContributor("dns");
					assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
					context.getBean(XskListenerRegistry.class).container("dns").resume();
					assertThat(health.health().getStatus()).isEqualTo(Status.UP);
				});
		}
	}

	@Test
	void activationComesLastIsUndoneFirstAndFollowsTheContainersAcrossRestarts() {
		try (VethPair veth = VethPair.create(2)) {
			OpenResources before = OpenResources.snapshot();
			on(veth).withUserConfiguration(NotingOperations.class)
				.withBean(TestListeners.TakesPacket.class)
				.run((context) -> {
					XskListenerContainer container = context.getBean(XskListenerRegistry.class).container("dns");
					for (int round = 0; round < 3; round++) {
						assertThat(this.calls).containsExactly("activate 0 RUNNING", "activate 1 RUNNING");
						assertThat(container.state()).isEqualTo(XskListenerContainer.State.RUNNING);
						veth.sendUdp(9000, ("round " + round).getBytes());
						awaitCall("round " + round);
						if (round == 1) {
							container.pause();
						}
						this.calls.clear();
						context.getSourceApplicationContext().stop();
						assertThat(this.calls).isEqualTo(
								(round == 1) ? List.of() : List.of("deactivate 1 RUNNING", "deactivate 0 RUNNING"));
						assertThat(container.state()).isEqualTo(XskListenerContainer.State.STOPPED);
						assertThat(veth.info().program()).isNull();
						this.calls.clear();
						context.getSourceApplicationContext().start();
					}
				});
			before.assertUnchanged();
		}
	}

	@Test
	void withoutAutoStartupAContainerActivatesNothing() {
		try (VethPair veth = VethPair.create(1)) {
			on(veth).withPropertyValues("xsk.activation.auto-startup=false")
				.withBean(TestListeners.TakesPacket.class)
				.run((context) -> {
					XskListenerContainer container = context.getBean(XskListenerRegistry.class).container("dns");
					assertThat(container.state()).isEqualTo(XskListenerContainer.State.RUNNING);
					container.pause();
					container.resume();
					assertThat(context.getBean(XskMapOperations.class).bindings()).extracting(XskBinding::state)
						.containsExactly(BindingState.INACTIVE);
					context.getBean(XskActivationLifecycle.class).start();
					veth.sendUdp(9000, "by hand".getBytes());
					awaitCall("by hand");
				});
		}
	}

	@Test
	void aListenerThatCannotStartLeavesNothing() {
		try (VethPair veth = VethPair.create(2)) {
			OpenResources before = OpenResources.snapshot();
			on(veth)
				.withPropertyValues("xsk.sockets.dns.queues=0", "xsk.sockets.more.interface=wan",
						"xsk.sockets.more.queues=1", "xsk.sockets.more.cpus=8000", "names=dns, more")
				.withBean(TestListeners.ByPlaceholders.class)
				.run((context) -> {
					assertThat(context).hasFailed();
					assertThat(cause(context.getStartupFailure()).getMessage()).contains("sched_setaffinity",
							"cpu=8000");
				});
			before.assertUnchanged();
			assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
				.noneMatch((name) -> name.startsWith("xsk-" + veth.name()));
		}
	}

	@Test
	void eachBeanIsReplaceable() {
		try (VethPair veth = VethPair.create(1)) {
			on(veth).withUserConfiguration(OwnBeans.class).withBean(TestListeners.TakesPacket.class).run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context).hasSingleBean(XskTemplate.class).hasBean("ownTemplate");
				assertThat(context).hasSingleBean(XskListenerRegistry.class).hasBean("ownRegistry");
				assertThat(context).hasSingleBean(XskListenerContainerFactory.class).hasBean("ownFactory");
			});
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class NotingOperations {

		/** Notes which queue, and what its container does at that moment. */
		@Bean
		XskMapOperations notingOperations(XskSockets sockets, List<String> calls,
				ObjectProvider<XskListenerRegistry> registry) {
			return new XskMapTemplate(sockets) {

				@Override
				public synchronized XskBinding activate(Xsk xsk, ActivationPolicy policy) {
					note("activate", xsk);
					return super.activate(xsk, policy);
				}

				@Override
				public synchronized void deactivate(Xsk xsk) {
					// what is not active is no news
					if (inspect(xsk).state() != BindingState.INACTIVE) {
						note("deactivate", xsk);
					}
					super.deactivate(xsk);
				}

				private void note(String what, Xsk xsk) {
					calls.add("%s %d %s".formatted(what, xsk.queueId(), registry.getObject().container("dns").state()));
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBeans {

		@Bean
		XskTemplate ownTemplate(XskSockets sockets) {
			return new XskTemplate(sockets);
		}

		@Bean
		XskListenerRegistry ownRegistry(XskListenerContainerFactory factory) {
			return new XskListenerRegistry(factory);
		}

		@Bean
		XskListenerContainerFactory ownFactory(Kernel kernel, XskSockets sockets, XskMapOperations operations) {
			return new XskListenerContainerFactory(sockets, operations);
		}

	}

}
