package io.xsk.listener;

import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.xsk.socket.PacketBatchHandler;
import io.xsk.socket.PacketHandler;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.XdpPacketBatch;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.NativeDetector;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.scheduling.annotation.Async;
import org.springframework.util.ReflectionUtils;

/**
 * A method that listens, and the bean that it is called on. The call is compiled once, as
 * a lambda expression would be: a packet costs neither reflection nor an allocation.
 * Where that cannot be, in a native image above all, it is called by reflection.
 */
final class ListenerMethod {

	private static final List<Class<?>> PARAMETERS = List.of(XdpPacket.class, XdpPacketBatch.class, ByteBuffer.class,
			byte[].class);

	private final Object bean;

	private final Method method;

	/** What the method takes, also where that is a type variable of a superclass. */
	private final Class<?> parameter;

	private ListenerMethod(Object bean, Method method, Class<?> parameter) {
		this.bean = bean;
		this.method = method;
		this.parameter = parameter;
	}

	/**
	 * Check the method, and find the one that is called on the bean, which may be a
	 * proxy.
	 * @throws XskListenerException when it cannot listen
	 */
	static ListenerMethod of(Object bean, Method method) {
		String name = describe(method);
		if (method.getReturnType() != void.class) {
			throw new XskListenerException(
					"%s returns %s, and nobody takes that.".formatted(name, method.getReturnType().getSimpleName()),
					"Let it return void; XdpPacket.transmit() and XskTemplate send an answer.");
		}
		if (Modifier.isStatic(method.getModifiers())) {
			throw new XskListenerException("%s is static.".formatted(name), "Make it a method of the bean.");
		}
		Class<?> parameter = (method.getParameterCount() == 1)
				? ResolvableType.forMethodParameter(method, 0, AopUtils.getTargetClass(bean)).resolve() : null;
		if (parameter == null || !PARAMETERS.contains(parameter)) {
			throw new XskListenerException("%s does not have the one parameter of a listener.".formatted(name),
					"Let it have one of XdpPacket, XdpPacketBatch, ByteBuffer or byte[].");
		}
		if (AnnotatedElementUtils.hasAnnotation(method, Async.class)
				|| AnnotatedElementUtils.hasAnnotation(AopUtils.getTargetClass(bean), Async.class)) {
			throw new XskListenerException(
					"%s is @Async, and a packet is valid during the call of the listener alone.".formatted(name),
					"Remove @Async, and hand a copy over to another thread (XdpPacket.toByteArray()), or the packet"
							+ " itself after retain().");
		}
		return new ListenerMethod(bean, callable(bean, method, name), parameter);
	}

	private static Method callable(Object bean, Method method, String name) {
		if (AopUtils.isCglibProxy(bean) && (method.getModifiers() & (Modifier.FINAL | Modifier.PRIVATE)) != 0) {
			throw new XskListenerException(
					"%s is final or private, and its bean has a proxy that cannot pass the call on.".formatted(name),
					"Make it neither.");
		}
		try {
			return AopUtils.selectInvocableMethod(method, bean.getClass());
		}
		catch (IllegalStateException ex) {
			throw new XskListenerException(
					"%s cannot be called on its bean, whose proxy does not have it.".formatted(name),
					"Declare it in an interface of the bean, or let the bean have a proxy of its class"
							+ " (proxyTargetClass).",
					ex);
		}
	}

	static String describe(Method method) {
		return "@XskListener method %s.%s(%s)".formatted(method.getDeclaringClass().getSimpleName(), method.getName(),
				String.join(", ", Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).toList()));
	}

	/** Whether it wants the packet in one piece, and in its frame. */
	boolean needsOneFragment() {
		return this.parameter == ByteBuffer.class;
	}

	/** What takes single packets, {@code null} where the method takes batches. */
	@Nullable PacketHandler handler() {
		if (this.parameter == XdpPacket.class) {
			return call(PacketHandler.class, "onPacket", XdpPacket.class, this::reflectiveHandler);
		}
		if (this.parameter == ByteBuffer.class) {
			Consumer<ByteBuffer> consumer = consumer();
			return (packet) -> consumer.accept(packet.data());
		}
		if (this.parameter == byte[].class) {
			Consumer<byte[]> consumer = consumer();
			return (packet) -> consumer.accept(packet.toByteArray());
		}
		return null;
	}

	/** What {@link #handler()} is where the call cannot be compiled. */
	PacketHandler reflectiveHandler() {
		Consumer<Object> call = reflective();
		return call::accept;
	}

	/** What takes batches, {@code null} where the method takes single packets. */
	@Nullable PacketBatchHandler batchHandler() {
		return (this.parameter == XdpPacketBatch.class)
				? call(PacketBatchHandler.class, "onBatch", XdpPacketBatch.class, () -> reflective()::accept) : null;
	}

	@SuppressWarnings("unchecked")
	private <T> Consumer<T> consumer() {
		return call(Consumer.class, "accept", Object.class, this::reflective);
	}

	/** Make an object of a functional interface whose method calls ours. */
	private <T> T call(Class<T> type, String name, Class<?> erased, Supplier<T> fallback) {
		if (NativeDetector.inNativeImage()) {
			return fallback.get();
		}
		try {
			MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(this.method.getDeclaringClass(),
					MethodHandles.lookup());
			MethodHandle target = lookup.unreflect(this.method);
			MethodHandle factory = LambdaMetafactory
				.metafactory(lookup, name, MethodType.methodType(type, this.method.getDeclaringClass()),
						MethodType.methodType(void.class, erased), target,
						MethodType.methodType(void.class, this.parameter))
				.getTarget();
			return type.cast(factory.invoke(this.bean));
		}
		catch (Error ex) {
			throw ex;
		}
		catch (Throwable ex) {
			// a class in a module that is not open to us, for one; reflection may do
			return fallback.get();
		}
	}

	/** What calls the method by reflection, whatever the argument. */
	private Consumer<Object> reflective() {
		try {
			ReflectionUtils.makeAccessible(this.method);
		}
		catch (InaccessibleObjectException ex) {
			throw inaccessible(ex);
		}
		return this::invoke;
	}

	private XskListenerException inaccessible(Exception cause) {
		return new XskListenerException("%s cannot be called.".formatted(this),
				"Make the method and its class public, or open their module to io.xsk.autoconfigure.", cause);
	}

	private void invoke(Object argument) {
		try {
			this.method.invoke(this.bean, argument);
		}
		catch (InvocationTargetException ex) {
			ListenerMethod.<RuntimeException>rethrow(ex.getTargetException());
		}
		catch (IllegalAccessException ex) {
			throw inaccessible(ex);
		}
	}

	/** As the compiled call does it, which knows nothing of checked exceptions. */
	@SuppressWarnings("unchecked")
	private static <E extends Throwable> void rethrow(Throwable failure) throws E {
		throw (E) failure;
	}

	@Override
	public String toString() {
		return describe(this.method);
	}

}
