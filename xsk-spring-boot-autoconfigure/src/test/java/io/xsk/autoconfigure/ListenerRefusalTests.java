package io.xsk.autoconfigure;

import io.xsk.listener.ContainerStoppingErrorHandler;
import io.xsk.listener.XskListenerConfigurer;
import io.xsk.listener.XskListenerErrorHandler;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of listener methods that make the start of an application fail: each is named,
 * and what to do about it.
 */
class ListenerRefusalTests extends AbstractListenerContextTests {

	@Test
	void anUnknownSocketIsToldWithTheNearest() {
		assertFails(configured().withBean(TestListeners.Misspelt.class),
				"@XskListener method Misspelt.onPacket(XdpPacket)", "socket 'dsn', which does not exist",
				"Did you mean 'dns'?", "dns, large, out");
	}

	@Test
	void aListenerWithoutAnySocketIsTold() {
		assertFails(this.runner.withBean(TestListeners.Misspelt.class),
				"Misspelt.onPacket(XdpPacket) listens to the socket 'dsn', which does not exist",
				"xsk.sockets.<name>.interface");
		assertFails(this.runner.withBean("mine", XskListenerConfigurer.class,
				() -> (registry) -> registry.register("dns", (packet) -> {
				})), "listens to the socket 'dns', which does not exist", "xsk.sockets.<name>.interface");
	}

	@Test
	void aListenerIsIgnoredWhenAllIsDisabled() {
		this.runner.withPropertyValues("xsk.enabled=false")
			.withBean(TestListeners.Misspelt.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void aSecondListenerOnASocketIsTold() {
		assertFails(configured().withBean(TestListeners.Dns.class).withBean(TestListeners.DnsToo.class),
				"@XskListener method DnsToo.onPacket(XdpPacket) listens to the socket 'dns'",
				"@XskListener method Dns.onPacket(XdpPacket)", "Remove one");
		assertFails(configured().withBean(TestListeners.Dns.class)
			.withBean("mine", XskListenerConfigurer.class, () -> (registry) -> registry.register("dns", (packet) -> {
			})), "'dns'", "Dns.onPacket(XdpPacket)");
	}

	@Test
	void aListenerOnASocketThatOnlySendsIsTold() {
		assertFails(configured().withPropertyValues("name=out").withBean(TestListeners.ByPlaceholder.class),
				"ByPlaceholder.onPacket(byte[])", "'out', which only sends", "xsk.sockets.out.direction");
	}

	@Test
	void aByteBufferOfAMultiBufferSocketIsTold() {
		assertFails(configured().withBean(TestListeners.Large.class), "Large.onPacket(ByteBuffer)",
				"multi-buffer socket 'large'", "byte[]");
	}

	@Test
	void aWrongSignatureIsTold() {
		assertFails(configured().withBean(TestListeners.WrongParameter.class), "WrongParameter.onPacket(String)",
				"XdpPacket, XdpPacketBatch, ByteBuffer or byte[]");
	}

	@Test
	void aBeanThatIsNoSingletonIsTold() {
		assertFails(
				configured()
					.withBean("each", TestListeners.Dns.class, TestListeners.Dns::new,
							(definition) -> definition.setScope(BeanDefinition.SCOPE_PROTOTYPE))
					.withUserConfiguration(UsesPrototype.class),
				"Dns.onPacket(XdpPacket) is in the bean 'each', which is not a singleton", "the scope singleton");
	}

	@Test
	void aPlaceholderWithoutAValueIsTold() {
		assertFails(
				configured().withConfiguration(AutoConfigurations.of(PropertyPlaceholderAutoConfiguration.class))
					.withBean(TestListeners.ByPlaceholder.class),
				"ByPlaceholder.onPacket(byte[]) names ${name}, which has no value", "${my.socket:dns}");
	}

	@Test
	void anEmptyPlaceholderIsTold() {
		assertFails(configured().withPropertyValues("name=").withBean(TestListeners.ByPlaceholder.class),
				"names no socket");
	}

	@Test
	void anUnknownErrorHandlerIsTold() {
		assertFails(
				configured().withBean(TestListeners.WithErrorHandler.class)
					.withBean("strict", XskListenerErrorHandler.class, ContainerStoppingErrorHandler::new),
				"error handler 'stopping'", "there are: [strict]");
	}

	@Configuration(proxyBeanMethods = false)
	static class UsesPrototype {

		@Bean
		String user(TestListeners.Dns each) {
			return each.toString();
		}

	}

}
