package io.xsk.autoconfigure;

import io.xsk.actuate.XskHealthIndicator;
import io.xsk.core.XskMapOperations;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.setup.XskSockets;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the health contributor {@link XskHealthIndicator}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = XskAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnEnabledHealthIndicator.class)
@ConditionalOnBean({ XskSockets.class, XskMapOperations.class })
@ConditionalOnEnabledHealthIndicator("xsk")
public final class XskHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = { "xskHealthIndicator", "xskHealthContributor" })
	XskHealthIndicator xskHealthContributor(XskSockets sockets, XskMapOperations operations,
			ObjectProvider<XskListenerRegistry> listeners) {
		return new XskHealthIndicator(sockets, operations, listeners.getIfAvailable());
	}

}
