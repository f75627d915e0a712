package io.xsk.autoconfigure;

import io.xsk.actuate.XskEndpoint;
import io.xsk.core.XskMapOperations;
import io.xsk.setup.XskSockets;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the actuator endpoint {@link XskEndpoint}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = XskAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(XskSockets.class)
@ConditionalOnSingleCandidate(XskMapOperations.class)
@ConditionalOnAvailableEndpoint(XskEndpoint.class)
public final class XskEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	XskEndpoint xskEndpoint(XskSockets sockets, XskMapOperations operations) {
		return new XskEndpoint(sockets, operations);
	}

}
