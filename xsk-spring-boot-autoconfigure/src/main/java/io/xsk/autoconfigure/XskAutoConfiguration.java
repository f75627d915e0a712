package io.xsk.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration for Linux AF_XDP sockets: opens the sockets that {@code xsk.*}
 * describes and activates them with an {@link io.xsk.core.XskMapTemplate}.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "xsk.enabled", matchIfMissing = true)
@Conditional(OnXskConfigured.class)
@EnableConfigurationProperties(XskProperties.class)
@Import({ XskSocketsConfiguration.class, XskListenersConfiguration.class, XskUnsupportedConfiguration.class })
public final class XskAutoConfiguration {

}
