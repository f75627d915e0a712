package io.xsk.setup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

import io.xsk.CloseableStack;
import io.xsk.Deadline;
import io.xsk.Suggestion;
import io.xsk.XskException;
import io.xsk.bpf.RedirectProgram;
import io.xsk.bpf.XskMap;
import io.xsk.core.XskMapResolver;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.KernelUnavailableException;
import io.xsk.rule.RedirectRules;
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

	/** How long all sockets get to send what they have, before they are closed. */
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
	 * @throws InvalidXskPropertyException when the configuration cannot work on any
	 * machine: a socket names an unknown interface, for example, or one that has neither
	 * rules nor a pinned map, or two sockets want one queue
	 */
	public XskSockets(Kernel kernel, Collection<XskInterfaceConfig> interfaces, Collection<XskSocketConfig> sockets) {
		this.kernel = kernel;
		this.interfaceConfigs = List.copyOf(interfaces);
		this.socketConfigs = List.copyOf(sockets);
		new ConfigRules(this.interfaceConfigs, this.socketConfigs, kernel.pageSize()).check();
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
		requireAvailable();
		CloseableStack links = new CloseableStack();
		CloseableStack stack = new CloseableStack();
		try {
			SetupOpener opener = new SetupOpener(this.kernel, this.interfaceConfigs, this.socketConfigs, links, stack);
			opener.open();
			// on top, so that it is closed first: without a program on the interface no
			// packet comes to a socket that is being closed
			stack.push(links);
			Opened all = new Opened(true, opener.interfaces(), opener.groups(), stack);
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

	/**
	 * Let other rules take the place of those of an interface that is open.
	 * @throws XskException when the interface is not open or has no program of ours, or
	 * when the new one cannot be loaded or attached; the old one stays then
	 */
	synchronized RedirectRules replaceRules(String key, RedirectRules rules) {
		XskInterface xskInterface = openInterface(key);
		RedirectProgram before = SetupOpener.explaining("The rules of interface '%s' cannot be replaced".formatted(key),
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
		if (xskInterface == null) {
			requireAvailable();
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
			long deadline = Deadline.after(FLUSH_TIMEOUT);
			closing.groups().values().forEach((group) -> group.flush(deadline));
		}
		catch (RuntimeException | Error ex) {
			// there is no second close for what is open now
			closing.stack().closeAfter(ex);
			throw ex;
		}
		closing.stack().close();
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
		if (this.socketConfigs.isEmpty()) {
			requireAvailable();
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
			requireAvailable();
			return new XskException("Socket '%s' is not open.".formatted(name),
					"Use it while the application context runs: from an ApplicationRunner or an ApplicationReadyEvent on,"
							+ " and until it closes.");
		});
	}

	private void requireAvailable() {
		KernelUnavailableException unavailable = this.kernel.unavailability();
		if (unavailable != null) {
			throw unavailable;
		}
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

	/**
	 * Find the XSKMAP of an interface.
	 * @throws KernelUnavailableException when none can be opened here at all
	 */
	@Override
	public @Nullable XskMap resolve(int interfaceIndex) {
		requireAvailable();
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
