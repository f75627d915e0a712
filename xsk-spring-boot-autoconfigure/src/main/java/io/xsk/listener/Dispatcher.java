package io.xsk.listener;

import java.util.function.Consumer;

import io.xsk.socket.PacketBatchHandler;
import io.xsk.socket.PacketHandler;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.XdpPacketBatch;
import io.xsk.socket.XdpSocket;

import org.springframework.util.Assert;

/**
 * Hands what a socket receives to the listener, and exceptions of the listener to
 * somebody else, so that the next packet follows. For one consumer thread.
 */
abstract sealed class Dispatcher {

	private final Consumer<Exception> exceptions;

	private long received;

	private Dispatcher(Consumer<Exception> exceptions) {
		this.exceptions = exceptions;
	}

	static Dispatcher of(XskListenerEndpoint endpoint, Consumer<Exception> exceptions) {
		if (endpoint.handler() != null) {
			return new Single(endpoint.handler(), exceptions);
		}
		Assert.notNull(endpoint.batchHandler(), "A listener needs a handler");
		return new Batch(endpoint.batchHandler(), exceptions);
	}

	/** Hand over what is there, up to a budget; returns the number of packets. */
	abstract int receive(XdpSocket socket, int budget);

	/** The packets handed over so far, also when {@link #receive} threw. */
	long received() {
		return this.received;
	}

	private static final class Single extends Dispatcher implements PacketHandler {

		private final PacketHandler handler;

		private Single(PacketHandler handler, Consumer<Exception> exceptions) {
			super(exceptions);
			this.handler = handler;
		}

		@Override
		int receive(XdpSocket socket, int budget) {
			return socket.receive(this, budget);
		}

		@Override
		public void onPacket(XdpPacket packet) {
			super.received++;
			try {
				this.handler.onPacket(packet);
			}
			catch (Exception ex) {
				super.exceptions.accept(ex);
			}
		}

	}

	private static final class Batch extends Dispatcher implements PacketBatchHandler {

		private final PacketBatchHandler handler;

		private Batch(PacketBatchHandler handler, Consumer<Exception> exceptions) {
			super(exceptions);
			this.handler = handler;
		}

		@Override
		int receive(XdpSocket socket, int budget) {
			return socket.receiveBatch(this, budget);
		}

		@Override
		public void onBatch(XdpPacketBatch batch) {
			super.received += batch.size();
			try {
				this.handler.onBatch(batch);
			}
			catch (Exception ex) {
				super.exceptions.accept(ex);
			}
		}

	}

}
