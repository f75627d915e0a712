package io.xsk.listener;

/**
 * What a consumer thread does between two looks at its RX ring. Belongs to one thread.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface XskIdleStrategy {

	/**
	 * Idle, or not. Whoever blocks here must come back soon by himself, or by
	 * {@link io.xsk.socket.XdpSocket#wakeup()} or {@code Thread.interrupt()}: a stop
	 * waits for it. Allocates nothing.
	 * @param work how many packets the last look found
	 */
	void idle(int work);

}
