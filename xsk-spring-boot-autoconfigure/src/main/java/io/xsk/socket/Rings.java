package io.xsk.socket;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * The rings of a socket.
 *
 * @param rx packets that were received, {@code null} for a socket that only sends
 * @param tx packets to send, {@code null} for a socket that only receives
 * @param fill frames for packets to come
 * @param completion frames of packets that were sent
 */
record Rings(@Nullable ConsumerRing rx, @Nullable ProducerRing tx, ProducerRing fill, ConsumerRing completion) {

	ConsumerRing requireRx() {
		return Objects.requireNonNull(this.rx);
	}

	ProducerRing requireTx() {
		return Objects.requireNonNull(this.tx);
	}

	/**
	 * Count the owners of the frames. Whoever calls it holds the socket's lock for
	 * sending.
	 */
	FrameCensus census(XdpSocketConfig config, @Nullable Receiver receiver, @Nullable Transmitter transmitter) {
		int free = (transmitter != null) ? transmitter.freeCount() : config.frameCount() - config.fillFrames();
		int application = (transmitter != null) ? transmitter.waitingFrames() : 0;
		int received = used(this.rx);
		if (receiver != null) {
			free += receiver.frames().spareCount();
			application += receiver.frames().application() + this.fill.unpublished();
			received -= receiver.taken();
		}
		// what went in and has not come out: an index counts every frame that passed it
		int kernel = this.fill.consumerIndex() - ((this.rx != null) ? this.rx.producerIndex() : 0)
				+ ((this.tx != null) ? this.tx.consumerIndex() : 0) - this.completion.producerIndex();
		return new FrameCensus(free, used(this.fill), kernel, received, application, used(this.tx),
				used(this.completion), config.frameCount());
	}

	private static int used(@Nullable Ring ring) {
		return (ring != null) ? ring.usage().used() : 0;
	}

}
