package io.xsk.listener;

/**
 * What happens to packets while a listener is paused.
 *
 * @since 0.1.0
 */
public enum PauseMode {

	/** They go on to the kernel, because the sockets are deactivated. */
	DEACTIVATE,

	/**
	 * They wait in the RX ring; the kernel drops and counts those that find it full.
	 */
	HOLD

}
