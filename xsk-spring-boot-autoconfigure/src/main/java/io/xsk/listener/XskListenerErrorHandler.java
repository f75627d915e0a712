package io.xsk.listener;

import io.xsk.socket.XdpPacket;
import org.jspecify.annotations.Nullable;

/**
 * Is told of exceptions that a listener throws. The packet counts as received, and its
 * frame goes back to the kernel whatever is done here, once this has returned. Called on
 * the consumer thread of the XSK, which takes no other packet meanwhile: implementations
 * must be quick, and thread-safe.
 *
 * @since 0.1.0
 * @see LoggingErrorHandler
 * @see ContainerStoppingErrorHandler
 */
@FunctionalInterface
public interface XskListenerErrorHandler {

	/**
	 * Handle an exception. The container goes on with the next packet, unless this method
	 * calls {@link XskListenerContainer#fail}; one that it throws itself fails the
	 * container, too.
	 * @param exception what the listener threw
	 * @param packet the packet that it threw at, lent until this method returns;
	 * {@code null} where the listener takes batches. Where the listener has transmitted
	 * the packet its bytes can be read no more
	 * @param container the container, which has counted it already
	 */
	void handle(Exception exception, @Nullable XdpPacket packet, XskListenerContainer container);

}
