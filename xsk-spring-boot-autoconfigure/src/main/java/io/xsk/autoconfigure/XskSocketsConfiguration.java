package io.xsk.autoconfigure;

import io.xsk.core.XskMapOperations;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.lifecycle.XskActivationLifecycle;
import io.xsk.lifecycle.XskSocketLifecycle;
import io.xsk.lifecycle.XskWatchLifecycle;
import io.xsk.setup.EmptySlotWatch;
import io.xsk.setup.XskRedirects;
import io.xsk.setup.XskSockets;
import io.xsk.setup.XskWatch;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * The sockets of {@code xsk.*}, their activation, and when both happen.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(OnAfXdpSystem.class)
class XskSocketsConfiguration {

	/**
	 * Runs before the properties are bound, so that it can tell what the binder would
	 * drop.
	 */
	XskSocketsConfiguration(Environment environment) {
		XskPropertyNames.check(environment);
	}

	@Bean
	@ConditionalOnMissingBean(Kernel.class)
	JnaKernel xskKernel() {
		return JnaKernel.load();
	}

	@Bean
	@ConditionalOnMissingBean
	XskSockets xskSockets(Kernel kernel, XskProperties properties,
			ObjectProvider<XskSocketConfigCustomizer> customizers) {
		XskPropertiesMapper mapper = new XskPropertiesMapper(properties, kernel.pageSize(),
				customizers.orderedStream().toList());
		return new XskSockets(kernel, mapper.interfaces(), mapper.sockets());
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
	XskActivationLifecycle xskActivationLifecycle(XskSockets sockets, XskMapOperations operations,
			XskProperties properties) {
		XskActivationLifecycle lifecycle = new XskActivationLifecycle(sockets, operations);
		lifecycle.setAutoStartup(properties.activation().autoStartup());
		lifecycle.setPhase(properties.activation().phase());
		return lifecycle;
	}

	@Bean
	EmptySlotWatch xskEmptySlotWatch(XskSockets sockets, XskMapOperations operations) {
		return new EmptySlotWatch(sockets, operations);
	}

	@Bean
	@ConditionalOnMissingBean
	XskWatchLifecycle xskWatchLifecycle(XskSockets sockets, ObjectProvider<XskWatch> watches) {
		return new XskWatchLifecycle(sockets, watches.orderedStream().toList());
	}

}
