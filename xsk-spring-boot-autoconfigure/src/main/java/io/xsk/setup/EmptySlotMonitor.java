package io.xsk.setup;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.xsk.XskException;
import io.xsk.bpf.EmptySlot;
import io.xsk.bpf.RedirectCounters;
import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Watches, while sockets are active, whether packets match a rule and find no socket on
 * their RX queue, and says so once for each interface: it is why nothing arrives when RSS
 * steers packets to queues without a socket. Thread-safe.
 *
 * @since 0.1.0
 */
public final class EmptySlotMonitor {

	private static final Log logger = LogFactory.getLog(EmptySlotMonitor.class);

	private static final int FIRST_LOOK_SECONDS = 2;

	private static final int SECONDS_BETWEEN_LOOKS = 10;

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private final Map<String, Map<Integer, Long>> baselines = new HashMap<>();

	private final Set<String> warned = new HashSet<>();

	private @Nullable ScheduledExecutorService executor;

	private Instant lastLook = Instant.now();

	/**
	 * Create a monitor that does not watch yet.
	 * @param sockets the interfaces to watch
	 * @param operations asked which queues are left to the kernel on purpose
	 */
	public EmptySlotMonitor(XskSockets sockets, XskMapOperations operations) {
		this.sockets = sockets;
		this.operations = operations;
	}

	/**
	 * Watch from now on: what was counted before does not matter.
	 */
	public synchronized void start() {
		stop();
		this.baselines.clear();
		this.warned.clear();
		this.lastLook = Instant.now();
		for (XskInterface xskInterface : this.sockets.interfaces()) {
			try {
				RedirectCounters counters = xskInterface.counters();
				if (counters != null) {
					this.baselines.put(xskInterface.config().key(), new TreeMap<>(counters.emptySlots()));
				}
			}
			catch (XskException | IllegalStateException ex) {
				unreadable(xskInterface, ex);
			}
		}
		if (this.baselines.isEmpty()) {
			return;
		}
		ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor((task) -> {
			Thread thread = new Thread(task, "xsk-monitor");
			thread.setDaemon(true);
			return thread;
		});
		started.scheduleWithFixedDelay(this::check, FIRST_LOOK_SECONDS, SECONDS_BETWEEN_LOOKS, TimeUnit.SECONDS);
		this.executor = started;
	}

	/**
	 * Watch no more.
	 */
	public synchronized void stop() {
		if (this.executor != null) {
			this.executor.shutdownNow();
			this.executor = null;
		}
	}

	/**
	 * Look now.
	 */
	public synchronized void check() {
		for (XskInterface xskInterface : this.sockets.interfaces()) {
			String key = xskInterface.config().key();
			Map<Integer, Long> baseline = this.baselines.get(key);
			if (baseline != null && !this.warned.contains(key)) {
				try {
					check(xskInterface, baseline);
				}
				catch (XskException | IllegalStateException ex) {
					unreadable(xskInterface, ex);
				}
			}
		}
		this.lastLook = Instant.now();
	}

	/**
	 * Closed a moment ago, or the kernel does not answer: whoever asks for the counters
	 * is told, and nothing else depends on them.
	 */
	private static void unreadable(XskInterface xskInterface, RuntimeException ex) {
		logger.debug("The counters of interface '%s' cannot be read".formatted(xskInterface.config().key()), ex);
	}

	private void check(XskInterface xskInterface, Map<Integer, Long> baseline) {
		RedirectCounters counters = xskInterface.counters();
		if (counters == null) {
			return;
		}
		TreeMap<Integer, Long> missed = new TreeMap<>();
		counters.emptySlots().forEach((queue, count) -> {
			long more = count - baseline.getOrDefault(queue, 0L);
			if (more > 0) {
				missed.put(queue, more);
			}
		});
		if (missed.isEmpty()) {
			return;
		}
		for (XskBinding binding : this.operations.bindings()) {
			if (binding.interfaceIndex() == xskInterface.index() && isOrWasInactive(binding)
					&& missed.remove(binding.queueId()) != null) {
				// on purpose, so that it does not count later either
				baseline.put(binding.queueId(), counters.emptySlots().getOrDefault(binding.queueId(), 0L));
			}
		}
		if (!missed.isEmpty()) {
			this.warned.add(xskInterface.config().key());
			logger.warn(text(xskInterface, counters, missed));
		}
	}

	private boolean isOrWasInactive(XskBinding binding) {
		return binding.state() == BindingState.INACTIVE || (binding.state() == BindingState.ACTIVE
				&& binding.since() != null && binding.since().isAfter(this.lastLook));
	}

	private static String text(XskInterface xskInterface, RedirectCounters counters, TreeMap<Integer, Long> missed) {
		String name = xskInterface.config().name();
		List<String> queues = missed.keySet().stream().map(counters::queueName).toList();
		boolean beyond = missed.lastKey() >= counters.slots();
		return ("Interface %s (%d): %d packets matched a redirect rule, but came in on RX %s %s, where the XSKMAP holds no"
				+ " socket, and %s. The card spreads packets over its queues (RSS): give a socket these queues too"
				+ " (queues: all%s), or let the card use fewer (ethtool -L %s combined N; ethtool -X)")
			.formatted(name, xskInterface.index(), missed.values().stream().mapToLong(Long::longValue).sum(),
					(queues.size() == 1 && !beyond) ? "queue" : "queues", String.join(", ", queues),
					(counters.rules().onEmptySlot() == EmptySlot.PASS) ? "went on to the kernel" : "were dropped",
					beyond ? "; the XSKMAP needs more slots than map.max-entries gives it" : "", name);
	}

}
