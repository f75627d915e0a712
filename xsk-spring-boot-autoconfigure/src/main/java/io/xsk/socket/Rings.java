package io.xsk.socket;

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

	/**
	 * Count the owners of the frames.
	 * @param free the frames in the pool
	 * @param application the oldest entries of the RX ring that the application has
	 * @param total all frames
	 */
	FrameCensus census(int free, int application, int total) {
		int received = (this.rx != null) ? this.rx.producerIndex() : 0;
		int sent = (this.tx != null) ? this.tx.consumerIndex() : 0;
		// what went in and has not come out: an index counts every frame that passed it
		int kernel = this.fill.consumerIndex() - received + sent - this.completion.producerIndex();
		return new FrameCensus(free, used(this.fill), kernel, used(this.rx) - application, application, used(this.tx),
				used(this.completion), total);
	}

	private static int used(@Nullable Ring ring) {
		return (ring != null) ? ring.usage().used() : 0;
	}

}
