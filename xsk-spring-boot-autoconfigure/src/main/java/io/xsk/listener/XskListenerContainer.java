package io.xsk.listener;

import org.jspecify.annotations.Nullable;

/**
 * Runs the listener of one socket: a thread per XSK that hands over what it receives. May
 * be stopped and started, paused and resumed at runtime, any number of times and from any
 * thread; called on a consumer thread, which cannot wait for itself, such calls return at
 * once and are carried out by another thread, in their order. Not meant to be implemented
 * by users. Thread-safe.
 * <p>
 * The container serves its sockets while it runs (or holds, by its {@link PauseMode}).
 * They are active while they are also {@linkplain io.xsk.core.XskMapOperations wanted}: a
 * socket that is activated while the container rests follows when it goes on, and one
 * that is deactivated stays so across pauses and stops.
 *
 * @since 0.1.0
 */
public interface XskListenerContainer {

	/**
	 * Return the socket.
	 * @return its name under {@code xsk.sockets}
	 */
	String socket();

	/**
	 * Return what listens, for people.
	 * @return the method and the bean, for example
	 */
	String listener();

	/**
	 * Return what the container is doing.
	 * @return the state
	 */
	State state();

	/**
	 * Return why the container failed.
	 * @return the exception or error, {@code null} unless it is {@link State#FAILED}
	 */
	@Nullable Throwable failure();

	/**
	 * Return how many packets were received since the container was created.
	 * @return the packets that were handed to the listener, those that it threw at among
	 * them
	 */
	long received();

	/**
	 * Return how often the listener threw an exception since the container was created.
	 * @return the number of exceptions
	 */
	long errors();

	/**
	 * Return whether the container is started with the others of its registry.
	 * @return {@code false} where it waits for {@link #start()}
	 */
	boolean isAutoStartup();

	/**
	 * Start the threads, and then activate the sockets as far as they are
	 * {@linkplain io.xsk.core.XskMapOperations wanted}; does nothing while the container
	 * runs.
	 * @throws io.xsk.XskException when the socket is not open, a thread cannot start or a
	 * socket cannot be activated; the container is then what it was before
	 */
	void start();

	/**
	 * Deactivate the sockets, so that the kernel's own path serves, hand over what was
	 * received by then, and end the threads; all that within the drain timeout, which an
	 * interrupt of the calling thread cuts short. A listener that is still in a call by
	 * then is interrupted.
	 * @throws io.xsk.XskException when a socket cannot be deactivated; the threads have
	 * ended all the same
	 */
	void stop();

	/**
	 * Let the listener rest. By the pause mode the sockets are deactivated first, and
	 * what was received by then is handed over; or packets stay in the RX ring, and those
	 * that find it full are dropped by the kernel, which counts them. Returns when no
	 * thread is in the listener any more, or, with a warning, when the drain timeout is
	 * over.
	 * @throws io.xsk.XskException when a socket cannot be deactivated
	 */
	void pause();

	/**
	 * End a pause: hand packets over again, and activate the sockets that the pause
	 * deactivated, as far as they are still wanted.
	 * @throws io.xsk.XskException when a socket cannot be activated; none is then, and
	 * the container is still paused
	 */
	void resume();

	/**
	 * Stop because of a failure, on another thread: deactivate the sockets, end the
	 * threads, and show the failure in the health. What was received and not handed over
	 * stays in the RX ring until the container is started again. For error handlers.
	 * @param failure why
	 */
	void fail(Throwable failure);

	/** What a container is doing. */
	enum State {

		/** Its threads have ended, or never started. */
		STOPPED,

		/** It hands over packets. */
		RUNNING,

		/** Its threads rest. */
		PAUSED,

		/** It stopped because of a failure. */
		FAILED

	}

}
