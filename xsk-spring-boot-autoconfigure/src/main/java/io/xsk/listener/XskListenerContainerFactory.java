package io.xsk.listener;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.xsk.core.XskMapOperations;
import io.xsk.kernel.Kernel;
import io.xsk.setup.XskSockets;

import org.springframework.util.Assert;

/**
 * Makes the containers of an {@link XskListenerRegistry}. Its settings hold for the
 * containers that are made after they were set. Not thread-safe.
 *
 * @since 0.1.0
 */
public class XskListenerContainerFactory {

	/** How many packets a consumer takes from its ring at a time. */
	public static final int DEFAULT_BATCH_SIZE = 64;

	/** How long a stop hands over what was received. */
	public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(5);

	private final Kernel kernel;

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private XskIdleStrategyFactory idleStrategy = IdleStrategies.POLL;

	private XskListenerErrorHandler errorHandler = new LoggingErrorHandler();

	private PauseMode pauseMode = PauseMode.DEACTIVATE;

	private int batchSize = DEFAULT_BATCH_SIZE;

	private Duration drainTimeout = DEFAULT_DRAIN_TIMEOUT;

	private Map<String, CpuList> cpus = Map.of();

	/**
	 * Create a factory.
	 * @param kernel ties threads to CPUs
	 * @param sockets the sockets to listen to
	 * @param operations is told when somebody takes their packets, and when nobody does
	 */
	public XskListenerContainerFactory(Kernel kernel, XskSockets sockets, XskMapOperations operations) {
		this.kernel = kernel;
		this.sockets = sockets;
		this.operations = operations;
	}

	/**
	 * Set what a consumer thread does between two looks at its ring.
	 * @param idleStrategy makes the strategies, {@link IdleStrategies#POLL} unless it is
	 * set
	 */
	public void setIdleStrategy(XskIdleStrategyFactory idleStrategy) {
		this.idleStrategy = idleStrategy;
	}

	/**
	 * Set who is told of exceptions of listeners that name no handler of their own.
	 * @param errorHandler the handler, a {@link LoggingErrorHandler} unless it is set
	 */
	public void setErrorHandler(XskListenerErrorHandler errorHandler) {
		this.errorHandler = errorHandler;
	}

	/**
	 * Set what happens to packets while a container is paused.
	 * @param pauseMode the mode, {@link PauseMode#DEACTIVATE} unless it is set
	 */
	public void setPauseMode(PauseMode pauseMode) {
		this.pauseMode = pauseMode;
	}

	/**
	 * Set how many packets a consumer takes from its ring at a time. Their frames go back
	 * to the kernel together.
	 * @param batchSize the number, at least 1
	 */
	public void setBatchSize(int batchSize) {
		Assert.isTrue(batchSize > 0, "'batchSize' must be positive");
		this.batchSize = batchSize;
	}

	/**
	 * Set how long a stop, and a pause that deactivates, hand over what was received.
	 * @param drainTimeout the time, not negative; more than a year means a year
	 */
	public void setDrainTimeout(Duration drainTimeout) {
		Assert.isTrue(!drainTimeout.isNegative(), "'drainTimeout' must not be negative");
		this.drainTimeout = drainTimeout;
	}

	/**
	 * Set the CPUs that consumer threads are tied to.
	 * @param cpus the CPUs by the name of the socket; threads of other sockets run
	 * wherever the scheduler likes. A thread that a listener starts inherits the CPU of
	 * its own: let another thread start it
	 */
	public void setCpus(Map<String, CpuList> cpus) {
		this.cpus = Map.copyOf(cpus);
	}

	XskSockets sockets() {
		return this.sockets;
	}

	/**
	 * Nobody takes the packets of a socket before its container does, whenever it is
	 * opened.
	 */
	void unserve(String socket) {
		this.sockets.whenOpened(socket, (group) -> group.sockets()
			.forEach((xsk) -> this.operations.unserve(xsk, "its listener does not run yet")));
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
		return new SocketListenerContainer(endpoint, new ContainerSettings(this.kernel, this.sockets, this.operations,
				this.idleStrategy, this.errorHandler, this.pauseMode, this.batchSize, this.drainTimeout, this.cpus),
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
