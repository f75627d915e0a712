package io.xsk.setup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.xsk.CloseableStack;
import io.xsk.Suggestion;
import io.xsk.XskException;
import io.xsk.bpf.RedirectProgram;
import io.xsk.bpf.XskMap;
import io.xsk.core.XskMapResolver;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.KernelUnavailableException;
import io.xsk.kernel.NetworkInterface;
import io.xsk.rule.RedirectRules;
import io.xsk.socket.BusyPoll;
import io.xsk.socket.MemoryLock;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.Xsk;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The configured interfaces and sockets. {@link #open()} opens all of them or, when one
 * fails, none; {@link #close()} closes them in the reverse order. Both can be repeated.
 * <p>
 * Thread-safe: opening and closing run one at a time, and readers see all or nothing. A
 * socket is not activated here: see {@link XskMapTemplate}.
 *
 * @since 0.1.0
 */
public final class XskSockets implements XskMapResolver, AutoCloseable {

	/**
	 * How long all sockets together get to send what they have, before they are closed.
	 */
	private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(1);

	private static final Log logger = LogFactory.getLog(XskSockets.class);

	private final Kernel kernel;

	private volatile List<XskInterfaceConfig> interfaceConfigs;

	private final List<XskSocketConfig> socketConfigs;

	private final Map<String, Consumer<XskSocketGroup>> whenOpened = new HashMap<>();

	private volatile Opened opened = Opened.NOTHING;

	/**
	 * Create the interfaces and sockets, closed. Makes no system call.
	 * @param kernel the kernel
	 * @param interfaces the interfaces
	 * @param sockets the sockets, each on one of these interfaces
	 * @throws XskException when a socket names an unknown interface or receives on one
	 * that has neither rules nor a pinned map, or when an interface has a program or map
	 * of somebody else's and settings for one of ours
	 */
	public XskSockets(Kernel kernel, Collection<XskInterfaceConfig> interfaces, Collection<XskSocketConfig> sockets) {
		this.kernel = kernel;
		this.interfaceConfigs = List.copyOf(interfaces);
		this.socketConfigs = List.copyOf(sockets);
		this.interfaceConfigs.forEach(XskSockets::requireOneOwner);
		this.socketConfigs.forEach(this::requireSource);
	}

	private static void requireOneOwner(XskInterfaceConfig config) {
		Map<String, @Nullable Object> ours = new LinkedHashMap<>();
		ours.put("redirect", config.rules());
		ours.put("map.max-entries", config.maxEntries());
		ours.put("map.pin-path", config.pinPath());
		if (config.program() != null) {
			requireNone(config, ours, "program", config.program().toString());
		}
		else if (config.pinnedPath() != null) {
			requireNone(config, ours, "map.pinned-path", "the XSKMAP pinned at " + config.pinnedPath());
		}
	}

	private static void requireNone(XskInterfaceConfig config, Map<String, @Nullable Object> ours, String property,
			String theirs) {
		ours.forEach((name, value) -> {
			if (value != null) {
				throw new XskException(
						"Interface '%s' uses %s, which is somebody else's, and has '%s' for one of ours (%s)."
							.formatted(config.key(), theirs, name, value),
						"Leave out xsk.interfaces.%1$s.%2$s, or xsk.interfaces.%1$s.%3$s.".formatted(config.key(), name,
								property));
			}
		});
	}

	private void requireSource(XskSocketConfig socket) {
		XskInterfaceConfig config = configOf(socket);
		if (socket.xsk().direction().receives() && config.rules() == null && config.pinnedPath() == null
				&& config.program() == null) {
			throw new XskException(
					"Socket '%s' receives on interface '%s', and nothing says which packets are redirected to it."
						.formatted(socket.name(), config.key()),
					"Give the interface a redirect rule or a pinned XSKMAP, or let the socket only send.");
		}
	}

	/**
	 * Open everything that is configured; does nothing when it is open. Every packet
	 * still passes to the kernel, since no socket is in its XSKMAP yet.
	 * @throws XskException when something cannot be opened; what was opened before it is
	 * closed again
	 */
	public synchronized void open() {
		if (isOpen()) {
			return;
		}
		KernelUnavailableException unavailable = this.kernel.unavailability();
		if (unavailable != null) {
			throw unavailable;
		}
		CloseableStack links = new CloseableStack();
		CloseableStack stack = new CloseableStack();
		try {
			Opened all = open(links, stack);
			// on top, so that it is closed first: without a program on the interface no
			// packet comes to a socket that is being closed
			stack.push(links);
			this.opened = all;
			all.groups().values().forEach(this::tellOpened);
		}
		catch (RuntimeException | Error ex) {
			this.opened = Opened.NOTHING;
			links.closeAfter(ex);
			stack.closeAfter(ex);
			throw ex;
		}
	}

	private void tellOpened(XskSocketGroup group) {
		Consumer<XskSocketGroup> action = this.whenOpened.get(group.name());
		if (action != null) {
			action.accept(group);
		}
	}

	/**
	 * Be told of a socket when it is open, each time before {@link #open()} returns, and
	 * now if it is open already.
	 * @param socket the name of the socket
	 * @param action takes the open socket, in place of an earlier action for it; what it
	 * throws makes the opening fail
	 * @throws XskException when no socket of that name is configured
	 */
	public synchronized void whenOpened(String socket, Consumer<XskSocketGroup> action) {
		group(socket).ifPresent(action);
		this.whenOpened.put(socket, action);
	}

	/**
	 * Be told of a socket no more.
	 * @param socket the name of the socket
	 */
	public synchronized void forgetWhenOpened(String socket) {
		this.whenOpened.remove(socket);
	}

	private Opened open(CloseableStack links, CloseableStack stack) {
		Map<String, NetworkInterface> networkInterfaces = new LinkedHashMap<>();
		for (XskInterfaceConfig config : this.interfaceConfigs) {
			networkInterfaces.put(config.key(), NetworkInterface.byName(this.kernel, config.name()));
		}
		SocketPlan plan = new SocketPlan(this.kernel.pageSize());
		for (XskSocketConfig config : this.socketConfigs) {
			plan.add(config, configOf(config), at(networkInterfaces, config.interfaceKey()));
		}
		MemoryLock.require(this.kernel, plan.umemBytes(), "The UMEMs of %d XSKs".formatted(plan.xsks().size()));
		Map<String, XskInterface> interfaces = new LinkedHashMap<>();
		for (XskInterfaceConfig config : this.interfaceConfigs) {
			interfaces.put(config.key(), explaining("Interface '%s'".formatted(config.key()), () -> XskInterface
				.open(this.kernel, config, at(networkInterfaces, config.key()), hasMultiBuffer(config), links, stack)));
		}
		Map<String, XskSocketGroup> groups = new LinkedHashMap<>();
		for (XskSocketConfig config : this.socketConfigs) {
			groups.put(config.name(), open(config, plan, at(interfaces, config.interfaceKey()), stack));
		}
		return new Opened(true, interfaces, groups, stack);
	}

	private boolean hasMultiBuffer(XskInterfaceConfig config) {
		return this.socketConfigs.stream()
			.anyMatch((socket) -> socket.interfaceKey().equals(config.key()) && socket.xsk().multiBuffer()
					&& socket.xsk().direction().receives());
	}

	private XskSocketGroup open(XskSocketConfig config, SocketPlan plan, XskInterface xskInterface,
			CloseableStack stack) {
		List<XdpSocket> sockets = new ArrayList<>();
		for (SocketPlan.Xsk planned : plan.xsksOf(config)) {
			if (xskInterface.map() != null) {
				SocketPlan.requireSlot(config, xskInterface.config(), planned.queueId(),
						xskInterface.map().maxEntries());
			}
			XdpSocket socket = explaining("Socket '%s'".formatted(config.name()), () -> open(planned, stack));
			String fallback = (socket.zeroCopyFallback() != null) ? ": " + socket.zeroCopyFallback() : "";
			logger.info("Socket '%s' is open on interface %s (%d) queue %d in %s mode%s".formatted(config.name(),
					xskInterface.config().name(), xskInterface.index(), socket.queueId(),
					socket.isZeroCopy() ? "zero-copy" : "copy", fallback));
			sockets.add(socket);
		}
		return new XskSocketGroup(config.name(), xskInterface, List.copyOf(sockets));
	}

	private XdpSocket open(SocketPlan.Xsk planned, CloseableStack stack) {
		XdpSocket socket = stack
			.push(XdpSocket.open(this.kernel, planned.networkInterface(), planned.queueId(), planned.xskConfig()));
		BusyPoll busyPoll = planned.config().busyPoll();
		if (busyPoll != null && !busyPoll.apply(this.kernel, socket.fd())) {
			logger.info(("Socket '%s' is to busy-poll queue %d of interface %s, which has no NAPI id now"
					+ " (SO_INCOMING_NAPI_ID is 0): in copy mode it gets one with the first packet; where it never"
					+ " does, as on a veth, busy polling does nothing")
				.formatted(planned.config().name(), planned.queueId(), planned.networkInterface().name()));
		}
		return socket;
	}

	private XskInterfaceConfig configOf(XskSocketConfig socket) {
		return this.interfaceConfigs.stream()
			.filter((candidate) -> candidate.key().equals(socket.interfaceKey()))
			.findFirst()
			.orElseThrow(() -> new XskException(
					"Socket '%s' names the interface key '%s', which is not configured.".formatted(socket.name(),
							socket.interfaceKey()),
					"Choose one of %s."
						.formatted(this.interfaceConfigs.stream().map(XskInterfaceConfig::key).toList())));
	}

	/** The constructor has made sure that each key is there. */
	private static <T> T at(Map<String, T> byKey, String key) {
		return Objects.requireNonNull(byKey.get(key), key);
	}

	private static <T> T explaining(String what, Supplier<T> opening) {
		return explaining(what, "opened", opening);
	}

	private static <T> T explaining(String what, String done, Supplier<T> opening) {
		try {
			return opening.get();
		}
		catch (XskException ex) {
			throw new XskException("%s cannot be %s: %s".formatted(what, done, ex.getDescription()), ex.getAction(),
					ex);
		}
	}

	/**
	 * Let other rules take the place of those of an interface that is open.
	 * @param key the key of the interface
	 * @param rules the new rules
	 * @return the rules before
	 * @throws XskException when the interface is not open or has no program of ours, or
	 * when the new one cannot be loaded or attached; the old one stays then
	 */
	synchronized RedirectRules replaceRules(String key, RedirectRules rules) {
		XskInterface xskInterface = openInterface(key);
		RedirectProgram before = explaining("The rules of interface '%s'".formatted(key), "replaced",
				() -> xskInterface.replaceRules(this.kernel, rules));
		this.interfaceConfigs = this.interfaceConfigs.stream()
			.map((config) -> config.key().equals(key) ? config.withRules(rules) : config)
			.toList();
		try {
			before.close();
		}
		catch (XskException ex) {
			logger.warn("The rules of interface '%s' are replaced, but the program before is not closed".formatted(key),
					ex);
		}
		return Objects.requireNonNull(before.rules());
	}

	XskInterface openInterface(String key) {
		XskInterface xskInterface = this.opened.interfaces().get(key);
		if (xskInterface == null && !isAvailable()) {
			throw Objects.requireNonNull(this.kernel.unavailability());
		}
		if (xskInterface == null) {
			throw new XskException("There is no open interface '%s'.".formatted(key),
					"Choose one of %s, while the application runs."
						.formatted(this.interfaceConfigs.stream().map(XskInterfaceConfig::key).toList()));
		}
		return xskInterface;
	}

	/**
	 * Close everything that is open: sockets, links, programs, maps, in the reverse order
	 * of opening. Deactivate the sockets first. What they still have to send gets a
	 * second for that; a warning says where it was not enough. A socket that its user has
	 * closed already has nothing to send any more.
	 * @throws XskException when the kernel refuses to close something; the rest is closed
	 * all the same
	 */
	@Override
	public synchronized void close() {
		Opened closing = this.opened;
		this.opened = Opened.NOTHING;
		try {
			flush(closing.groups().values());
		}
		catch (RuntimeException | Error ex) {
			// there is no second close for what is open now
			closing.stack().closeAfter(ex);
			throw ex;
		}
		closing.stack().close();
	}

	private void flush(Collection<XskSocketGroup> groups) {
		long deadline = System.nanoTime() + FLUSH_TIMEOUT.toNanos();
		for (XskSocketGroup group : groups) {
			if (config(group.name()).xsk().direction().sends()) {
				group.sockets().forEach((socket) -> flush(group.name(), socket, deadline));
			}
		}
	}

	private static void flush(String name, XdpSocket socket, long deadline) {
		String reason;
		try {
			if (!socket.isOpen() || socket.flush(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
				return;
			}
			reason = "the interface did not take them within %d ms.".formatted(FLUSH_TIMEOUT.toMillis());
		}
		catch (XskException ex) {
			reason = ex.getMessage();
		}
		catch (IllegalStateException ex) {
			if (socket.isOpen()) {
				throw ex;
			}
			// somebody else closed it meanwhile
			return;
		}
		logger.warn(("Socket '%s' is closed with %d frames in the TX ring of queue %d, which are lost, as is what waits"
				+ " for room in it: %s")
			.formatted(name, socket.tx().used(), socket.queueId(), reason));
	}

	/**
	 * Return the kernel that they are opened in.
	 * @return the kernel, also where it cannot be called
	 */
	public Kernel kernel() {
		return this.kernel;
	}

	/**
	 * Return whether they can be opened here at all.
	 * @return {@code false} where {@link #open()} throws a
	 * {@link KernelUnavailableException}
	 */
	public boolean isAvailable() {
		return this.kernel.unavailability() == null;
	}

	/**
	 * Return whether everything is open.
	 * @return {@code false} before {@link #open()} and after {@link #close()}
	 */
	public boolean isOpen() {
		return this.opened.open();
	}

	/**
	 * Return the interfaces.
	 * @return the interfaces in the order of the configuration, none while closed
	 */
	public List<XskInterface> interfaces() {
		return List.copyOf(this.opened.interfaces().values());
	}

	/**
	 * Return the sockets.
	 * @return the sockets in the order of the configuration, none while closed
	 */
	public List<XskSocketGroup> groups() {
		return List.copyOf(this.opened.groups().values());
	}

	/**
	 * Return what the sockets are opened with.
	 * @return one configuration per named socket, whether open or not
	 */
	public List<XskSocketConfig> configs() {
		return this.socketConfigs;
	}

	/**
	 * Find the configuration of a named socket.
	 * @param name the name
	 * @return the configuration, whether the socket is open or not
	 * @throws XskException when no socket of that name is configured; names the nearest
	 */
	public XskSocketConfig config(String name) {
		for (XskSocketConfig config : this.socketConfigs) {
			if (config.name().equals(name)) {
				return config;
			}
		}
		throw new XskException("There is no socket '%s'.".formatted(name),
				Suggestion.among("Name one that is configured (xsk.sockets.<name>).", name,
						this.socketConfigs.stream().map(XskSocketConfig::name).toList()));
	}

	/**
	 * Find the XSKs of a named socket.
	 * @param name the name in the configuration
	 * @return the socket, empty while closed
	 * @throws XskException when no socket of that name is configured
	 */
	public Optional<XskSocketGroup> group(String name) {
		return Optional.ofNullable(this.opened.groups().get(config(name).name()));
	}

	/**
	 * Find the XSKs of a named socket that is to be used now.
	 * @param name the name in the configuration
	 * @return the open socket
	 * @throws KernelUnavailableException when it cannot be opened here at all
	 * @throws XskException when no socket of that name is configured, or it is not open
	 */
	public XskSocketGroup requireGroup(String name) {
		return group(name).orElseThrow(() -> {
			KernelUnavailableException unavailable = this.kernel.unavailability();
			return (unavailable != null) ? unavailable : new XskException("Socket '%s' is not open.".formatted(name),
					"Use it while the application context runs: after XskSocketLifecycle has started, and before"
							+ " it stops.");
		});
	}

	/**
	 * Return the sockets that receive: those that are activated at startup.
	 * @return the XSKs in the order of the configuration, none while closed
	 */
	public List<Xsk> receiving() {
		List<Xsk> receiving = new ArrayList<>();
		for (XskSocketGroup group : this.opened.groups().values()) {
			if (group.receives()) {
				receiving.addAll(group.sockets());
			}
		}
		return receiving;
	}

	@Override
	public @Nullable XskMap resolve(int interfaceIndex) {
		for (XskInterface candidate : this.opened.interfaces().values()) {
			if (candidate.index() == interfaceIndex) {
				return candidate.map();
			}
		}
		return null;
	}

	/** All that is open, seen as one. */
	private record Opened(boolean open, Map<String, XskInterface> interfaces, Map<String, XskSocketGroup> groups,
			CloseableStack stack) {

		private static final Opened NOTHING = new Opened(false, Map.of(), Map.of(), new CloseableStack());

	}

}
