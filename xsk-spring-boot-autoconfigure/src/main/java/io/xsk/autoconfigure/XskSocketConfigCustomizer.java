package io.xsk.autoconfigure;

import io.xsk.socket.XdpSocketConfig;

/**
 * Callback for beans that change how the configured sockets are made, after the
 * properties have been applied and before the result is checked.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface XskSocketConfigCustomizer {

	/**
	 * Change the configuration of a socket.
	 * @param name the name of the socket
	 * @param builder its configuration
	 */
	void customize(String name, XdpSocketConfig.Builder builder);

}
