package io.xsk.core;

import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.WeakHashMap;

import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.bpf.Occupancy;
import io.xsk.bpf.UpdateMode;
import io.xsk.bpf.XskMap;
import io.xsk.kernel.Errno;
import io.xsk.socket.Xsk;
import io.xsk.socket.XskNotReadyException;
import io.xsk.socket.XskVerifier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The central class for activating sockets in an XSKMAP. It is the one owner of what is
 * meant to be, <em>wanted</em> and <em>served</em>, and applies every change of that to
 * the slot at once; what it says of a slot is what the kernel says at that moment.
 * <p>
 * What becomes of a slot that is empty (-), holds the socket (ours) or another one
 * (other), by what was meant before (W wanted, S served): <pre>
 *  meant  slot  | activate        deactivate  serve        unserve  inspect   close
 *               | REPLACE  EXCL.
 *  -----  ----- | -------  ------ ----------  -----------  -------  --------  -----
 *  W  S   -     | ours     ours   -           -            -        MISSING   -
 *  W  S   ours  | ours     ours   -           ours         -        ACTIVE    -
 *  W  S   other | ours     fails  other       other        other    FOREIGN   other
 *  W      -     | -        -      -           ours         -        INACTIVE  -
 *  W      ours  | ours     ours   -           ours         -        INACTIVE  -
 *  W      other | other    other  other       by policy    other    INACTIVE  other
 *     S   -     | ours     ours   -           -            -        INACTIVE  -
 *     S   ours  | ours     ours   -           ours         -        INACTIVE  -
 *     S   other | ours     fails  other       other        other    INACTIVE  other
 *         -     | -        -      -           -            -        INACTIVE  -
 *         ours  | ours     ours   -           ours         -        INACTIVE  -
 *         other | other    other  other       other        other    INACTIVE  other
 * </pre> A socket that is in the slot although it is not meant to be was put there by
 * somebody else, or could not be deleted: deactivate and unserve take it out as far as
 * the rights let the slot be looked at, or where it was put there by this object.
 * <p>
 * Thread-safe: operations run one at a time. Each makes a handful of system calls of some
 * microseconds; none belongs on a data thread. The maps belong to others and are not
 * closed here.
 *
 * @since 0.1.0
 */
public class XskMapTemplate implements XskMapOperations {

	private static final Log logger = LogFactory.getLog(XskMapTemplate.class);

	private static final Set<Integer> NO_XSK = Set.of(Errno.EBADF, Errno.ENOTSOCK, Errno.EOPNOTSUPP);

	private final XskMapResolver maps;

	private final Map<Slot, Entry> entries = new TreeMap<>();

	/** The maps of which was told that their slots cannot be looked at. */
	private final Set<XskMap> unprobed = Collections.newSetFromMap(new WeakHashMap<>());

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
		Entry entry = entryOf(xsk);
		XskMap map = requireReady(xsk);
		if (entry.served()) {
			put(entry, map, policy);
		}
		entry.wanted = true;
		entry.policy = policy;
		this.entries.put(Slot.of(xsk), entry);
		// written a moment ago, and not asked again
		return entry.isMeantToBeActive() ? entry.observe(BindingState.ACTIVE, Verification.UPDATE, null)
				: entry.observe(BindingState.INACTIVE, Verification.NONE, entry.whyInactive());
	}

	@Override
	public synchronized void deactivate(Xsk xsk) {
		Entry entry = entryOf(xsk);
		entry.wanted = false;
		entry.deactivated = true;
		takeOut(entry);
	}

	@Override
	public synchronized void serve(Xsk xsk) {
		Entry entry = entryOf(xsk);
		if (entry.wanted && !entry.served()) {
			put(entry, requireReady(xsk), entry.policy);
		}
		entry.unservedBecause = null;
		this.entries.put(Slot.of(xsk), entry);
	}

	@Override
	public synchronized void unserve(Xsk xsk, String reason) {
		Entry entry = entryOf(xsk);
		entry.unservedBecause = reason;
		if (xsk.isOpen()) {
			this.entries.put(Slot.of(xsk), entry);
		}
		takeOut(entry);
	}

	/** The map that the socket can go into. */
	private XskMap requireReady(Xsk xsk) {
		XskMap map = this.maps.resolve(xsk.interfaceIndex());
		if (map == null) {
			throw new XskException(
					"No XSKMAP is known for the interface with index %d.".formatted(xsk.interfaceIndex()),
					"Configure the interface with a redirect rule or a pinned XSKMAP, and activate after it was opened.");
		}
		if (xsk.queueId() >= map.maxEntries()) {
			throw new XskNotReadyException(
					"The XSKMAP (fd %d) has %d entries, and queue %d lies past them.".formatted(map.fd(),
							map.maxEntries(), xsk.queueId()),
					"Make the map larger (map.max-entries of the interface), or use a queue from 0 to %d."
						.formatted(map.maxEntries() - 1));
		}
		new XskVerifier(map.kernel()).verify(xsk);
		return map;
	}

	private static void put(Entry entry, XskMap map, ActivationPolicy policy) {
		entry.xsk.withFd((fd) -> {
			put(entry.xsk, fd, map, policy);
			return map;
		});
		entry.inSlot = true;
		logger.info("Attached to XDP on " + describe(entry.xsk));
	}

	private static void put(Xsk xsk, int fd, XskMap map, ActivationPolicy policy) {
		if (policy == ActivationPolicy.REPLACE) {
			map.update(xsk.queueId(), fd, UpdateMode.ANY);
			return;
		}
		try {
			map.update(xsk.queueId(), fd, UpdateMode.NO_EXIST);
		}
		catch (XskSystemException ex) {
			throw (ex.getErrno() == Errno.EEXIST) ? new SlotOccupiedException(xsk, map.fd(), ex) : ex;
		}
	}

	/** Delete the slot of a socket that is not meant to be active, if it is there. */
	private void takeOut(Entry entry) {
		XskMap map = this.maps.resolve(entry.xsk.interfaceIndex());
		if (map == null || !entry.xsk.isOpen()) {
			// a closed socket is in no map any more, and a closed map redirects nothing
			this.entries.remove(Slot.of(entry.xsk), entry);
			return;
		}
		switch (lookBeforeDeletion(entry.xsk, map)) {
			case EMPTY -> {
				if (entry.inSlot) {
					logger.info("Detached from XDP on %s: its slot was empty already".formatted(describe(entry.xsk)));
				}
			}
			case OCCUPIED -> deleteOwn(entry, map);
			case UNKNOWN -> {
				// asking whose the slot is would fill an empty one
				if (entry.inSlot || !isKnown(entry)) {
					deleteOwn(entry, map);
				}
			}
		}
		entry.inSlot = false;
		entry.observe(BindingState.INACTIVE, Verification.NONE, entry.whyInactive());
	}

	private static void deleteOwn(Entry entry, XskMap map) {
		Xsk xsk = entry.xsk;
		if (xsk.withFd((fd) -> map.putIfAbsent(xsk.queueId(), fd))) {
			map.delete(xsk.queueId());
			logger.info("Detached from XDP on " + describe(xsk));
		}
		else if (entry.inSlot) {
			logger.warn(("Not detached from XDP on %s: its slot holds another socket, which stays there. Only one"
					+ " application should use a queue; see which one shares this XSKMAP (bpftool map show pinned PATH)")
				.formatted(describe(xsk)));
		}
	}

	/** A probe that does not work must not keep a socket in the map. */
	private static Occupancy lookBeforeDeletion(Xsk xsk, XskMap map) {
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
		Entry entry = entryOf(xsk);
		XskBinding now = inspect(entry);
		return isKnown(entry) ? now
				: new XskBinding(xsk, now.wanted(), now.served(), now.state(), now.verifiedBy(), null, now.reason());
	}

	@Override
	public synchronized List<XskBinding> bindings() {
		this.entries.values().removeIf((entry) -> !entry.xsk.isOpen());
		return this.entries.values().stream().map(this::inspect).toList();
	}

	@Override
	public synchronized List<Xsk> xsks() {
		return this.entries.values().stream().map((entry) -> entry.xsk).filter(Xsk::isOpen).toList();
	}

	/**
	 * Find the XSKMAP that sockets of an interface are put into.
	 * @param interfaceIndex the interface index
	 * @return the map, {@code null} when none is known for that interface
	 */
	public final @Nullable XskMap mapOf(int interfaceIndex) {
		return this.maps.resolve(interfaceIndex);
	}

	private XskBinding inspect(Entry entry) {
		XskMap map = this.maps.resolve(entry.xsk.interfaceIndex());
		if (map == null || !entry.xsk.isOpen()) {
			return entry.observe(BindingState.INACTIVE, Verification.NONE, "It is closed, or its XSKMAP is.");
		}
		try {
			return ask(entry, map);
		}
		catch (IllegalStateException ex) {
			// somebody closed the socket or the map while the kernel was asked
			logger.debug("The binding of %s is being closed".formatted(describe(entry.xsk)), ex);
			return entry.observe(BindingState.INACTIVE, Verification.NONE, "It is being closed, or its XSKMAP is.");
		}
		catch (XskException ex) {
			return entry.observe(entry.isMeantToBeActive() ? BindingState.ACTIVE : BindingState.INACTIVE,
					Verification.NONE, "The kernel does not tell: " + ex.getMessage());
		}
	}

	private XskBinding ask(Entry entry, XskMap map) {
		if (!entry.xsk.isAlive(map.kernel())) {
			return entry.observe(BindingState.DEAD, Verification.NONE,
					"Its interface is gone. A new socket is needed once the interface is back: stop and start the"
							+ " XskSocketLifecycle, or restart the application.");
		}
		Occupancy occupancy = map.occupancy(entry.xsk.queueId());
		if (occupancy == Occupancy.UNKNOWN) {
			tellWhyUnknown(map);
		}
		Verification verification = (occupancy != Occupancy.UNKNOWN) ? Verification.PROBE : Verification.UPDATE;
		if (!entry.isMeantToBeActive()) {
			String stays = (entry.inSlot && occupancy != Occupancy.EMPTY)
					? " It could not be deleted from its slot: deactivate it again." : "";
			return entry.observe(BindingState.INACTIVE,
					(verification == Verification.PROBE) ? verification : Verification.NONE,
					entry.whyInactive() + stays);
		}
		if (occupancy == Occupancy.EMPTY) {
			return entry.observe(BindingState.MISSING, verification,
					"Its slot in the XSKMAP is empty: somebody deleted it. Activate the socket again.");
		}
		return entry.xsk.withFd((fd) -> askWhose(entry, fd, map, verification));
	}

	private void tellWhyUnknown(XskMap map) {
		XskSystemException refusal = map.probeRefusal();
		if (refusal != null && this.unprobed.add(map)) {
			logger.info("The slots of %s cannot be looked at without changing them: %s".formatted(map,
					refusal.getMessage()));
		}
	}

	/** Ask whose socket is in the slot, by an update that replaces none. */
	private static XskBinding askWhose(Entry entry, int fd, XskMap map, Verification verification) {
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
		return "interface %d queue %d (%s)".formatted(xsk.interfaceIndex(), xsk.queueId(), xsk);
	}

	/** What is known of a socket, or what is to be known from now on. */
	private Entry entryOf(Xsk xsk) {
		Entry entry = this.entries.get(Slot.of(xsk));
		return (entry != null && (entry.xsk.equals(xsk) || isSameOpen(entry.xsk, xsk))) ? entry : new Entry(xsk);
	}

	private boolean isKnown(Entry entry) {
		return this.entries.get(Slot.of(entry.xsk)) == entry;
	}

	private static boolean isSameOpen(Xsk one, Xsk other) {
		return one.isOpen() && other.isOpen() && one.fd() == other.fd();
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

	/** A socket, what is meant of it, what was done, and what was last seen. */
	private static final class Entry {

		private final Xsk xsk;

		private boolean wanted;

		/** Whether it was wanted once. */
		private boolean deactivated;

		private @Nullable String unservedBecause;

		private ActivationPolicy policy = ActivationPolicy.REPLACE;

		/** Whether it was put into its slot, and not taken out again. */
		private boolean inSlot;

		private @Nullable XskBinding last;

		private Entry(Xsk xsk) {
			this.xsk = xsk;
		}

		private boolean served() {
			return this.unservedBecause == null;
		}

		private boolean isMeantToBeActive() {
			return this.wanted && served();
		}

		private String whyInactive() {
			String unwanted = this.deactivated ? "It was deactivated" : "It was not activated";
			if (served()) {
				return unwanted + ".";
			}
			return (this.wanted ? "It is wanted, but " : unwanted + ", and ") + this.unservedBecause + ".";
		}

		private XskBinding observe(BindingState state, Verification verifiedBy, @Nullable String reason) {
			Instant since = (this.last != null && this.last.state() == state) ? this.last.since() : Instant.now();
			this.last = new XskBinding(this.xsk, this.wanted, served(), state, verifiedBy, since, reason);
			return this.last;
		}

	}

}
