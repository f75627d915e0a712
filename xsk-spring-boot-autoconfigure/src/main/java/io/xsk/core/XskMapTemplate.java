package io.xsk.core;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.xsk.XskSystemException;
import io.xsk.bpf.Occupancy;
import io.xsk.bpf.UpdateMode;
import io.xsk.bpf.XskMap;
import io.xsk.kernel.Errno;
import io.xsk.kernel.NetworkInterface;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.Xsk;
import io.xsk.socket.XskNotReadyException;
import io.xsk.socket.XskVerifier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The central class for activating sockets in an XSKMAP. It remembers which sockets are
 * meant to be active; what it says of a slot is what the kernel says at that moment.
 * <p>
 * Thread-safe: operations run one at a time. Each makes a handful of system calls of some
 * microseconds; none belongs on a data thread. The maps belong to others and are not
 * closed here.
 *
 * @since 0.1.0
 */
public class XskMapTemplate implements XskMapOperations {

	private static final Log logger = LogFactory.getLog(XskMapTemplate.class);

	private final XskMapResolver maps;

	private final Map<Slot, Tracked> tracked = new TreeMap<>();

	private ActivationPolicy activationPolicy = ActivationPolicy.REPLACE;

	/**
	 * Create a template for one map, whatever the interface of a socket.
	 * @param map the XSKMAP that the XDP program redirects into
	 */
	public XskMapTemplate(XskMap map) {
		this((XskMapResolver) (interfaceIndex) -> map);
	}

	/**
	 * Create a template for several interfaces.
	 * @param maps finds the XSKMAP of an interface
	 */
	public XskMapTemplate(XskMapResolver maps) {
		this.maps = maps;
	}

	/**
	 * Return the policy of {@link #activate(Xsk)}.
	 * @return the policy, {@link ActivationPolicy#REPLACE} unless it was set
	 */
	public final synchronized ActivationPolicy getActivationPolicy() {
		return this.activationPolicy;
	}

	/**
	 * Set the policy of {@link #activate(Xsk)}.
	 * @param activationPolicy what to do with another socket in the slot
	 */
	public final synchronized void setActivationPolicy(ActivationPolicy activationPolicy) {
		this.activationPolicy = activationPolicy;
	}

	@Override
	public XskBinding activate(Xsk xsk) {
		return activate(xsk, getActivationPolicy());
	}

	@Override
	public synchronized XskBinding activate(Xsk xsk, ActivationPolicy policy) {
		XskMap map = mapOf(xsk);
		requireQueue(xsk, map);
		new XskVerifier(map.kernel()).verify(xsk);
		write(xsk, map, policy);
		Tracked entry = trackedAs(xsk);
		if (entry == null) {
			entry = new Tracked(xsk);
			this.tracked.put(Slot.of(xsk), entry);
		}
		entry.meantToBeActive = true;
		logger.info("Attached to XDP on interface %d queue %d".formatted(xsk.interfaceIndex(), xsk.queueId()));
		// written a moment ago, and not asked again
		return entry.observe(BindingState.ACTIVE, Verification.UPDATE, null);
	}

	private void write(Xsk xsk, XskMap map, ActivationPolicy policy) {
		if (policy == ActivationPolicy.REPLACE) {
			map.update(xsk.queueId(), xsk.fd(), UpdateMode.ANY);
			return;
		}
		try {
			map.update(xsk.queueId(), xsk.fd(), UpdateMode.NO_EXIST);
		}
		catch (XskSystemException ex) {
			if (ex.getErrno() == Errno.EEXIST) {
				throw new SlotOccupiedException(xsk, map.fd(), ex);
			}
			throw ex;
		}
	}

	@Override
	public synchronized void deactivate(Xsk xsk) {
		if (isClosed(xsk)) {
			// the kernel has removed a closed socket from every map
			if (trackedAs(xsk) != null) {
				this.tracked.remove(Slot.of(xsk));
			}
			return;
		}
		XskMap map = mapOf(xsk);
		String slot = "interface %d queue %d".formatted(xsk.interfaceIndex(), xsk.queueId());
		if (map.occupancy(xsk.queueId()) == Occupancy.EMPTY) {
			logger.info("Detached from XDP on " + slot + " (its slot was empty already)");
		}
		else if (map.putIfAbsent(xsk.queueId(), xsk.fd())) {
			map.delete(xsk.queueId());
			logger.info("Detached from XDP on " + slot);
		}
		else {
			logger.warn("Not detached from XDP on " + slot
					+ ": its slot holds another socket, which stays there. Only one application should use a queue;"
					+ " see which one shares this XSKMAP (bpftool map show pinned PATH)");
		}
		Tracked entry = trackedAs(xsk);
		if (entry != null) {
			entry.meantToBeActive = false;
			entry.observe(BindingState.INACTIVE, Verification.NONE, "It was deactivated.");
		}
	}

	@Override
	public synchronized XskBinding inspect(Xsk xsk) {
		Tracked entry = trackedAs(xsk);
		return (entry != null) ? inspect(entry) : inspect(new Tracked(xsk));
	}

	@Override
	public synchronized List<XskBinding> bindings() {
		this.tracked.values().removeIf((entry) -> isClosed(entry.xsk));
		return this.tracked.values().stream().map(this::inspect).toList();
	}

	private XskBinding inspect(Tracked entry) {
		Xsk xsk = entry.xsk;
		if (isClosed(xsk)) {
			return entry.observe(BindingState.INACTIVE, Verification.NONE, "It is closed.");
		}
		XskMap map = mapOf(xsk);
		if (isDead(xsk, map)) {
			return entry.observe(BindingState.DEAD, Verification.NONE,
					"Its interface is gone. A new socket is needed once the interface is back: restart the application.");
		}
		Occupancy occupancy = map.occupancy(xsk.queueId());
		Verification verification = (occupancy != Occupancy.UNKNOWN) ? Verification.PROBE : Verification.UPDATE;
		if (!entry.meantToBeActive) {
			return entry.observe(BindingState.INACTIVE,
					(verification == Verification.PROBE) ? verification : Verification.NONE, entry.whyInactive());
		}
		if (occupancy == Occupancy.EMPTY) {
			return entry.observe(BindingState.MISSING, verification,
					"Its slot in the XSKMAP is empty: somebody deleted it. Activate the socket again.");
		}
		if (map.putIfAbsent(xsk.queueId(), xsk.fd())) {
			return entry.observe(BindingState.ACTIVE, verification, null);
		}
		return entry.observe(BindingState.FOREIGN, verification,
				"Its slot in the XSKMAP holds another socket. Stop the application that put it there, or let it have"
						+ " the queue.");
	}

	private XskMap mapOf(Xsk xsk) {
		return this.maps.resolve(xsk.interfaceIndex());
	}

	private @Nullable Tracked trackedAs(Xsk xsk) {
		Tracked entry = this.tracked.get(Slot.of(xsk));
		return (entry != null && (entry.xsk.equals(xsk) || isSameOpen(entry.xsk, xsk))) ? entry : null;
	}

	private static boolean isSameOpen(Xsk one, Xsk other) {
		return !isClosed(one) && !isClosed(other) && one.fd() == other.fd();
	}

	private static boolean isClosed(Xsk xsk) {
		return xsk instanceof XdpSocket socket && !socket.isOpen();
	}

	private static boolean isDead(Xsk xsk, XskMap map) {
		return (xsk instanceof XdpSocket socket) ? !socket.isAlive()
				: NetworkInterface.byIndex(map.kernel(), xsk.interfaceIndex()).isEmpty();
	}

	/**
	 * The kernel cuts a queue id to 16 bits when it binds, so that 65536 would mean 0.
	 */
	private static void requireQueue(Xsk xsk, XskMap map) {
		int queueId = xsk.queueId();
		if (queueId < 0 || queueId > QueueSelection.MAX_QUEUE_ID) {
			throw new XskNotReadyException("Queue id %d is not valid.".formatted(queueId),
					"Choose one from 0 to %d.".formatted(QueueSelection.MAX_QUEUE_ID));
		}
		if (queueId >= map.maxEntries()) {
			throw new XskNotReadyException(
					"The XSKMAP (fd %d) has %d entries, and queue %d lies past them.".formatted(map.fd(),
							map.maxEntries(), queueId),
					"Make the map larger (xsk.interfaces.<key>.map.max-entries), or use a queue from 0 to %d."
						.formatted(map.maxEntries() - 1));
		}
		if (!(xsk instanceof XdpSocket)) {
			NetworkInterface.byIndex(map.kernel(), xsk.interfaceIndex()).ifPresent((networkInterface) -> {
				if (queueId >= networkInterface.queues()) {
					throw new XskNotReadyException(
							"Interface %s has %d RX queues, and queue %d is not one of them."
								.formatted(networkInterface.name(), networkInterface.queues(), queueId),
							"Use a queue from 0 to %d, or give the interface more (ethtool -L %s combined N)."
								.formatted(networkInterface.queues() - 1, networkInterface.name()));
				}
			});
		}
	}

	/** What an XSKMAP slot is to us: its interface has one map, its queue one key. */
	private record Slot(int interfaceIndex, int queueId) implements Comparable<Slot> {

		private static final Comparator<Slot> ORDER = Comparator.comparingInt(Slot::interfaceIndex)
			.thenComparingInt(Slot::queueId);

		private static Slot of(Xsk xsk) {
			return new Slot(xsk.interfaceIndex(), xsk.queueId());
		}

		@Override
		public int compareTo(Slot other) {
			return ORDER.compare(this, other);
		}

	}

	/** A socket, whether it is meant to be active, and the state it was last seen in. */
	private static final class Tracked {

		private final Xsk xsk;

		private boolean meantToBeActive;

		private @Nullable XskBinding last;

		private Tracked(Xsk xsk) {
			this.xsk = xsk;
		}

		private XskBinding observe(BindingState state, Verification verifiedBy, @Nullable String reason) {
			Instant since = (this.last != null && this.last.state() == state) ? this.last.since() : Instant.now();
			this.last = new XskBinding(this.xsk, state, verifiedBy, since, reason);
			return this.last;
		}

		private String whyInactive() {
			return (this.last != null && this.last.reason() != null) ? this.last.reason() : "It was not activated.";
		}

	}

}
