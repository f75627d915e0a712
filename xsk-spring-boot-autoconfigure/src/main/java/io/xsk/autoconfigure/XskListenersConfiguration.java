package io.xsk.autoconfigure;

import java.time.Duration;

import io.xsk.core.XskMapOperations;
import io.xsk.listener.UnreadSocketWatch;
import io.xsk.listener.XskIdleStrategyFactory;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerErrorHandler;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.send.XskTemplate;
import io.xsk.setup.XskSockets;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * What receives from the sockets and what sends out of them.
 */
@Configuration(proxyBeanMethods = false)
class XskListenersConfiguration {

	/** What Spring Boot sets where the application does not. */
	private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(30);

	@Bean
	@ConditionalOnMissingBean
	XskListenerContainerFactoryConfigurer xskListenerContainerFactoryConfigurer(XskProperties properties,
			ObjectProvider<XskListenerErrorHandler> errorHandlers,
			ObjectProvider<XskIdleStrategyFactory> idleStrategies,
			ObjectProvider<XskListenerContainerFactoryCustomizer> customizers) {
		return new XskListenerContainerFactoryConfigurer(properties, errorHandlers, idleStrategies, customizers);
	}

	@Bean
	@ConditionalOnMissingBean
	XskListenerContainerFactory xskListenerContainerFactory(XskSockets sockets,
			ObjectProvider<XskMapOperations> operations, XskListenerContainerFactoryConfigurer configurer) {
		XskListenerContainerFactory factory = new XskListenerContainerFactory(sockets,
				OneOperations.of(operations, sockets));
		configurer.configure(factory);
		return factory;
	}

	@Bean
	@ConditionalOnMissingBean
	XskListenerRegistry xskListenerRegistry(XskListenerContainerFactory factory, XskProperties properties,
			XskListenerContainerFactoryConfigurer configurer, Environment environment) {
		configurer.check(factory,
				Binder.get(environment)
					.bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
					.orElse(SHUTDOWN_TIMEOUT));
		XskListenerRegistry registry = new XskListenerRegistry(factory);
		registry.setIgnoresListeners(!properties.enabled() && properties.sockets().isEmpty());
		return registry;
	}

	@Bean
	@ConditionalOnMissingBean
	UnreadSocketWatch xskUnreadSocketWatch(XskSockets sockets, ObjectProvider<XskMapOperations> operations,
			XskListenerRegistry registry) {
		return new UnreadSocketWatch(sockets, OneOperations.of(operations, sockets), registry);
	}

	@Bean
	@ConditionalOnMissingBean
	XskTemplate xskTemplate(XskSockets sockets, XskProperties properties,
			ObjectProvider<XskTemplateCustomizer> customizers) {
		XskTemplate template = new XskTemplate(sockets);
		new XskListenerPropertiesMapper(properties).apply(template);
		customizers.orderedStream().forEach((customizer) -> customizer.customize(template));
		return template;
	}

}
