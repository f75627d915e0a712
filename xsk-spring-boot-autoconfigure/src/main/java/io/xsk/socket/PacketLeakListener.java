package io.xsk.socket;

/**
 * Is told of packets that were retained and never released.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface PacketLeakListener {

	/**
	 * Take notice of a leak, on the thread that receives or closes the socket. An
	 * exception goes to the {@linkplain Thread#getUncaughtExceptionHandler() handler of
	 * uncaught exceptions} of that thread, which goes on.
	 * @param leak which packet, and where it was retained
	 */
	void onLeak(PacketLeak leak);

}
