package io.xsk.autoconfigure;

import io.xsk.listener.XskListenerAnnotationBeanPostProcessor;

import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for {@link io.xsk.listener.XskListener} methods. Looks for them also
 * where no socket is configured, so that a listener without one is told, not ignored.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = XskAutoConfiguration.class)
public final class XskListenerAutoConfiguration {

	private XskListenerAutoConfiguration() {
	}

	@Bean(XskListenerAnnotationBeanPostProcessor.BEAN_NAME)
	@ConditionalOnMissingBean(name = XskListenerAnnotationBeanPostProcessor.BEAN_NAME, search = SearchStrategy.CURRENT)
	static XskListenerAnnotationBeanPostProcessor xskListenerAnnotationProcessor() {
		return new XskListenerAnnotationBeanPostProcessor();
	}

	/** Nobody else asks for a bean that only listens. */
	@Bean("io.xsk.autoconfigure.internalXskListenerLazyInitializationExcludeFilter")
	static LazyInitializationExcludeFilter xskListenerLazyInitializationExcludeFilter() {
		return (beanName, beanDefinition, beanType) -> XskListenerAnnotationBeanPostProcessor.hasListeners(beanType);
	}

}
