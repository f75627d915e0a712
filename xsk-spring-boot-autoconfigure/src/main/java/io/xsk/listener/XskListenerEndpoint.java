package io.xsk.listener;

import io.xsk.socket.PacketBatchHandler;
import io.xsk.socket.PacketHandler;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * A listener and the socket that it listens to.
 *
 * @param socket the name of the socket
 * @param listener what listens, for people
 * @param handler takes each packet, {@code null} where there is a batch handler
 * @param batchHandler takes the packets of one look at the ring, {@code null} where there
 * is a handler
 * @param errorHandler is told of exceptions, {@code null} for the common one
 */
record XskListenerEndpoint(String socket, String listener, @Nullable PacketHandler handler,
		@Nullable PacketBatchHandler batchHandler, @Nullable XskListenerErrorHandler errorHandler) {

	PacketBatchHandler requireBatchHandler() {
		Assert.state(this.batchHandler != null, "A listener needs a handler");
		return this.batchHandler;
	}

}
