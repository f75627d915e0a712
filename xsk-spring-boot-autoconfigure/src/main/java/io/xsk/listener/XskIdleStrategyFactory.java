package io.xsk.listener;

import io.xsk.socket.XdpSocket;

/**
 * Makes the idle strategy of a consumer thread. Implementations are thread-safe.
 *
 * @since 0.1.0
 * @see IdleStrategies
 */
@FunctionalInterface
public interface XskIdleStrategyFactory {

	/**
	 * Make a strategy.
	 * @param socket the socket that the thread receives from
	 * @return a strategy for that thread alone
	 */
	XskIdleStrategy create(XdpSocket socket);

}
