package io.xsk.core;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.bpf.Occupancy;
import io.xsk.bpf.UpdateMode;
import io.xsk.bpf.XskMap;
import io.xsk.kernel.Errno;
import io.xsk.kernel.NetworkInterface;
import io.xsk.setup.QueueSelection;
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

	/**
	 * What the kernel says of a descriptor that somebody closed, and whose number was
	 * reused.
	 */
	private static final Set<Integer> NO_XSK = Set.of(Errno.EBADF, Errno.ENOTSOCK, Errno.EOPNOTSUPP);

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
		XskMap map = this.maps.resolve(xsk.interfaceIndex());
		if (map == null) {
			throw new XskException(
					"No XSKMAP is known for the interface with index %d.".formatted(xsk.interfaceIndex()),
					"Configure the interface with a redirect rule or a pinned XSKMAP, and activate after it was opened.");
		}
		requireQueue(xsk, map);
		new XskVerifier(map.kernel()).verify(xsk);
		xsk.withFd((fd) -> write(xsk, fd, map, policy));
		Tracked entry = trackedAs(xsk);
		if (entry == null) {
			entry = new Tracked(xsk);
			this.tracked.put(Slot.of(xsk), entry);
		}
		entry.meantToBeActive = true;
		logger.info("Attached to XDP on " + describe(xsk));
		// written a moment ago, and not asked again
		return entry.observe(BindingState.ACTIVE, Verification.UPDATE, null);
	}

	private static XskMap write(Xsk xsk, int fd, XskMap map, ActivationPolicy policy) {
		if (policy == ActivationPolicy.REPLACE) {
			map.update(xsk.queueId(), fd, UpdateMode.ANY);
			return map;
		}
		try {
			map.update(xsk.queueId(), fd, UpdateMode.NO_EXIST);
			return map;
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
		Tracked entry = trackedAs(xsk);
		XskMap map = this.maps.resolve(xsk.interfaceIndex());
		if (isClosed(xsk) || map == null) {
			// a closed socket is in no map any more, and a closed map redirects nothing
			if (entry != null) {
				this.tracked.remove(Slot.of(xsk));
			}
			return;
		}
		if (entry != null && !entry.meantToBeActive) {
			return;
		}
		delete(xsk, map);
		if (entry != null) {
			entry.meantToBeActive = false;
			entry.observe(BindingState.INACTIVE, Verification.NONE, "It was deactivated.");
		}
	}

	private static void delete(Xsk xsk, XskMap map) {
		if (occupancyForDeletion(xsk, map) == Occupancy.EMPTY) {
			logger.info("Detached from XDP on " + describe(xsk) + " (its slot was empty already)");
		}
		else if (xsk.withFd((fd) -> map.putIfAbsent(xsk.queueId(), fd))) {
			map.delete(xsk.queueId());
			logger.info("Detached from XDP on " + describe(xsk));
		}
		else {
			logger.warn("Not detached from XDP on " + describe(xsk)
					+ ": its slot holds another socket, which stays there. Only one application should use a queue;"
					+ " see which one shares this XSKMAP (bpftool map show pinned PATH)");
		}
	}

	/** A probe that does not work must not keep a socket in the map. */
	private static Occupancy occupancyForDeletion(Xsk xsk, XskMap map) {
		try {
			return map.occupancy(xsk.queueId());
		}
		catch (XskSystemException ex) {
			logger.debug("The slot of %s cannot be looked at".formatted(describe(xsk)), ex);
			return Occupancy.UNKNOWN;
		}
	}

	@Override
	public synchronized XskBinding inspect(Xsk xsk) {
		Tracked entry = trackedAs(xsk);
		if (entry != null) {
			return inspect(entry);
		}
		XskBinding binding = inspect(new Tracked(xsk));
		return new XskBinding(xsk, binding.state(), binding.verifiedBy(), null, binding.reason());
	}

	@Override
	public synchronized List<XskBinding> bindings() {
		this.tracked.values().removeIf((entry) -> isClosed(entry.xsk));
		return this.tracked.values().stream().map(this::inspect).toList();
	}

	private XskBinding inspect(Tracked entry) {
		XskMap map = this.maps.resolve(entry.xsk.interfaceIndex());
		if (map == null || isClosed(entry.xsk)) {
			return entry.observe(BindingState.INACTIVE, Verification.NONE, "It is closed, or its XSKMAP is.");
		}
		try {
			return inspect(entry, map);
		}
		catch (IllegalStateException ex) {
			// somebody closed the socket or the map while the kernel was asked
			logger.debug("The binding of %s is being closed".formatted(describe(entry.xsk)), ex);
			return entry.observe(BindingState.INACTIVE, Verification.NONE, "It is being closed, or its XSKMAP is.");
		}
	}

	private static XskBinding inspect(Tracked entry, XskMap map) {
		Xsk xsk = entry.xsk;
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
		return xsk.withFd((fd) -> whose(entry, fd, map, verification));
	}

	/** Ask whose socket is in the slot, by an update that replaces none. */
	private static XskBinding whose(Tracked entry, int fd, XskMap map, Verification verification) {
		try {
			if (map.putIfAbsent(entry.xsk.queueId(), fd)) {
				return entry.observe(BindingState.ACTIVE, verification, null);
			}
		}
		catch (XskSystemException ex) {
			if (!NO_XSK.contains(ex.getErrno())) {
				throw ex;
			}
			return entry.observe(BindingState.MISSING, verification,
					"Its descriptor %d is closed or something else by now (%s). Activate an open socket.".formatted(fd,
							ex.getErrnoSymbol()));
		}
		return entry.observe(BindingState.FOREIGN, verification,
				"Its slot in the XSKMAP holds another socket. Stop the application that put it there, or let it have"
						+ " the queue.");
	}

	private static String describe(Xsk xsk) {
		return "interface %d queue %d".formatted(xsk.interfaceIndex(), xsk.queueId());
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
					"Make the map larger (map.max-entries of the interface), or use a queue from 0 to %d."
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
