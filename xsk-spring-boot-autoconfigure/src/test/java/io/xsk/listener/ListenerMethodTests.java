package io.xsk.listener;

import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.xsk.socket.PacketBatchHandler;
import io.xsk.socket.PacketHandler;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.XdpPacketBatch;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.annotation.ReflectiveRuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ListenerMethod}. What the packets hold does not matter here.
 */
class ListenerMethodTests {

	@SuppressWarnings("NullAway")
	private static final XdpPacket PACKET = null;

	@SuppressWarnings("NullAway")
	private static final XdpPacketBatch BATCH = null;

	private final List<String> calls = new ArrayList<>();

	@ParameterizedTest
	@ValueSource(strings = { "open", "inPackage", "inFamily", "closed" })
	void callsAMethodOfAnyVisibility(String name) {
		handler(new Visibilities(this.calls), name).onPacket(PACKET);
		assertThat(this.calls).containsExactly(name);
	}

	@Test
	void callsAMethodThatTakesBatches() {
		ListenerMethod method = listener(new Visibilities(this.calls), "batch");
		PacketBatchHandler handler = method.batchHandler();
		assertThat(method.handler()).isNull();
		assertThat(handler).isNotNull();
		handler.onBatch(BATCH);
		assertThat(this.calls).containsExactly("batch");
	}

	@Test
	void isNoReflectionAtRunTime() {
		handler(new Tracing(this.calls), "trace").onPacket(PACKET);
		assertThat(this.calls).noneMatch((frame) -> frame.startsWith("java.lang.reflect")
				|| frame.startsWith("jdk.internal.reflect") || frame.startsWith("java.lang.invoke"));
	}

	@Test
	void callsThroughAProxyOfTheClass() {
		Visibilities target = new Visibilities(this.calls);
		Object proxy = proxy(target, true);
		handler(proxy, "open").onPacket(PACKET);
		handler(proxy, "inPackage").onPacket(PACKET);
		assertThat(this.calls).containsExactly("intercepted", "open", "intercepted", "inPackage");
	}

	@Test
	void callsThroughAProxyOfAnInterface() {
		Object proxy = proxy(new OfInterface(this.calls), false);
		ListenerMethod method = ListenerMethod.of(proxy, method(OfInterface.class, "listen"));
		PacketHandler handler = method.handler();
		assertThat(handler).isNotNull();
		handler.onPacket(PACKET);
		assertThat(this.calls).containsExactly("intercepted", "listen");
	}

	private Object proxy(Object target, boolean ofClass) {
		ProxyFactory factory = new ProxyFactory(target);
		factory.setProxyTargetClass(ofClass);
		factory.addAdvice((MethodInterceptor) (invocation) -> {
			this.calls.add("intercepted");
			return invocation.proceed();
		});
		return factory.getProxy();
	}

	@Test
	void refusesAMethodThatTheInterfaceOfItsProxyLacks() {
		Object proxy = proxy(new OfInterface(this.calls), false);
		assertThatExceptionOfType(XskListenerException.class)
			.isThrownBy(() -> ListenerMethod.of(proxy, method(OfInterface.class, "other")))
			.withMessageContaining("OfInterface.other(XdpPacket)")
			.withMessageContaining("proxyTargetClass");
	}

	@ParameterizedTest
	@ValueSource(strings = { "closed", "unchangeable" })
	void refusesAMethodThatAProxyOfTheClassCannotPassOn(String name) {
		Object proxy = proxy(new Visibilities(this.calls), true);
		assertThatExceptionOfType(XskListenerException.class)
			.isThrownBy(() -> ListenerMethod.of(proxy, method(Visibilities.class, name)))
			.withMessageContaining("final or private");
	}

	@ParameterizedTest
	@ValueSource(strings = { "nothing", "twoParameters", "string", "heap", "list" })
	void refusesOtherParameters(String name) {
		assertThatExceptionOfType(XskListenerException.class)
			.isThrownBy(() -> ListenerMethod.of(new Wrong(), method(Wrong.class, name)))
			.withMessageContaining("@XskListener method Wrong." + name + "(")
			.withMessageContaining("XdpPacket, XdpPacketBatch, ByteBuffer or byte[]");
	}

	@Test
	void refusesAReturnValue() {
		assertThatExceptionOfType(XskListenerException.class)
			.isThrownBy(() -> ListenerMethod.of(new Wrong(), method(Wrong.class, "answer")))
			.withMessageContaining("Wrong.answer(XdpPacket) returns ByteBuffer")
			.withMessageContaining("transmit()");
	}

	@Test
	void refusesAStaticMethod() {
		assertThatExceptionOfType(XskListenerException.class)
			.isThrownBy(() -> ListenerMethod.of(new Wrong(), method(Wrong.class, "ofTheClass")))
			.withMessageContaining("static");
	}

	@Test
	void passesCheckedExceptionsOn() {
		assertThatExceptionOfType(Exception.class)
			.isThrownBy(() -> handler(new Visibilities(this.calls), "failing").onPacket(PACKET))
			.withMessage("checked");
	}

	@Test
	void doesTheSameByReflection() {
		ListenerMethod method = listener(new Visibilities(this.calls), "closed");
		PacketHandler reflective = method.reflectiveHandler();
		reflective.onPacket(PACKET);
		assertThat(this.calls).containsExactly("closed");
		assertThatExceptionOfType(Exception.class)
			.isThrownBy(() -> listener(new Visibilities(this.calls), "failing").reflectiveHandler().onPacket(PACKET))
			.withMessage("checked");
	}

	@Test
	void anAotBuildKnowsTheMethods() {
		RuntimeHints hints = new RuntimeHints();
		new ReflectiveRuntimeHintsRegistrar().registerRuntimeHints(hints, Annotated.class);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Annotated.class, "listen")).accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Annotated.class, "other")).rejects(hints);
	}

	private static PacketHandler handler(Object bean, String name) {
		@Nullable PacketHandler handler = listener(bean, name).handler();
		assertThat(handler).isNotNull();
		return handler;
	}

	private static ListenerMethod listener(Object bean, String name) {
		Class<?> type = (bean instanceof Visibilities) ? Visibilities.class : bean.getClass();
		return ListenerMethod.of(bean, method(type, name));
	}

	private static Method method(Class<?> type, String name) {
		return Arrays.stream(type.getDeclaredMethods())
			.filter((method) -> method.getName().equals(name))
			.findFirst()
			.orElseThrow();
	}

	static class Visibilities {

		private final List<String> calls;

		/** For a proxy, which has no use for it. */
		Visibilities() {
			this(new ArrayList<>());
		}

		Visibilities(List<String> calls) {
			this.calls = calls;
		}

		public void open(XdpPacket packet) {
			this.calls.add("open");
		}

		void inPackage(XdpPacket packet) {
			this.calls.add("inPackage");
		}

		protected void inFamily(XdpPacket packet) {
			this.calls.add("inFamily");
		}

		private void closed(XdpPacket packet) {
			this.calls.add("closed");
		}

		final void unchangeable(XdpPacket packet) {
			this.calls.add("unchangeable");
		}

		void batch(XdpPacketBatch batch) {
			this.calls.add("batch");
		}

		void failing(XdpPacket packet) throws Exception {
			throw new Exception("checked");
		}

	}

	private static final class Tracing {

		private final List<String> calls;

		private Tracing(List<String> calls) {
			this.calls = calls;
		}

		void trace(XdpPacket packet) {
			for (StackTraceElement frame : new Throwable().getStackTrace()) {
				if (frame.getClassName().equals(ListenerMethodTests.class.getName())) {
					return;
				}
				this.calls.add(frame.getClassName());
			}
		}

	}

	interface Listening {

		void listen(XdpPacket packet);

	}

	static class OfInterface implements Listening {

		private final List<String> calls;

		OfInterface(List<String> calls) {
			this.calls = calls;
		}

		@Override
		public void listen(XdpPacket packet) {
			this.calls.add("listen");
		}

		public void other(XdpPacket packet) {
			this.calls.add("other");
		}

	}

	private static final class Wrong {

		void nothing() {
		}

		void twoParameters(XdpPacket packet, String more) {
		}

		void string(String packet) {
		}

		void heap(CharBuffer packet) {
		}

		void list(List<XdpPacket> packets) {
		}

		ByteBuffer answer(XdpPacket packet) {
			return packet.data();
		}

		static void ofTheClass(XdpPacket packet) {
		}

	}

	private static final class Annotated {

		@XskListener("dns")
		void listen(XdpPacket packet) {
		}

		void other(XdpPacket packet) {
		}

	}

}
