package io.xsk.autoconfigure;

import io.xsk.actuate.XskHealthContributor;
import io.xsk.core.XskMapOperations;
import io.xsk.listener.UnreadSocketWatch;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.setup.XskSockets;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the health contributor {@link XskHealthContributor}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = XskAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnEnabledHealthIndicator.class)
@ConditionalOnBean({ XskSockets.class, XskListenerRegistry.class, UnreadSocketWatch.class })
@ConditionalOnSingleCandidate(XskMapOperations.class)
@ConditionalOnEnabledHealthIndicator("xsk")
public final class XskHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = { "xskHealthIndicator", "xskHealthContributor" })
	XskHealthContributor xskHealthContributor(XskSockets sockets, XskMapOperations operations,
			XskListenerRegistry listeners, UnreadSocketWatch watch) {
		return new XskHealthContributor(sockets, operations, listeners, watch);
	}

}
