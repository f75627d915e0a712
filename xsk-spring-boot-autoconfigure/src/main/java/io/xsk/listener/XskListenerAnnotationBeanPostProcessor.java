package io.xsk.listener;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanExpressionContext;
import org.springframework.beans.factory.config.BeanExpressionResolver;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

/**
 * Finds {@link XskListener} methods and registers them, and calls the
 * {@link XskListenerConfigurer} beans, when all singletons are there. What a bean that is
 * made later brings with it is registered then.
 *
 * @since 0.1.0
 */
public class XskListenerAnnotationBeanPostProcessor
		implements DestructionAwareBeanPostProcessor, SmartInitializingSingleton, BeanFactoryAware, Ordered {

	/** The name of the bean. */
	public static final String BEAN_NAME = "io.xsk.listener.internalXskListenerAnnotationProcessor";

	private static final Log logger = LogFactory.getLog(XskListenerAnnotationBeanPostProcessor.class);

	private final Set<Class<?>> withoutListeners = ConcurrentHashMap.newKeySet();

	private final List<Found> waiting = new ArrayList<>();

	/** The sockets that listeners of this context have in a registry of an ancestor. */
	private final Map<String, List<String>> borrowed = new ConcurrentHashMap<>();

	private boolean singletonsAreThere;

	@SuppressWarnings("NullAway.Init")
	private ConfigurableListableBeanFactory beanFactory;

	/**
	 * Create a post-processor.
	 */
	public XskListenerAnnotationBeanPostProcessor() {
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		Assert.isInstanceOf(ConfigurableListableBeanFactory.class, beanFactory);
		this.beanFactory = (ConfigurableListableBeanFactory) beanFactory;
	}

	/** After the proxies were made, which are to be called. */
	@Override
	public int getOrder() {
		return LOWEST_PRECEDENCE;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		Class<?> type = AopUtils.getTargetClass(bean);
		if (bean instanceof AopInfrastructureBean || ScopedProxyUtils.isScopedTarget(beanName)
				|| this.withoutListeners.contains(type)) {
			return bean;
		}
		Map<Method, XskListener> methods = AnnotationUtils.isCandidateClass(type, XskListener.class) ? find(type)
				: Map.of();
		if (methods.isEmpty()) {
			this.withoutListeners.add(type);
		}
		methods.forEach((method, annotation) -> found(new Found(bean, beanName, method, annotation)));
		return bean;
	}

	/**
	 * Return whether a class has listener methods.
	 * @param type the class
	 * @return whether a bean of it is to be made without anybody asking for it
	 */
	public static boolean hasListeners(Class<?> type) {
		return AnnotationUtils.isCandidateClass(type, XskListener.class) && !find(type).isEmpty();
	}

	private static Map<Method, XskListener> find(Class<?> type) {
		return MethodIntrospector.selectMethods(type,
				(MethodIntrospector.MetadataLookup<XskListener>) (method) -> AnnotatedElementUtils
					.findMergedAnnotation(method, XskListener.class));
	}

	private void found(Found found) {
		synchronized (this.waiting) {
			if (!this.singletonsAreThere) {
				this.waiting.add(found);
				return;
			}
		}
		register(found);
	}

	@Override
	public void afterSingletonsInstantiated() {
		List<Found> found;
		synchronized (this.waiting) {
			this.singletonsAreThere = true;
			found = List.copyOf(this.waiting);
			this.waiting.clear();
		}
		found.forEach(this::register);
		for (String beanName : this.beanFactory.getBeanDefinitionNames()) {
			askFor(beanName);
		}
		// those of an ancestor were called by its own post-processor
		this.beanFactory.getBeansOfType(XskListenerConfigurer.class)
			.values()
			.stream()
			.sorted(AnnotationAwareOrderComparator.INSTANCE)
			.forEach(this::register);
	}

	/**
	 * A listener must not be ignored because nobody asks for its bean: lazy ones are made
	 * now, others are refused.
	 */
	private void askFor(String beanName) {
		BeanDefinition definition = this.beanFactory.getMergedBeanDefinition(beanName);
		if (definition.isAbstract() || this.beanFactory.containsSingleton(beanName)) {
			return;
		}
		Class<?> type = this.beanFactory.getType(beanName, false);
		if (type == null || this.withoutListeners.contains(type) || !hasListeners(type)) {
			return;
		}
		if (definition.isSingleton()) {
			this.beanFactory.getBean(beanName);
			return;
		}
		String name = ScopedProxyUtils.isScopedTarget(beanName) ? ScopedProxyUtils.getOriginalBeanName(beanName)
				: beanName;
		throw noSingleton(ListenerMethod.describe(find(type).keySet().iterator().next()), name);
	}

	private static XskListenerException noSingleton(String listener, String beanName) {
		return new XskListenerException(
				"%s is in the bean '%s', which is not a singleton: each new one would listen to the same packets."
					.formatted(listener, beanName),
				"Give it the scope singleton, and let it get what has another scope.");
	}

	private void register(XskListenerConfigurer configurer) {
		String who = "XskListenerConfigurer " + configurer.getClass().getName();
		XskListenerRegistry registry = registry(who);
		if (!isLeftOut(who, registry)) {
			configurer.configureListeners(registry);
		}
	}

	private static boolean isLeftOut(String who, XskListenerRegistry registry) {
		if (registry.ignoresListeners()) {
			logger.info("%s is left out: xsk.enabled=false, and no socket is configured".formatted(who));
		}
		return registry.ignoresListeners();
	}

	private XskListenerRegistry registry(String who) {
		XskListenerRegistry registry = this.beanFactory.getBeanProvider(XskListenerRegistry.class).getIfAvailable();
		if (registry == null) {
			throw new XskListenerException("%s has no socket to listen to: none is configured.".formatted(who),
					"Configure one: xsk.sockets.<name>.interface, and the interface under xsk.interfaces; or set"
							+ " xsk.enabled=false.");
		}
		return registry;
	}

	private void register(Found found) {
		// the one that others get: somebody may have made a proxy of it after us
		Object bean = this.beanFactory.containsSingleton(found.beanName()) ? this.beanFactory.getBean(found.beanName())
				: found.bean();
		ListenerMethod method = ListenerMethod.of(bean, found.method());
		if (this.beanFactory.containsBean(found.beanName()) && !this.beanFactory.isSingleton(found.beanName())) {
			throw noSingleton(method.toString(), found.beanName());
		}
		XskListenerRegistry registry = registry(method.toString());
		if (isLeftOut(method.toString(), registry)) {
			return;
		}
		boolean borrows = this.beanFactory.getBeanNamesForType(XskListenerRegistry.class).length == 0;
		for (String socket : sockets(method, found.annotation())) {
			XskListenerEndpoint endpoint = new XskListenerEndpoint(socket, method.toString(), method.handler(),
					method.batchHandler(), errorHandler(method, found.annotation()));
			if (method.needsOneFragment()) {
				registry.requireOneFragment(endpoint);
			}
			registry.register(endpoint);
			if (borrows) {
				this.borrowed.computeIfAbsent(found.beanName(), (name) -> new CopyOnWriteArrayList<>()).add(socket);
			}
		}
	}

	@Override
	public boolean requiresDestruction(Object bean) {
		return !this.withoutListeners.contains(AopUtils.getTargetClass(bean));
	}

	/** A bean that is gone is called no more, although the registry lives on. */
	@Override
	public void postProcessBeforeDestruction(Object bean, String beanName) {
		List<String> sockets = this.borrowed.remove(beanName);
		if (sockets != null) {
			sockets.forEach(registry(beanName)::unregister);
		}
	}

	private List<String> sockets(ListenerMethod method, XskListener annotation) {
		List<String> sockets = new ArrayList<>();
		for (String text : annotation.value()) {
			Object value = evaluate(method, text);
			if (value instanceof Collection<?> names) {
				names.forEach((name) -> sockets.add(String.valueOf(name)));
			}
			else if (value instanceof Object[] names) {
				List.of(names).forEach((name) -> sockets.add(String.valueOf(name)));
			}
			else {
				sockets.addAll(List.of(StringUtils.tokenizeToStringArray(String.valueOf(value), ",")));
			}
		}
		if (sockets.isEmpty()) {
			throw new XskListenerException("%s names no socket.".formatted(method),
					"Name one, as in @XskListener(\"dns\"), or several.");
		}
		return sockets;
	}

	private Object evaluate(ListenerMethod method, String text) {
		String resolved = resolve(method, text);
		BeanExpressionResolver resolver = this.beanFactory.getBeanExpressionResolver();
		try {
			Object value = (resolver != null)
					? resolver.evaluate(resolved, new BeanExpressionContext(this.beanFactory, null)) : resolved;
			return (value != null) ? value : "";
		}
		catch (BeansException ex) {
			throw new XskListenerException(
					"%s names %s, which cannot be evaluated: %s".formatted(method, text,
							NestedExceptionUtils.getMostSpecificCause(ex).getMessage()),
					"Correct the expression, as in #{@names.sockets()}.", ex);
		}
	}

	private @Nullable XskListenerErrorHandler errorHandler(ListenerMethod method, XskListener annotation) {
		String name = String.valueOf(evaluate(method, annotation.errorHandler()));
		if (name.isEmpty()) {
			return null;
		}
		if (!this.beanFactory.containsBean(name)
				|| !this.beanFactory.isTypeMatch(name, XskListenerErrorHandler.class)) {
			throw new XskListenerException(
					"%s names the error handler '%s', and there is no such bean.".formatted(method, name),
					"Name a bean of type XskListenerErrorHandler; there are: %s."
						.formatted(List.of(this.beanFactory.getBeanNamesForType(XskListenerErrorHandler.class))));
		}
		return this.beanFactory.getBean(name, XskListenerErrorHandler.class);
	}

	private String resolve(ListenerMethod method, String text) {
		try {
			String resolved = this.beanFactory.resolveEmbeddedValue(text);
			return (resolved != null) ? resolved.strip() : "";
		}
		catch (IllegalArgumentException ex) {
			throw new XskListenerException("%s names %s, which has no value.".formatted(method, text),
					"Set that property, or give it a default, as in ${my.socket:dns}.", ex);
		}
	}

	/** A method that was found. */
	private record Found(Object bean, String beanName, Method method, XskListener annotation) {
	}

}
