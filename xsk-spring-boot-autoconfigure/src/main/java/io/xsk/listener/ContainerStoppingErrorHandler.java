package io.xsk.listener;

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
	public void handle(Exception exception, XskListenerContainer container) {
		container.fail(exception);
	}

}
