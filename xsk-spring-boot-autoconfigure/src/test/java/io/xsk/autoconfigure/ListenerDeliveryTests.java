package io.xsk.autoconfigure;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

import io.xsk.listener.XskListenerConfigurer;
import io.xsk.listener.XskListenerContainer;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.send.XskTemplate;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.PacketSocket;
import io.xsk.test.VethPair;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what listeners of an application context get, and of what its template sends.
 */
@KernelTest
@ExtendWith(OutputCaptureExtension.class)
class ListenerDeliveryTests extends AbstractListenerContextTests {

	@ParameterizedTest
	@ValueSource(classes = { TestListeners.TakesPacket.class, TestListeners.TakesBatch.class,
			TestListeners.TakesBuffer.class, TestListeners.TakesBytes.class })
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
				.withBean(TestListeners.ByPlaceholders.class)
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
			on(veth).withBean(TestListeners.TakesPacket.class)
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
								(packet) -> this.calls.add(TestListeners.text(packet.data()))))
				.run((context) -> {
					veth.sendUdp(9000, "functional".getBytes());
					awaitCall("functional");
				});
		}
	}

	@Test
	void aListenerIsFoundWhenEverythingElseIsLazy() {
		try (VethPair veth = VethPair.create(1)) {
			on(veth).withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
				.withBean(TestListeners.TakesPacket.class)
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
	void aPacketThatIsNeverReleasedIsLoggedWithItsPlace(CapturedOutput output) {
		try (VethPair veth = VethPair.create(1)) {
			on(veth).withPropertyValues("xsk.sockets.dns.leak-detection=true")
				.withBean(TestListeners.Retaining.class)
				.run((context) -> {
					veth.sendUdp(9000, "kept".getBytes());
					awaitCall("kept");
				});
			assertThat(output).contains("was retained at").contains("Retaining.onPacket");
		}
	}

	private static BeanPostProcessor proxies(List<String> calls) {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (!(bean instanceof TestListeners.TakesPacket)) {
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

}
