package io.xsk.listener;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.xsk.Suggestion;
import io.xsk.XskException;
import io.xsk.setup.StopThread;
import io.xsk.setup.XskSocketConfig;
import io.xsk.socket.PacketBatchHandler;
import io.xsk.socket.PacketHandler;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;

/**
 * The containers of all listeners, by the name of their socket. Starts them after the
 * sockets were opened and before these are activated, and stops them when these were
 * deactivated. Where there is a listener, an application goes on from the start to the
 * stop, whatever its containers do meanwhile. Thread-safe.
 *
 * @since 0.1.0
 */
public class XskListenerRegistry implements SmartLifecycle {

	/** Before the activation at startup, and after the deactivation at shutdown. */
	public static final int PHASE = Integer.MAX_VALUE - 100;

	private static final Log logger = LogFactory.getLog(XskListenerRegistry.class);

	private final XskListenerContainerFactory factory;

	/**
	 * Replaced, never changed: a consumer thread must be able to look without waiting.
	 */
	private volatile Map<String, XskListenerContainer> containers = Map.of();

	private volatile boolean running;

	private boolean ignoresListeners;

	/** Guarded by this object. */
	private @Nullable KeepAlive keepAlive;

	/**
	 * Create a registry.
	 * @param factory makes the containers
	 */
	public XskListenerRegistry(XskListenerContainerFactory factory) {
		this.factory = factory;
	}

	/**
	 * Set whether listeners of annotated methods are left out, since there is no socket
	 * on purpose.
	 * @param ignoresListeners {@code true} to log a listener instead of refusing it
	 */
	public void setIgnoresListeners(boolean ignoresListeners) {
		this.ignoresListeners = ignoresListeners;
	}

	boolean ignoresListeners() {
		return this.ignoresListeners;
	}

	/**
	 * Register a listener. Its container starts with the registry, or at once when that
	 * runs; the socket is not active before.
	 * @param socket the name of the socket
	 * @param handler takes each packet, on one thread per XSK
	 * @return the container
	 * @throws XskListenerException when the socket only sends, or has a listener already
	 * @throws XskException when there is no such socket, or when the registry runs and
	 * the container cannot start; the listener is not registered then
	 */
	public XskListenerContainer register(String socket, PacketHandler handler) {
		return register(new XskListenerEndpoint(socket, handler.getClass().getName(), handler, null, null));
	}

	/**
	 * Register a listener that takes batches. Its container starts with the registry, or
	 * at once when that runs; the socket is not active before.
	 * @param socket the name of the socket
	 * @param handler takes the packets of one look at the ring, on one thread per XSK
	 * @return the container
	 * @throws XskListenerException when the socket only sends, or has a listener already
	 * @throws XskException when there is no such socket, or when the registry runs and
	 * the container cannot start; the listener is not registered then
	 */
	public XskListenerContainer registerBatch(String socket, PacketBatchHandler handler) {
		return register(new XskListenerEndpoint(socket, handler.getClass().getName(), null, handler, null));
	}

	XskListenerContainer register(XskListenerEndpoint endpoint) {
		XskSocketConfig config = config(endpoint);
		if (!config.xsk().direction().receives()) {
			throw new XskListenerException(
					"%s listens to the socket '%s', which only sends.".formatted(endpoint.listener(), config.name()),
					"Set xsk.sockets.%s.direction to both or receive, or name another socket."
						.formatted(config.name()));
		}
		XskListenerContainer container = this.factory.create(endpoint);
		synchronized (this) {
			XskListenerContainer other = this.containers.get(config.name());
			if (other != null) {
				throw new XskListenerException(
						"%s listens to the socket '%s', and so does %s: a packet has one receiver."
							.formatted(endpoint.listener(), config.name(), other.listener()),
						"Remove one of the two, or let one listener call both.");
			}
			Map<String, XskListenerContainer> before = this.containers;
			Map<String, XskListenerContainer> all = new LinkedHashMap<>(before);
			all.put(config.name(), container);
			this.containers = all;
			try {
				this.factory.unserve(config.name(), "its listener does not run yet");
				if (this.running) {
					if (container.isAutoStartup()) {
						container.start();
					}
					keepAlive();
				}
			}
			catch (RuntimeException | Error ex) {
				this.containers = before;
				leave(config.name(), ex);
				throw ex;
			}
		}
		return container;
	}

	/**
	 * Remove a listener: stop its container, and call it no more. Its socket stays
	 * inactive until another listener is registered for it; does nothing where nobody
	 * listens.
	 * @param socket the name of the socket
	 * @throws XskException when an XSK cannot be deactivated; the listener is removed all
	 * the same
	 */
	public void unregister(String socket) {
		XskListenerContainer container;
		synchronized (this) {
			Map<String, XskListenerContainer> all = new LinkedHashMap<>(this.containers);
			container = all.remove(socket);
			this.containers = all;
		}
		if (container != null) {
			try {
				container.stop();
			}
			finally {
				this.factory.unserve(socket, "its listener is gone");
			}
		}
	}

	/** Leave a socket as it was before somebody wanted to listen to it. */
	private void leave(String socket, Throwable failure) {
		try {
			this.factory.leave(socket);
		}
		catch (RuntimeException ex) {
			failure.addSuppressed(ex);
		}
	}

	private XskSocketConfig config(XskListenerEndpoint endpoint) {
		try {
			return this.factory.sockets().config(endpoint.socket());
		}
		catch (XskException ex) {
			throw new XskListenerException("%s listens to the socket '%s', which does not exist."
				.formatted(endpoint.listener(), endpoint.socket()), ex.getAction(), ex);
		}
	}

	/** Refuse a listener that cannot take what a socket gives. */
	void requireOneFragment(XskListenerEndpoint endpoint) {
		if (config(endpoint).xsk().multiBuffer()) {
			throw new XskListenerException(
					"%s takes a ByteBuffer, and a packet of the multi-buffer socket '%s' may lie in several."
						.formatted(endpoint.listener(), endpoint.socket()),
					"Take an XdpPacket and its fragments, or a byte[], or set xsk.sockets.%s.multi-buffer to false."
						.formatted(endpoint.socket()));
		}
	}

	/**
	 * Return the container of a socket.
	 * @param socket the name of the socket
	 * @return its container
	 * @throws XskListenerException when nobody listens to a socket of that name
	 */
	public XskListenerContainer container(String socket) {
		XskListenerContainer container = this.containers.get(socket);
		if (container == null) {
			throw new XskListenerException("Nobody listens to a socket '%s'.".formatted(socket),
					Suggestion.among("Name one that has a listener.", socket, this.containers.keySet()));
		}
		return container;
	}

	/**
	 * Return all containers.
	 * @return the containers in the order of their registration
	 */
	public Collection<XskListenerContainer> containers() {
		return List.copyOf(this.containers.values());
	}

	/**
	 * Start all containers. If there is one, the JVM does not end by itself until
	 * {@link #stop()}. Does nothing where sockets cannot be opened at all.
	 * @throws XskException when one cannot start; those before it are stopped again
	 */
	@Override
	public synchronized void start() {
		if (this.running || !this.factory.sockets().isAvailable()) {
			return;
		}
		List<XskListenerContainer> started = new ArrayList<>();
		try {
			for (XskListenerContainer container : this.containers.values()) {
				if (container.isAutoStartup()) {
					started.add(container);
					container.start();
				}
			}
			keepAlive();
			this.running = true;
		}
		catch (RuntimeException | Error ex) {
			@Nullable RuntimeException failure = stop(started);
			if (failure != null) {
				ex.addSuppressed(failure);
			}
			throw ex;
		}
	}

	/**
	 * Stop all containers, at the same time: each hands over what was received. Called on
	 * a consumer thread, which cannot wait for itself, this returns at once, and failures
	 * are logged.
	 * @throws XskException when a socket cannot be deactivated; all containers are
	 * stopped all the same
	 */
	@Override
	public synchronized void stop() {
		this.running = false;
		@Nullable RuntimeException failure = stop(this.containers.values());
		if (this.keepAlive != null) {
			this.keepAlive.end();
			this.keepAlive = null;
		}
		if (failure != null) {
			throw failure;
		}
	}

	private void keepAlive() {
		if (this.keepAlive == null && !this.containers.isEmpty()) {
			KeepAlive thread = new KeepAlive();
			thread.start();
			this.keepAlive = thread;
		}
	}

	private static @Nullable RuntimeException stop(Collection<XskListenerContainer> containers) {
		boolean waits = ConsumerThread.currentSocket() == null;
		List<RuntimeException> failures = new ArrayList<>();
		List<Thread> threads = new ArrayList<>();
		for (XskListenerContainer container : containers) {
			Thread thread = new Thread(() -> {
				try {
					container.stop();
				}
				catch (RuntimeException ex) {
					if (!waits) {
						logger.error("%s: stop failed: %s".formatted(container, ex.getMessage()), ex);
						return;
					}
					synchronized (failures) {
						failures.add(ex);
					}
				}
			}, "xsk-stop");
			// the JVM waits for it, also when nobody else does
			thread.setDaemon(false);
			thread.start();
			threads.add(thread);
		}
		if (waits) {
			join(threads);
		}
		synchronized (failures) {
			if (failures.isEmpty()) {
				return null;
			}
			RuntimeException first = failures.remove(0);
			failures.forEach(first::addSuppressed);
			return first;
		}
	}

	/** Each of them ends by its drain timeout. */
	private static void join(List<Thread> threads) {
		boolean interrupted = false;
		for (Thread thread : threads) {
			while (thread.isAlive()) {
				try {
					thread.join();
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void stop(Runnable callback) {
		StopThread.run(this::stop, callback);
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
