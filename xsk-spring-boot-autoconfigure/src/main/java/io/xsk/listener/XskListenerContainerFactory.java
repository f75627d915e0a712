package io.xsk.listener;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.xsk.core.XskMapOperations;
import io.xsk.setup.XskSockets;

/**
 * Makes the containers of an {@link XskListenerRegistry}. Its settings hold for the
 * containers that are made after they were set. Not thread-safe.
 *
 * @since 0.1.0
 */
public class XskListenerContainerFactory {

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private XskListenerSettings settings = XskListenerSettings.defaults();

	private final Map<String, XskListenerSettings> bySocket = new HashMap<>();

	/**
	 * Create a factory.
	 * @param sockets the sockets to listen to
	 * @param operations is told when somebody takes their packets, and when nobody does
	 */
	public XskListenerContainerFactory(XskSockets sockets, XskMapOperations operations) {
		this.sockets = sockets;
		this.operations = operations;
	}

	/**
	 * Return how the containers of sockets work that have no settings of their own.
	 * @return the settings, {@link XskListenerSettings#defaults()} unless they were set
	 */
	public XskListenerSettings getSettings() {
		return this.settings;
	}

	/**
	 * Set how containers work.
	 * @param settings the settings of sockets that have none of their own
	 */
	public void setSettings(XskListenerSettings settings) {
		this.settings = settings;
	}

	/**
	 * Return how the container of a socket works.
	 * @param socket the name of the socket
	 * @return its own settings, or those of all
	 */
	public XskListenerSettings getSettings(String socket) {
		return this.bySocket.getOrDefault(socket, this.settings);
	}

	/**
	 * Set how the container of a socket works.
	 * @param socket the name of the socket
	 * @param settings its own settings
	 */
	public void setSettings(String socket, XskListenerSettings settings) {
		this.bySocket.put(socket, settings);
	}

	XskSockets sockets() {
		return this.sockets;
	}

	/**
	 * Nobody takes the packets of a socket, whenever it is opened, before its container
	 * does.
	 */
	void unserve(String socket, String reason) {
		this.sockets.whenOpened(socket,
				(group) -> group.sockets().forEach((xsk) -> this.operations.unserve(xsk, reason)));
	}

	/** Leave a socket to whoever takes its packets without a container. */
	void leave(String socket) {
		this.sockets.forgetWhenOpened(socket);
		this.sockets.group(socket).ifPresent((group) -> group.sockets().forEach(this.operations::serve));
	}

	XskListenerContainer create(XskListenerEndpoint endpoint) {
		return create(endpoint, controlThread("xsk-control-" + endpoint.socket()));
	}

	SocketListenerContainer create(XskListenerEndpoint endpoint, Executor executor) {
		return new SocketListenerContainer(endpoint, getSettings(endpoint.socket()), this.sockets, this.operations,
				executor);
	}

	/** A thread that is there while there is something to do, for one task at a time. */
	private static Executor controlThread(String name) {
		ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				(task) -> {
					Thread thread = new Thread(task, name);
					thread.setDaemon(true);
					return thread;
				});
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

}
