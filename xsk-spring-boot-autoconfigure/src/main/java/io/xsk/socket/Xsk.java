package io.xsk.socket;

import java.util.function.IntFunction;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;

/**
 * An XDP socket that is bound to one RX queue of one interface: an {@link XdpSocket}, or
 * a descriptor from elsewhere. Implementations are thread-safe.
 *
 * @since 0.1.0
 */
public interface Xsk {

	/**
	 * The largest queue id: {@code bind(2)} keeps 16 bits, so that 65536 would mean queue
	 * 0.
	 */
	int MAX_QUEUE_ID = 65535;

	/**
	 * Return the interface that the socket is bound to.
	 * @return the interface index, in the network namespace of this process
	 */
	int interfaceIndex();

	/**
	 * Return the RX queue that the socket is bound to.
	 * @return the queue id, from 0 to 65535
	 */
	int queueId();

	/**
	 * Return the socket.
	 * @return an open descriptor of this process, which stays its owner's
	 * @throws IllegalStateException when the socket is closed and the implementation
	 * knows
	 */
	int fd();

	/**
	 * Return whether the socket is open.
	 * @return {@code false} when it is closed and the implementation knows
	 */
	default boolean isOpen() {
		return true;
	}

	/**
	 * Ask whether the interface of the socket still exists. Once it is gone the socket
	 * cannot receive for ever, even when one of the same name comes back.
	 * @param kernel the kernel to ask
	 * @return {@code false} when the interface is gone
	 */
	default boolean isAlive(Kernel kernel) {
		return NetworkInterface.byIndex(kernel, interfaceIndex()).isPresent();
	}

	/**
	 * Do something with the descriptor that must not meet another file. The one who
	 * closes the socket may have its number given to another one the moment after; an
	 * implementation that knows when it is closed keeps that from happening meanwhile.
	 * @param <T> what comes of it
	 * @param use what to do
	 * @return what came of it
	 * @throws IllegalStateException when the socket is known to be closed
	 */
	default <T> T withFd(IntFunction<T> use) {
		return use.apply(fd());
	}

}
