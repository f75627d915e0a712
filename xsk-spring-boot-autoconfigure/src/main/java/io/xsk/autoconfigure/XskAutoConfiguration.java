package io.xsk.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * Auto-configuration for Linux AF_XDP sockets: opens the sockets that {@code xsk.*}
 * describes and activates them with an {@link io.xsk.core.XskMapTemplate}.
 * <p>
 * The beans are there on every system, also where nothing is configured and with
 * {@code xsk.enabled=false}: whether sockets can be opened is found out when the
 * application runs, not when it is built.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@EnableConfigurationProperties(XskProperties.class)
@Import({ XskSocketsConfiguration.class, XskListenersConfiguration.class })
@ImportRuntimeHints(XskRuntimeHints.class)
public final class XskAutoConfiguration {

}
