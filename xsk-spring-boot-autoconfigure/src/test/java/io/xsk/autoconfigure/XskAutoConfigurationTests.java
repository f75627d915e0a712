package io.xsk.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.xsk.XskException;
import io.xsk.core.ActivationPolicy;
import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.lifecycle.XskActivationLifecycle;
import io.xsk.lifecycle.XskSocketLifecycle;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.Xsk;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.PassProgram;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link XskAutoConfiguration}.
 */
class XskAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class));

	@Nested
	@KernelTest
	class OnTheKernel {

		@Test
		void opensAndActivatesWhatIsConfiguredAndLeavesNothing() {
			try (VethPair veth = VethPair.create(2)) {
				OpenResources before = OpenResources.snapshot();
				configured(veth).run((context) -> {
					assertThat(context).hasNotFailed()
						.hasSingleBean(XskMapTemplate.class)
						.hasSingleBean(JnaKernel.class);
					assertThat(context.getBean(XskMapOperations.class).bindings()).extracting(XskBinding::state)
						.containsExactly(BindingState.ACTIVE, BindingState.ACTIVE);
					assertThat(veth.info().program()).isNotNull();
				});
				assertThat(veth.info().program()).isNull();
				before.assertUnchanged();
			}
		}

		@Test
		void eachBeanIsReplaceable() {
			try (VethPair veth = VethPair.create(1)) {
				configured(veth).withUserConfiguration(OwnBeans.class).run((context) -> {
					assertThat(context).hasNotFailed().hasSingleBean(Kernel.class).hasBean("ownKernel");
					assertThat(context).hasSingleBean(XskMapOperations.class).hasBean("ownTemplate");
					assertThat(context).hasSingleBean(XskActivationLifecycle.class).hasBean("ownActivation");
					assertThat(context).hasSingleBean(XskSocketLifecycle.class).hasBean("ownSockets");
					assertThat(context.getBean(XskMapOperations.class).bindings()).isEmpty();
				});
			}
		}

		@Test
		void customizersAreApplied() {
			try (VethPair veth = VethPair.create(1)) {
				configured(veth).withUserConfiguration(Customizers.class).run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(context.getBean(XskMapTemplate.class).getActivationPolicy())
						.isEqualTo(ActivationPolicy.EXCLUSIVE);
					assertThat(context.getBean(XskSockets.class).groups().get(0).sockets().get(0).rx().size())
						.isEqualTo(256);
				});
			}
		}

		@Test
		void propertiesReachTheSockets() {
			try (VethPair veth = VethPair.create(2)) {
				configured(veth)
					.withPropertyValues("xsk.sockets.dns.queues=1", "xsk.sockets.dns.rx-ring-size=128",
							"xsk.sockets.dns.direction=receive", "xsk.sockets.dns.frame-size=4KB",
							"xsk.activation.policy=exclusive", "xsk.activation.phase=5",
							"xsk.interfaces.wan.map.max-entries=7", "xsk.interfaces.wan.attach-mode=generic")
					.run((context) -> {
						assertThat(context).hasNotFailed();
						XskSockets sockets = context.getBean(XskSockets.class);
						assertThat(sockets.interfaces().get(0).map().maxEntries()).isEqualTo(7);
						assertThat(sockets.interfaces().get(0).link().mode()).hasToString("GENERIC");
						assertThat(sockets.groups().get(0).sockets()).singleElement().satisfies((socket) -> {
							assertThat(socket.queueId()).isEqualTo(1);
							assertThat(socket.rx().size()).isEqualTo(128);
							assertThat(socket.tx().size()).isZero();
							assertThat(socket.config().frameSize()).isEqualTo(4096);
						});
						assertThat(context.getBean(XskMapTemplate.class).getActivationPolicy())
							.isEqualTo(ActivationPolicy.EXCLUSIVE);
						assertThat(context.getBean(XskActivationLifecycle.class).getPhase()).isEqualTo(5);
					});
			}
		}

		@Test
		void withoutAutoStartupTheSocketsAreOpenAndInactive() {
			try (VethPair veth = VethPair.create(1)) {
				configured(veth).withPropertyValues("xsk.activation.auto-startup=false").run((context) -> {
					assertThat(context.getBean(XskSockets.class).isOpen()).isTrue();
					assertThat(context.getBean(XskMapOperations.class).bindings()).isEmpty();
				});
			}
		}

		@Test
		void aStartThatFailsHalfWayLeavesNothing() {
			try (VethPair veth = VethPair.create(2); VethPair lan = VethPair.create(1)) {
				OpenResources before = OpenResources.snapshot();
				try (PassProgram foreign = PassProgram.attach(lan.index(), 0)) {
					configured(veth)
						.withPropertyValues("xsk.interfaces.lan.name=" + lan.name(),
								"xsk.interfaces.lan.redirect.udp-ports=53")
						.run((context) -> assertThat(context).hasFailed()
							.getFailure()
							.rootCause()
							.hasMessageContaining(lan.name()));
					assertThat(veth.info().program()).isNull();
					assertThat(lan.info().program().id()).isEqualTo(foreign.id());
				}
				before.assertUnchanged();
			}
		}

		@Test
		void anActivationThatFailsLeavesNothing() {
			try (VethPair veth = VethPair.create(2)) {
				OpenResources before = OpenResources.snapshot();
				configured(veth).withUserConfiguration(FailingActivation.class)
					.run((context) -> assertThat(context).hasFailed()
						.getFailure()
						.rootCause()
						.hasMessageContaining("the second one fails"));
				assertThat(veth.info().program()).isNull();
				before.assertUnchanged();
			}
		}

		@Test
		void aHandlerThatNeverReturnsDoesNotKeepTheContextFromClosing() throws Exception {
			CountDownLatch entered = new CountDownLatch(1);
			CountDownLatch stuck = new CountDownLatch(1);
			List<Thread> consumers = new ArrayList<>();
			OpenResources before = OpenResources.snapshot();
			try (VethPair veth = VethPair.create(1)) {
				configured(veth).run((context) -> {
					XdpSocket socket = context.getBean(XskSockets.class).groups().get(0).sockets().get(0);
					Thread consumer = new Thread(() -> {
						if (socket.await(Duration.ofSeconds(10))) {
							socket.receive((packet) -> {
								entered.countDown();
								awaitUninterruptibly(stuck);
							}, 1);
						}
					});
					consumers.add(consumer);
					consumer.start();
					veth.sendUdp(53, new byte[8]);
					assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
				});
				assertThat(veth.info().program()).as("closed, and detached").isNull();
			}
			finally {
				stuck.countDown();
				for (Thread consumer : consumers) {
					consumer.join(10_000);
				}
			}
			before.assertUnchanged();
		}

		private static void awaitUninterruptibly(CountDownLatch latch) {
			try {
				assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		private ApplicationContextRunner configured(VethPair veth) {
			return XskAutoConfigurationTests.this.runner.withPropertyValues("xsk.interfaces.wan.name=" + veth.name(),
					"xsk.interfaces.wan.redirect.udp-ports=53,9000-9100", "xsk.sockets.dns.interface=wan");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FailingActivation {

		@Bean
		XskMapTemplate failingTemplate(XskSockets sockets) {
			return new XskMapTemplate(sockets) {

				@Override
				public XskBinding activate(Xsk xsk) {
					if (xsk.queueId() == 1) {
						throw new XskException("This is a test:", "the second one fails.");
					}
					return super.activate(xsk);
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBeans {

		@Bean
		Kernel ownKernel() {
			return JnaKernel.load();
		}

		@Bean
		XskMapOperations ownTemplate(XskSockets sockets) {
			return new XskMapTemplate(sockets);
		}

		@Bean
		XskSocketLifecycle ownSockets(XskSockets sockets) {
			return new XskSocketLifecycle(sockets);
		}

		@Bean
		XskActivationLifecycle ownActivation(XskSockets sockets, XskMapOperations operations) {
			XskActivationLifecycle lifecycle = new XskActivationLifecycle(sockets, operations);
			lifecycle.setAutoStartup(false);
			return lifecycle;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Customizers {

		@Bean
		XskSocketConfigCustomizer socketConfigCustomizer() {
			return (name, builder) -> {
				assertThat(List.of(name)).containsExactly("dns");
				builder.rxRingSize(256);
			};
		}

		@Bean
		XskMapTemplateCustomizer mapTemplateCustomizer() {
			return (template) -> template.setActivationPolicy(ActivationPolicy.EXCLUSIVE);
		}

	}

}
