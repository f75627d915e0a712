package io.xsk.core;

import java.util.Collections;
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
 * Thread-safe: operations run one at a time. Each makes a handful of system calls; none
 * belongs on a data thread. The maps belong to others and are not closed here.
 *
 * @since 0.1.0
 */
public class XskMapTemplate implements XskMapOperations {

	private static final Log logger = LogFactory.getLog(XskMapTemplate.class);

	private static final Set<Integer> NO_XSK = Set.of(Errno.EBADF, Errno.ENOTSOCK, Errno.EOPNOTSUPP);

	private final XskMapResolver maps;

	private final Map<Long, Intent> intents = new TreeMap<>();

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
		Intent intent = intentOf(xsk);
		XskMap map = requireReady(xsk);
		if (intent.served()) {
			put(intent, map, policy);
		}
		intent.wanted = true;
		intent.policy = policy;
		this.intents.put(Intent.key(xsk), intent);
		// written a moment ago, and not asked again
		return intent.isMeantToBeActive() ? intent.observe(BindingState.ACTIVE, Verification.UPDATE, null)
				: intent.observe(BindingState.INACTIVE, Verification.NONE, intent.whyInactive());
	}

	@Override
	public synchronized void deactivate(Xsk xsk) {
		Intent intent = intentOf(xsk);
		intent.wanted = false;
		intent.deactivated = true;
		takeOut(intent);
	}

	@Override
	public synchronized void serve(Xsk xsk) {
		Intent intent = intentOf(xsk);
		if (intent.wanted && !intent.served()) {
			put(intent, requireReady(xsk), intent.policy);
		}
		intent.unservedBecause = null;
		this.intents.put(Intent.key(xsk), intent);
	}

	@Override
	public synchronized void unserve(Xsk xsk, String reason) {
		Intent intent = intentOf(xsk);
		intent.unservedBecause = reason;
		if (xsk.isOpen()) {
			this.intents.put(Intent.key(xsk), intent);
		}
		takeOut(intent);
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

	private static void put(Intent intent, XskMap map, ActivationPolicy policy) {
		Xsk xsk = intent.xsk;
		boolean put = xsk.withFd((fd) -> {
			if (policy == ActivationPolicy.EXCLUSIVE) {
				return map.putIfAbsent(xsk.queueId(), fd);
			}
			map.update(xsk.queueId(), fd, UpdateMode.ANY);
			return true;
		});
		if (!put) {
			throw new SlotOccupiedException(xsk, map.fd());
		}
		intent.inSlot = true;
		logger.info("Attached to XDP on " + describe(xsk));
	}

	/** Delete the slot of a socket that is not meant to be active, if it is there. */
	private void takeOut(Intent intent) {
		XskMap map = this.maps.resolve(intent.xsk.interfaceIndex());
		if (map == null || !intent.xsk.isOpen()) {
			// a closed socket is in no map any more, and a closed map redirects nothing
			this.intents.remove(Intent.key(intent.xsk), intent);
			return;
		}
		switch (lookBeforeDeletion(intent.xsk, map)) {
			case EMPTY -> {
				if (intent.inSlot) {
					logger.info("Detached from XDP on %s: its slot was empty already".formatted(describe(intent.xsk)));
				}
			}
			case OCCUPIED -> deleteOwn(intent, map);
			case UNKNOWN -> {
				// asking whose the slot is would fill an empty one
				if (intent.inSlot || !isKnown(intent)) {
					deleteOwn(intent, map);
				}
			}
		}
		intent.inSlot = false;
		intent.observe(BindingState.INACTIVE, Verification.NONE, intent.whyInactive());
	}

	private static void deleteOwn(Intent intent, XskMap map) {
		Xsk xsk = intent.xsk;
		if (xsk.withFd((fd) -> map.putIfAbsent(xsk.queueId(), fd))) {
			map.delete(xsk.queueId());
			logger.info("Detached from XDP on " + describe(xsk));
		}
		else if (intent.inSlot) {
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
		Intent intent = intentOf(xsk);
		XskBinding now = inspect(intent);
		return isKnown(intent) ? now : now.withoutSince();
	}

	@Override
	public synchronized List<XskBinding> bindings() {
		this.intents.values().removeIf((intent) -> !intent.xsk.isOpen());
		return this.intents.values().stream().map(this::inspect).toList();
	}

	@Override
	public synchronized List<Xsk> xsks() {
		return this.intents.values().stream().map((intent) -> intent.xsk).filter(Xsk::isOpen).toList();
	}

	/**
	 * Find the XSKMAP that sockets of an interface are put into.
	 * @param interfaceIndex the interface index
	 * @return the map, {@code null} when none is known for that interface
	 */
	public final @Nullable XskMap mapOf(int interfaceIndex) {
		return this.maps.resolve(interfaceIndex);
	}

	private XskBinding inspect(Intent intent) {
		XskMap map = this.maps.resolve(intent.xsk.interfaceIndex());
		if (map == null || !intent.xsk.isOpen()) {
			return intent.observe(BindingState.INACTIVE, Verification.NONE, "It is closed, or its XSKMAP is.");
		}
		try {
			return ask(intent, map);
		}
		catch (IllegalStateException ex) {
			// somebody closed the socket or the map while the kernel was asked
			logger.debug("The binding of %s is being closed".formatted(describe(intent.xsk)), ex);
			return intent.observe(BindingState.INACTIVE, Verification.NONE, "It is being closed, or its XSKMAP is.");
		}
		catch (XskException ex) {
			BindingState lastDone = intent.isMeantToBeActive() ? BindingState.ACTIVE : BindingState.INACTIVE;
			return intent.observe(lastDone, Verification.NONE, "The kernel does not tell: " + ex.getMessage());
		}
	}

	private XskBinding ask(Intent intent, XskMap map) {
		if (!intent.xsk.isAlive(map.kernel())) {
			return intent.observe(BindingState.DEAD, Verification.NONE,
					"Its interface is gone. A new socket is needed once the interface is back: stop and start the"
							+ " XskSocketLifecycle, or restart the application.");
		}
		Occupancy occupancy = map.occupancy(intent.xsk.queueId());
		if (occupancy == Occupancy.UNKNOWN) {
			tellWhyUnknown(map);
		}
		Verification verification = (occupancy != Occupancy.UNKNOWN) ? Verification.PROBE : Verification.UPDATE;
		if (!intent.isMeantToBeActive()) {
			String stays = (intent.inSlot && occupancy != Occupancy.EMPTY)
					? " It could not be deleted from its slot: deactivate it again." : "";
			return intent.observe(BindingState.INACTIVE,
					(verification == Verification.PROBE) ? verification : Verification.NONE,
					intent.whyInactive() + stays);
		}
		if (occupancy == Occupancy.EMPTY) {
			return intent.observe(BindingState.MISSING, verification,
					"Its slot in the XSKMAP is empty: somebody deleted it. Activate the socket again.");
		}
		return intent.xsk.withFd((fd) -> askWhose(intent, fd, map, verification));
	}

	private void tellWhyUnknown(XskMap map) {
		XskSystemException refusal = map.probeRefusal();
		if (refusal != null && this.unprobed.add(map)) {
			logger.info("The slots of %s cannot be looked at without changing them: %s".formatted(map,
					refusal.getMessage()));
		}
	}

	/** Ask whose socket is in the slot, by an update that replaces none. */
	private static XskBinding askWhose(Intent intent, int fd, XskMap map, Verification verification) {
		try {
			if (map.putIfAbsent(intent.xsk.queueId(), fd)) {
				return intent.observe(BindingState.ACTIVE, verification, null);
			}
		}
		catch (XskSystemException ex) {
			if (!NO_XSK.contains(ex.getErrno())) {
				throw ex;
			}
			return intent.observe(BindingState.MISSING, verification,
					"Its descriptor %d is closed or something else by now (%s). Activate an open socket.".formatted(fd,
							ex.getErrnoSymbol()));
		}
		return intent.observe(BindingState.FOREIGN, verification,
				"Its slot in the XSKMAP holds another socket. Stop the application that put it there, or let it have"
						+ " the queue.");
	}

	private static String describe(Xsk xsk) {
		return "interface %d queue %d (%s)".formatted(xsk.interfaceIndex(), xsk.queueId(), xsk);
	}

	/** What is known of a socket, or what is to be known from now on. */
	private Intent intentOf(Xsk xsk) {
		Intent intent = this.intents.get(Intent.key(xsk));
		return (intent != null && intent.isOf(xsk)) ? intent : new Intent(xsk);
	}

	private boolean isKnown(Intent intent) {
		return this.intents.get(Intent.key(intent.xsk)) == intent;
	}

}
