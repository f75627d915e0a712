package io.xsk.autoconfigure;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import io.xsk.XskException;
import io.xsk.actuate.XskHealthContributor;
import io.xsk.core.ActivationPolicy;
import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.lifecycle.XskActivationLifecycle;
import io.xsk.listener.ContainerStoppingErrorHandler;
import io.xsk.listener.IdleStrategies;
import io.xsk.listener.XskIdleStrategyFactory;
import io.xsk.listener.XskListener;
import io.xsk.listener.XskListenerConfigurer;
import io.xsk.listener.XskListenerContainer;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerErrorHandler;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.send.XskTemplate;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.XdpPacketBatch;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.Xsk;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.PacketSocket;
import io.xsk.test.VethPair;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link XskListenerAutoConfiguration} and {@link XskListenersConfiguration}.
 */
@ExtendWith(OutputCaptureExtension.class)
class XskListenerAutoConfigurationTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class, XskListenerAutoConfiguration.class,
				XskHealthContributorAutoConfiguration.class));

	/** An interface that does not exist: whoever looks for it has come too far. */
	private ApplicationContextRunner configured() {
		return this.runner.withPropertyValues("xsk.interfaces.wan.name=nosuchif0",
				"xsk.interfaces.wan.redirect.udp-ports=9000", "xsk.sockets.dns.interface=wan",
				"xsk.sockets.dns.queues=0", "xsk.sockets.large.interface=wan", "xsk.sockets.large.queues=1",
				"xsk.sockets.large.multi-buffer=true", "xsk.sockets.out.interface=wan", "xsk.sockets.out.queues=2",
				"xsk.sockets.out.direction=send");
	}

	private void assertFails(ApplicationContextRunner runner, String... messages) {
		runner.run((context) -> {
			assertThat(context).hasFailed();
			XskException failure = cause(context.getStartupFailure());
			assertThat(new XskFailureAnalyzer(new StandardEnvironment()).analyze(context.getStartupFailure()))
				.satisfies((analysis) -> {
					assertThat(analysis.getDescription()).isEqualTo(failure.getDescription());
					assertThat(analysis.getAction()).isEqualTo(failure.getAction());
				});
			assertThat(failure.getMessage()).contains(messages);
		});
	}

	private static XskException cause(Throwable failure) {
		Throwable cause = failure;
		while (!(cause instanceof XskException)) {
			cause = cause.getCause();
		}
		return (XskException) cause;
	}

	@Test
	void anUnknownSocketIsToldWithTheNearest() {
		assertFails(configured().withBean(Misspelt.class), "@XskListener method Misspelt.onPacket(XdpPacket)",
				"socket 'dsn', which does not exist", "Did you mean 'dns'?", "dns, large, out");
	}

	@Test
	void aListenerWithoutAnySocketIsTold() {
		assertFails(this.runner.withBean(Misspelt.class), "Misspelt.onPacket(XdpPacket)", "none is configured",
				"xsk.sockets.<name>.interface");
		assertFails(this.runner.withBean("mine", XskListenerConfigurer.class, () -> (registry) -> {
		}), "XskListenerConfigurer", "none is configured");
	}

	@Test
	void aListenerIsIgnoredWhenAllIsDisabled() {
		this.runner.withPropertyValues("xsk.enabled=false")
			.withBean(Misspelt.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void aSecondListenerOnASocketIsTold() {
		assertFails(configured().withBean(Dns.class).withBean(DnsToo.class),
				"@XskListener method DnsToo.onPacket(XdpPacket) listens to the socket 'dns'",
				"@XskListener method Dns.onPacket(XdpPacket)", "Remove one");
		assertFails(configured().withBean(Dns.class)
			.withBean("mine", XskListenerConfigurer.class, () -> (registry) -> registry.register("dns", (packet) -> {
			})), "'dns'", "Dns.onPacket(XdpPacket)");
	}

	@Test
	void aListenerOnASocketThatOnlySendsIsTold() {
		assertFails(configured().withPropertyValues("name=out").withBean(ByPlaceholder.class),
				"ByPlaceholder.onPacket(byte[])", "'out', which only sends", "xsk.sockets.out.direction");
	}

	@Test
	void aByteBufferOfAMultiBufferSocketIsTold() {
		assertFails(configured().withBean(Large.class), "Large.onPacket(ByteBuffer)", "multi-buffer socket 'large'",
				"byte[]");
	}

	@Test
	void aWrongSignatureIsTold() {
		assertFails(configured().withBean(WrongParameter.class), "WrongParameter.onPacket(String)",
				"XdpPacket, XdpPacketBatch, ByteBuffer or byte[]");
	}

	@Test
	void aBeanThatIsNoSingletonIsTold() {
		assertFails(
				configured()
					.withBean("each", Dns.class, Dns::new,
							(definition) -> definition.setScope(BeanDefinition.SCOPE_PROTOTYPE))
					.withUserConfiguration(UsesPrototype.class),
				"Dns.onPacket(XdpPacket) is in the bean 'each', which is not a singleton", "the scope singleton");
	}

	@Test
	void aPlaceholderWithoutAValueIsTold() {
		assertFails(
				configured().withConfiguration(AutoConfigurations.of(PropertyPlaceholderAutoConfiguration.class))
					.withBean(ByPlaceholder.class),
				"ByPlaceholder.onPacket(byte[]) names ${name}, which has no value", "${my.socket:dns}");
	}

	@Test
	void anEmptyPlaceholderIsTold() {
		assertFails(configured().withPropertyValues("name=").withBean(ByPlaceholder.class), "names no socket");
	}

	@Test
	void anUnknownErrorHandlerIsTold() {
		assertFails(
				configured().withBean(WithErrorHandler.class)
					.withBean("strict", XskListenerErrorHandler.class, ContainerStoppingErrorHandler::new),
				"error handler 'stopping'", "there are: [strict]");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "xsk.listener.batch-size | 0 | 1 to 65536 packets",
					"xsk.listener.drain-timeout | -1s | must not be negative",
					"xsk.listener.error-log-interval | -1s | must not be negative",
					"xsk.template.send-timeout | -1s | must not be negative",
					"xsk.sockets.dns.cpus | 3-x | neither a CPU number", "xsk.sockets.dns.cpus | 3-1 | runs backwards",
					"xsk.sockets.out.cpus | 1 | only sends", "xsk.sockets.out.busy-poll.enabled | true | only sends" })
	void aWrongPropertyIsTold(String property, String value, String message) {
		assertFails(configured().withPropertyValues(property + "=" + value), property, message);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "budget | 0 | 1 to 65535 packets", "budget | 65536 | 1 to 65535 packets",
					"time | -1us | whole microseconds", "time | 1500ns | whole microseconds",
					"time | 2147483648us | whole microseconds", "time | 200000d | whole microseconds" })
	void aWrongPropertyOfBusyPollingIsTold(String property, String value, String message) {
		assertFails(
				configured().withPropertyValues("xsk.sockets.dns.busy-poll.enabled=true",
						"xsk.sockets.dns.busy-poll." + property + "=" + value),
				"xsk.sockets.dns.busy-poll." + property, message);
	}

	@ParameterizedTest
	@ValueSource(strings = { "xsk.listener.idle-stratagy=spin", "xsk.sockets.dns.busy-poll.bugdet=1",
			"xsk.template.timeout=1s" })
	void aMisspeltPropertyIsTold(String property) {
		assertFails(configured().withPropertyValues(property), property.substring(0, property.indexOf('=')),
				"Did you mean");
	}

	private static BeanPostProcessor proxies(List<String> calls) {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (!(bean instanceof TakesPacket)) {
					return bean;
				}
				ProxyFactory factory = new ProxyFactory(bean);
				factory.setProxyTargetClass(true);
				factory.addAdvice((MethodInterceptor) (invocation) -> {
					calls.add("intercepted " + invocation.getMethod().getName());
					return invocation.proceed();
				});
				return factory.getProxy();
			}

		};
	}

	/** What follows the UDP header. */
	private static String text(ByteBuffer packet) {
		byte[] payload = new byte[packet.limit() - 42];
		packet.get(42, payload);
		return new String(payload);
	}

	@Nested
	@KernelTest
	class OnTheKernel {

		private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

		private ApplicationContextRunner on(VethPair veth) {
			return XskListenerAutoConfigurationTests.this.runner.withBean("calls", List.class, () -> this.calls)
				.withPropertyValues("xsk.interfaces.wan.name=" + veth.name(),
						"xsk.interfaces.wan.redirect.udp-ports=9000", "xsk.sockets.dns.interface=wan");
		}

		private void awaitCall(String call) {
			await().atMost(TIMEOUT).untilAsserted(() -> assertThat(this.calls).contains(call));
		}

		@ParameterizedTest
		@ValueSource(classes = { TakesPacket.class, TakesBatch.class, TakesBuffer.class, TakesBytes.class })
		void eachKindOfParameterGetsThePacket(Class<?> listener) {
			try (VethPair veth = VethPair.create(1)) {
				OpenResources before = OpenResources.snapshot();
				on(veth).withBean(listener).run((context) -> {
					assertThat(context).hasNotFailed();
					veth.sendUdp(9000, "hello".getBytes());
					awaitCall("hello");
					assertThat(context.getBean(XskListenerRegistry.class).container("dns").listener())
						.startsWith("@XskListener method " + listener.getSimpleName());
				});
				before.assertUnchanged();
			}
		}

		@Test
		void severalSocketsMayHaveOneListener() {
			try (VethPair veth = VethPair.create(2)) {
				on(veth)
					.withPropertyValues("xsk.sockets.dns.queues=0", "xsk.sockets.more.interface=wan",
							"xsk.sockets.more.queues=1", "names=dns, more")
					.withBean(ByPlaceholders.class)
					.run((context) -> {
						assertThat(context).hasNotFailed();
						assertThat(context.getBean(XskListenerRegistry.class).containers())
							.extracting(XskListenerContainer::socket)
							.containsExactly("dns", "more");
						veth.sendUdp(9000, "one of them".getBytes());
						awaitCall("one of them");
					});
			}
		}

		@Test
		void aBeanWithAProxyIsCalledThroughIt() {
			try (VethPair veth = VethPair.create(1)) {
				on(veth).withBean(TakesPacket.class)
					.withBean("proxies", BeanPostProcessor.class, () -> proxies(this.calls))
					.run((context) -> {
						veth.sendUdp(9000, "hello".getBytes());
						awaitCall("hello");
						assertThat(this.calls).startsWith("intercepted onPacket");
					});
			}
		}

		@Test
		void aConfigurerRegistersWithoutAnnotation() {
			try (VethPair veth = VethPair.create(1)) {
				on(veth)
					.withBean(XskListenerConfigurer.class,
							() -> (registry) -> registry.register("dns",
									(packet) -> this.calls.add(text(packet.data()))))
					.run((context) -> {
						veth.sendUdp(9000, "functional".getBytes());
						awaitCall("functional");
					});
			}
		}

		@Test
		void aListenerIsFoundWhenEverythingElseIsLazy() {
			try (VethPair veth = VethPair.create(1)) {
				on(veth)
					.withInitializer((context) -> context
						.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
					.withBean(TakesPacket.class)
					.run((context) -> {
						veth.sendUdp(9000, "lazy".getBytes());
						awaitCall("lazy");
					});
			}
		}

		@Test
		void theTemplateSends() {
			try (VethPair veth = VethPair.create(1)) {
				PacketSocket peer = veth.capturePeer();
				on(veth).withPropertyValues("xsk.template.send-timeout=3s").run((context) -> {
					XskTemplate template = context.getBean(XskTemplate.class);
					assertThat(template.getSendTimeout()).isEqualTo(Duration.ofSeconds(3));
					byte[] frame = new byte[60];
					Arrays.fill(frame, (byte) 0x42);
					assertThat(template.send("dns", frame)).isTrue();
					assertThat(peer.receive((received) -> received[0] == 0x42, TIMEOUT)).hasValue(frame);
				});
			}
		}

		@Test
		void aFailedListenerIsDownAndTheKernelServes() {
			try (VethPair veth = VethPair.create(1)) {
				on(veth).withBean(Failing.class).run((context) -> {
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
					.withBean(TakesPacket.class)
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
		void anErrorHandlerBeanIsForAllAndOneByNameForOne() {
			try (VethPair veth = VethPair.create(1)) {
				on(veth).withBean(Throwing.class)
					.withBean(XskListenerErrorHandler.class,
							() -> (exception, packet, container) -> this.calls.add("common " + exception.getMessage()))
					.run((context) -> {
						veth.sendUdp(9000, new byte[1]);
						awaitCall("common thrown");
					});
				on(veth).withBean(WithErrorHandler.class)
					.withBean("other", XskListenerErrorHandler.class,
							() -> (exception, packet, container) -> this.calls.add("other"))
					.withBean("stopping", XskListenerErrorHandler.class,
							() -> (exception, packet, container) -> this.calls.add("by name " + exception.getMessage()))
					.run((context) -> {
						veth.sendUdp(9000, new byte[1]);
						awaitCall("by name thrown");
					});
				on(veth).withBean(WithErrorHandlerByPlaceholder.class)
					.withPropertyValues("handler=second")
					.withBean("first", XskListenerErrorHandler.class,
							() -> (exception, packet, container) -> this.calls.add("first"))
					.withBean("second", XskListenerErrorHandler.class,
							() -> (exception, packet, container) -> this.calls
								.add("by placeholder " + exception.getMessage()))
					.run((context) -> {
						veth.sendUdp(9000, new byte[1]);
						awaitCall("by placeholder thrown");
					});
				assertThat(this.calls).doesNotContain("first", "other");
			}
		}

		@Test
		void anIdleStrategyBeanIsUsed() {
			try (VethPair veth = VethPair.create(1)) {
				on(veth).withBean(TakesPacket.class).withBean(XskIdleStrategyFactory.class, () -> (socket) -> {
					this.calls.add("strategy for queue " + socket.queueId());
					return IdleStrategies.POLL.create(socket);
				}).run((context) -> assertThat(this.calls).containsExactly("strategy for queue 0"));
			}
		}

		@Test
		void activationComesLastIsUndoneFirstAndFollowsTheContainersAcrossRestarts() {
			try (VethPair veth = VethPair.create(2)) {
				OpenResources before = OpenResources.snapshot();
				on(veth).withUserConfiguration(NotingOperations.class).withBean(TakesPacket.class).run((context) -> {
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
					.withBean(TakesPacket.class)
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
					.withBean(ByPlaceholders.class)
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
				on(veth).withUserConfiguration(OwnBeans.class).withBean(TakesPacket.class).run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(context).hasSingleBean(XskTemplate.class).hasBean("ownTemplate");
					assertThat(context).hasSingleBean(XskListenerRegistry.class).hasBean("ownRegistry");
					assertThat(context).hasSingleBean(XskListenerContainerFactory.class).hasBean("ownFactory");
				});
			}
		}

		@Test
		void aPacketThatIsNeverReleasedIsLoggedWithItsPlace(CapturedOutput output) {
			try (VethPair veth = VethPair.create(1)) {
				on(veth).withPropertyValues("xsk.sockets.dns.leak-detection=true")
					.withBean(Retaining.class)
					.run((context) -> {
						veth.sendUdp(9000, "kept".getBytes());
						awaitCall("kept");
					});
				assertThat(output).contains("was retained at").contains("Retaining.onPacket");
			}
		}

		@Test
		void propertiesReachTheContainers() {
			try (VethPair veth = VethPair.create(1)) {
				on(veth)
					.withPropertyValues("xsk.listener.idle-strategy=adaptive", "xsk.listener.batch-size=8",
							"xsk.listener.pause-mode=hold", "xsk.listener.drain-timeout=7s",
							"xsk.listener.error-log-interval=3s", "xsk.sockets.dns.cpus=0",
							"xsk.sockets.dns.busy-poll.enabled=true", "xsk.sockets.dns.busy-poll.time=40us",
							"xsk.sockets.dns.busy-poll.budget=32")
					.withBean(NotesBatches.class)
					.run((context) -> {
						assertThat(context).hasNotFailed();
						assertThat(context.getBean(XskSockets.class).config("dns").busyPoll())
							.hasToString("BusyPoll[prefer=true, micros=40, budget=32]");
						assertThat(context.getBean(XskListenerContainerFactory.class))
							.extracting("idleStrategy", "drainTimeout", "errorHandler.intervalNanos")
							.containsExactly(IdleStrategies.ADAPTIVE, Duration.ofSeconds(7),
									Duration.ofSeconds(3).toNanos());
						XdpSocket xsk = context.getBean(XskSockets.class).groups().get(0).sockets().get(0);
						XskListenerContainer container = context.getBean(XskListenerRegistry.class).container("dns");
						container.pause();
						assertThat(context.getBean(XskMapOperations.class).inspect(xsk).state())
							.as("a pause that holds")
							.isEqualTo(BindingState.ACTIVE);
						for (int i = 0; i < 20; i++) {
							veth.sendUdp(9000, new byte[1]);
						}
						await().atMost(TIMEOUT).until(() -> xsk.rx().used() == 20);
						container.resume();
						await().atMost(TIMEOUT).until(() -> this.calls.size() == 3);
						assertThat(this.calls).containsExactly("8 on CPU 0", "8 on CPU 0", "4 on CPU 0");
					});
			}
		}

	}

	static class Misspelt {

		@XskListener("dsn")
		void onPacket(XdpPacket packet) {
		}

	}

	static class Dns {

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UsesPrototype {

		@Bean
		String user(Dns each) {
			return each.toString();
		}

	}

	static class DnsToo {

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
		}

	}

	static class ByPlaceholder {

		@XskListener("${name}")
		void onPacket(byte[] packet) {
		}

	}

	static class Large {

		@XskListener("large")
		void onPacket(ByteBuffer packet) {
		}

	}

	static class WrongParameter {

		@XskListener("dns")
		void onPacket(String packet) {
		}

	}

	static class WithErrorHandler {

		@XskListener(value = "dns", errorHandler = "stopping")
		void onPacket(XdpPacket packet) {
			throw new IllegalStateException("thrown");
		}

	}

	static class WithErrorHandlerByPlaceholder {

		@XskListener(value = "dns", errorHandler = "${handler}")
		void onPacket(XdpPacket packet) {
			throw new IllegalStateException("thrown");
		}

	}

	static class Throwing {

		@XskListener("dns")
		void onPacket(XdpPacket packet) throws Exception {
			throw new Exception("thrown");
		}

	}

	static class Failing {

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
			throw new LinkageError("no such class");
		}

	}

	static class TakesPacket {

		private final List<String> calls;

		TakesPacket(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
			this.calls.add(text(packet.data()));
		}

	}

	static class Retaining {

		private final List<String> calls;

		Retaining(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
			this.calls.add(text(packet.retain().data()));
		}

	}

	static class TakesBatch {

		private final List<String> calls;

		TakesBatch(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPackets(XdpPacketBatch packets) {
			for (int i = 0; i < packets.size(); i++) {
				this.calls.add(text(packets.get(i).data()));
			}
		}

	}

	static class NotesBatches {

		private final List<String> calls;

		NotesBatches(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPackets(XdpPacketBatch packets) throws IOException {
			String cpus = Files.readAllLines(Path.of("/proc/thread-self/status"))
				.stream()
				.filter((line) -> line.startsWith("Cpus_allowed_list:"))
				.map((line) -> line.substring(line.indexOf(':') + 1).strip())
				.findFirst()
				.orElseThrow();
			this.calls.add("%d on CPU %s".formatted(packets.size(), cpus));
		}

	}

	static class TakesBuffer {

		private final List<String> calls;

		TakesBuffer(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPacket(ByteBuffer packet) {
			this.calls.add(text(packet));
		}

	}

	static class TakesBytes {

		private final List<String> calls;

		TakesBytes(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPacket(byte[] packet) {
			this.calls.add(text(ByteBuffer.wrap(packet)));
		}

	}

	static class ByPlaceholders {

		private final List<String> calls;

		ByPlaceholders(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("${names}")
		void onPacket(ByteBuffer packet) {
			this.calls.add(text(packet));
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
