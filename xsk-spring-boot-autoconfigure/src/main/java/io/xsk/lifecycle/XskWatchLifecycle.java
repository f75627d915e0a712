package io.xsk.lifecycle;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.xsk.setup.XskSockets;
import io.xsk.setup.XskWatch;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Lets the {@linkplain XskWatch watches} look while the sockets are open: two seconds
 * after the start, and then every ten.
 *
 * @since 0.1.0
 */
public class XskWatchLifecycle implements SmartLifecycle {

	/** After the activation, whose first packets are watched. */
	public static final int PHASE = XskActivationLifecycle.DEFAULT_PHASE + 1;

	private static final Log logger = LogFactory.getLog(XskWatchLifecycle.class);

	private static final int FIRST_LOOK_SECONDS = 2;

	private static final int SECONDS_BETWEEN_LOOKS = 10;

	private final XskSockets sockets;

	private final List<XskWatch> watches;

	private @Nullable ScheduledExecutorService executor;

	/**
	 * Create the life cycle.
	 * @param sockets what is watched
	 * @param watches those who look
	 */
	public XskWatchLifecycle(XskSockets sockets, Collection<XskWatch> watches) {
		this.sockets = sockets;
		this.watches = List.copyOf(watches);
	}

	@Override
	public synchronized void start() {
		if (isRunning() || !this.sockets.isOpen() || this.watches.isEmpty()) {
			return;
		}
		this.watches.forEach(XskWatch::begin);
		CustomizableThreadFactory threads = new CustomizableThreadFactory("xsk-watch-");
		threads.setDaemon(true);
		this.executor = Executors.newSingleThreadScheduledExecutor(threads);
		this.executor.scheduleWithFixedDelay(this::look, FIRST_LOOK_SECONDS, SECONDS_BETWEEN_LOOKS, TimeUnit.SECONDS);
	}

	private void look() {
		for (XskWatch watch : this.watches) {
			try {
				watch.look();
			}
			catch (RuntimeException ex) {
				// the executor would not call again
				logger.warn("%s cannot look: %s".formatted(watch, ex.getMessage()), ex);
			}
		}
	}

	@Override
	public synchronized void stop() {
		if (this.executor != null) {
			this.executor.shutdownNow();
			this.executor = null;
		}
	}

	@Override
	public synchronized boolean isRunning() {
		return this.executor != null;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
