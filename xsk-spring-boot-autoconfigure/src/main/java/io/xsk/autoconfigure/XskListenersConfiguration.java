package io.xsk.autoconfigure;

import io.xsk.core.XskMapOperations;
import io.xsk.kernel.Kernel;
import io.xsk.listener.LoggingErrorHandler;
import io.xsk.listener.XskIdleStrategyFactory;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerErrorHandler;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.send.XskTemplate;
import io.xsk.setup.XskSockets;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/**
 * What receives from the sockets and what sends out of them.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(OnAfXdpSystem.class)
class XskListenersConfiguration {

	@Bean
	@ConditionalOnMissingBean
	XskListenerContainerFactory xskListenerContainerFactory(Kernel kernel, XskSockets sockets,
			XskMapOperations operations, XskProperties properties,
			ObjectProvider<XskListenerErrorHandler> errorHandlers,
			ObjectProvider<XskIdleStrategyFactory> idleStrategies) {
		XskListenerPropertiesMapper mapper = new XskListenerPropertiesMapper(properties);
		XskListenerContainerFactory factory = new XskListenerContainerFactory(kernel, sockets, operations);
		mapper.apply(factory);
		// several are named by the listeners that want them; one is for all
		XskListenerErrorHandler errorHandler = errorHandlers.getIfUnique();
		factory.setErrorHandler(
				(errorHandler != null) ? errorHandler : new LoggingErrorHandler(mapper.errorLogInterval()));
		XskIdleStrategyFactory idleStrategy = idleStrategies.getIfAvailable();
		factory.setIdleStrategy((idleStrategy != null) ? idleStrategy : properties.listener().idleStrategy());
		return factory;
	}

	@Bean
	@ConditionalOnMissingBean
	XskListenerRegistry xskListenerRegistry(XskListenerContainerFactory factory) {
		return new XskListenerRegistry(factory);
	}

	@Bean
	@ConditionalOnMissingBean
	XskTemplate xskTemplate(XskSockets sockets, XskProperties properties) {
		XskTemplate template = new XskTemplate(sockets);
		new XskListenerPropertiesMapper(properties).apply(template);
		return template;
	}

}
