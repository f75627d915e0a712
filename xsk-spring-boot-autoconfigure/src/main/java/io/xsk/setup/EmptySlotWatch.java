package io.xsk.setup;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.xsk.XskException;
import io.xsk.bpf.RedirectCounters;
import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import io.xsk.rule.EmptySlot;
import io.xsk.socket.Xsk;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Watches, while sockets are active, whether packets match a rule and find no socket on
 * their RX queue, and says so once for each interface: it is why nothing arrives when RSS
 * steers packets to queues without a socket. Thread-safe.
 *
 * @since 0.1.0
 */
public final class EmptySlotWatch implements XskWatch {

	private static final Log logger = LogFactory.getLog(EmptySlotWatch.class);

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private final Map<String, Map<Integer, Long>> baselines = new HashMap<>();

	private final Set<String> warned = new HashSet<>();

	private Instant lastLook = Instant.now();

	/**
	 * Create a watch that has not begun.
	 * @param sockets the interfaces to watch
	 * @param operations asked which queues are left to the kernel on purpose
	 */
	public EmptySlotWatch(XskSockets sockets, XskMapOperations operations) {
		this.sockets = sockets;
		this.operations = operations;
	}

	@Override
	public synchronized void begin() {
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
	}

	@Override
	public synchronized void look() {
		for (XskInterface xskInterface : this.sockets.interfaces()) {
			String key = xskInterface.config().key();
			Map<Integer, Long> baseline = this.baselines.get(key);
			if (baseline != null && !this.warned.contains(key)) {
				try {
					look(xskInterface, baseline);
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

	private void look(XskInterface xskInterface, Map<Integer, Long> baseline) {
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
		for (Xsk xsk : this.sockets.receiving()) {
			if (xsk.interfaceIndex() != xskInterface.index()) {
				continue;
			}
			XskBinding binding = this.operations.inspect(xsk);
			if (isOrWasInactive(binding) && missed.remove(binding.queueId()) != null) {
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
