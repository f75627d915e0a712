package io.xsk.listener;

import io.xsk.socket.XdpPacket;
import org.jspecify.annotations.Nullable;

/**
 * Fails the container at the first exception: its sockets are deactivated, so that the
 * kernel's own path serves again, and the health shows it. Thread-safe.
 *
 * @since 0.1.0
 */
public final class ContainerStoppingErrorHandler implements XskListenerErrorHandler {

	/**
	 * Create a handler.
	 */
	public ContainerStoppingErrorHandler() {
	}

	@Override
	public void handle(Exception exception, @Nullable XdpPacket packet, XskListenerContainer container) {
		container.fail(exception);
	}

}
