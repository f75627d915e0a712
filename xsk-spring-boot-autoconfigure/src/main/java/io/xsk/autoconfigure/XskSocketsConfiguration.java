package io.xsk.autoconfigure;

import io.xsk.core.XskMapOperations;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.lifecycle.XskActivationLifecycle;
import io.xsk.lifecycle.XskSocketLifecycle;
import io.xsk.lifecycle.XskWatchLifecycle;
import io.xsk.setup.EmptySlotWatch;
import io.xsk.setup.XskRedirects;
import io.xsk.setup.XskSockets;
import io.xsk.setup.XskWatch;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * The sockets of {@code xsk.*}, their activation, and when both happen.
 */
@Configuration(proxyBeanMethods = false)
class XskSocketsConfiguration {

	/**
	 * Before the properties are bound, so that it can tell what the binder would drop.
	 */
	@Bean
	static BeanFactoryPostProcessor xskPropertyNamesCheck(Environment environment) {
		return (beanFactory) -> XskPropertyNames.check(environment);
	}

	@Bean
	@Lazy
	@ConditionalOnMissingBean
	Kernel xskKernel(XskProperties properties) {
		return KernelChoice.running(properties);
	}

	@Bean
	@ConditionalOnMissingBean
	XskSockets xskSockets(XskProperties properties, ObjectProvider<Kernel> kernels,
			ObjectProvider<XskInterfaceConfigCustomizer> interfaceCustomizers,
			ObjectProvider<XskSocketConfigCustomizer> socketCustomizers) {
		XskPropertiesMapper mapper = new XskPropertiesMapper(properties);
		return new XskSockets(KernelChoice.forSockets(properties, kernels),
				mapper.interfaces(interfaceCustomizers.orderedStream().toList()),
				mapper.sockets(socketCustomizers.orderedStream().toList()));
	}

	@Bean
	@ConditionalOnMissingBean(XskMapOperations.class)
	XskMapTemplate xskMapTemplate(XskSockets sockets, XskProperties properties,
			ObjectProvider<XskMapTemplateCustomizer> customizers) {
		XskMapTemplate template = new XskMapTemplate(sockets);
		template.setActivationPolicy(properties.activation().policy());
		customizers.orderedStream().forEach((customizer) -> customizer.customize(template));
		return template;
	}

	@Bean
	@ConditionalOnMissingBean
	XskRedirects xskRedirects(XskSockets sockets) {
		return new XskRedirects(sockets);
	}

	@Bean
	@ConditionalOnMissingBean
	XskSocketLifecycle xskSocketLifecycle(XskSockets sockets) {
		return new XskSocketLifecycle(sockets);
	}

	@Bean
	@ConditionalOnMissingBean
	XskActivationLifecycle xskActivationLifecycle(XskSockets sockets, ObjectProvider<XskMapOperations> operations,
			XskProperties properties) {
		XskActivationLifecycle lifecycle = new XskActivationLifecycle(sockets, OneOperations.of(operations, sockets));
		lifecycle.setAutoStartup(properties.activation().autoStartup());
		lifecycle.setPhase(properties.activation().phase());
		return lifecycle;
	}

	@Bean
	@ConditionalOnMissingBean
	EmptySlotWatch xskEmptySlotWatch(XskSockets sockets, ObjectProvider<XskMapOperations> operations) {
		return new EmptySlotWatch(sockets, OneOperations.of(operations, sockets));
	}

	@Bean
	@ConditionalOnMissingBean
	XskWatchLifecycle xskWatchLifecycle(XskSockets sockets, ObjectProvider<XskWatch> watches) {
		return new XskWatchLifecycle(sockets, watches.orderedStream().toList());
	}

}
