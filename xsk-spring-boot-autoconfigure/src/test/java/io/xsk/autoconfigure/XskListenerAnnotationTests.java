package io.xsk.autoconfigure;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.ArrayList;
import java.util.List;

import io.xsk.XskException;
import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import io.xsk.listener.XskListener;
import io.xsk.listener.XskListenerConfigurer;
import io.xsk.listener.XskListenerContainer;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.socket.XdpPacket;
import io.xsk.test.KernelTest;
import io.xsk.test.VethPair;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.annotation.AliasFor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Component;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of where {@link XskListener} may stand and what it may say. Sockets are switched
 * off, but for the tests that need them.
 */
class XskListenerAnnotationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class, XskListenerAutoConfiguration.class))
		.withPropertyValues("xsk.enabled=false", "xsk.interfaces.wan.redirect.udp-ports=53",
				"xsk.sockets.dns.interface=wan", "xsk.sockets.dns.queues=0", "xsk.sockets.dhcp.interface=wan",
				"xsk.sockets.dhcp.queues=1");

	private static List<String> sockets(AssertableApplicationContext context) {
		return context.getBean(XskListenerRegistry.class)
			.containers()
			.stream()
			.map(XskListenerContainer::socket)
			.toList();
	}

	private void assertListens(Class<?> configuration, String... sockets) {
		this.runner.withUserConfiguration(configuration).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(sockets(context)).containsExactlyInAnyOrder(sockets);
		});
	}

	private void assertRefused(Class<?> configuration, String... parts) {
		this.runner.withUserConfiguration(configuration).run((context) -> {
			assertThat(context).hasFailed();
			Throwable failure = context.getStartupFailure();
			while (!(failure instanceof XskException)) {
				failure = failure.getCause();
			}
			assertThat(failure).message().contains(parts);
		});
	}

	@Test
	void aScopedProxyIsRefusedAlsoWhenNobodyAsksForIt() {
		assertRefused(Scoped.class, "not a singleton", "'xskListenerAnnotationTests.Scoped'");
	}

	@Test
	void aPrototypeThatNobodyAsksForIsRefused() {
		assertRefused(Prototype.class, "not a singleton");
	}

	@Test
	void aLazyBeanThatNobodyAsksForListens() {
		assertListens(LazyListener.class, "dns");
	}

	@Test
	void anAnnotationOfTheApplicationsOwnCanCarryIt() {
		assertListens(Composed.class, "dns", "dhcp");
	}

	@Test
	void expressionsMayGiveStringsArraysAndCollections() {
		assertListens(ByCollection.class, "dns", "dhcp");
		assertListens(ByArray.class, "dns", "dhcp");
		assertListens(ByString.class, "dns", "dhcp");
	}

	@Test
	void anExpressionThatCannotBeEvaluatedIsTold() {
		assertRefused(ByNothing.class, "#{@nobody.names()}", "cannot be evaluated");
	}

	@Test
	void anInheritedMethodMayTakeATypeVariable() {
		assertListens(OfPackets.class, "dns");
	}

	@Test
	void anAsynchronousListenerIsRefusedWithWhatToDoInstead() {
		assertRefused(AsyncListener.class, "@Async", "retain()");
	}

	@Test
	void aListenerIsLeftOutWhereNoSocketIsConfiguredOnPurpose() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class, XskListenerAutoConfiguration.class))
			.withPropertyValues("xsk.enabled=false")
			.withUserConfiguration(OfPackets.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@KernelTest
	@Test
	void aListenerOfAChildContextIsCalledWhileThatIsOpen() {
		try (VethPair veth = VethPair.create(1);
				ConfigurableApplicationContext parent = new SpringApplicationBuilder(Parent.class)
					.web(WebApplicationType.NONE)
					.properties("xsk.interfaces.wan.name=" + veth.name(), "xsk.interfaces.wan.redirect.udp-ports=9000",
							"xsk.sockets.dns.interface=wan", "spring.main.banner-mode=off")
					.run()) {
			List<XskBinding> before = parent.getBean(XskMapOperations.class).bindings();
			assertThat(before).extracting(XskBinding::state).containsExactly(BindingState.ACTIVE);
			Child listener;
			try (ConfigurableApplicationContext child = new SpringApplicationBuilder(Child.class)
				.web(WebApplicationType.NONE)
				.parent(parent)
				.run("--spring.main.banner-mode=off")) {
				listener = child.getBean(Child.class);
				assertThat(parent.getBean(Configurer.class).calls).isOne();
				veth.sendUdp(9000, new byte[] { 1 });
				Awaitility.await().until(() -> listener.received == 1);
			}
			assertThat(parent.getBean(XskListenerRegistry.class).containers()).isEmpty();
			assertThat(parent.getBean(XskMapOperations.class).bindings()).singleElement().satisfies((binding) -> {
				assertThat(binding.state()).isEqualTo(BindingState.INACTIVE);
				assertThat(binding.reason()).contains("its listener is gone");
			});
		}
	}

	@Component
	@Scope(value = "prototype", proxyMode = ScopedProxyMode.TARGET_CLASS)
	static class Scoped {

		@XskListener("dns")
		void on(XdpPacket packet) {
		}

	}

	@Component
	@Scope("prototype")
	static class Prototype {

		@XskListener("dns")
		void on(XdpPacket packet) {
		}

	}

	@Component
	@Lazy
	static class LazyListener {

		@XskListener("dns")
		void on(XdpPacket packet) {
		}

	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@XskListener("dns")
	@interface Dns {

	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@XskListener({})
	@interface Of {

		@AliasFor(annotation = XskListener.class, attribute = "value")
		String[] socket();

	}

	@Component
	static class Composed {

		@Dns
		void onDns(XdpPacket packet) {
		}

		@Of(socket = "dhcp")
		void onDhcp(XdpPacket packet) {
		}

	}

	@Component
	static class ByCollection {

		@XskListener("#{T(java.util.List).of('dns', 'dhcp')}")
		void on(XdpPacket packet) {
		}

	}

	@Component
	static class ByArray {

		@XskListener("#{new String[] {'dns', 'dhcp'}}")
		void on(XdpPacket packet) {
		}

	}

	@Component
	static class ByString {

		@XskListener("#{'dns' + ',' + 'dhcp'}")
		void on(XdpPacket packet) {
		}

	}

	@Component
	static class ByNothing {

		@XskListener("#{@nobody.names()}")
		void on(XdpPacket packet) {
		}

	}

	abstract static class Base<T> {

		@XskListener("dns")
		void on(T packet) {
		}

	}

	@Component
	static class OfPackets extends Base<XdpPacket> {

	}

	@Component
	static class AsyncListener {

		@Async
		@XskListener("dns")
		void on(XdpPacket packet) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ XskAutoConfiguration.class, XskListenerAutoConfiguration.class })
	static class Parent {

		@Bean
		Configurer configurer() {
			return new Configurer();
		}

	}

	static class Configurer implements XskListenerConfigurer {

		private int calls;

		@Override
		public void configureListeners(XskListenerRegistry registry) {
			this.calls++;
		}

	}

	@Component
	@ImportAutoConfiguration({ XskAutoConfiguration.class, XskListenerAutoConfiguration.class })
	static class Child {

		private volatile int received;

		private final List<Integer> lengths = new ArrayList<>();

		@XskListener("dns")
		void on(XdpPacket packet) {
			this.lengths.add(packet.length());
			this.received = this.lengths.size();
		}

	}

}
