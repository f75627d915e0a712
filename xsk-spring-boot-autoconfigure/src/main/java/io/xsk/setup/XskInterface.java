package io.xsk.setup;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import io.xsk.CloseableStack;
import io.xsk.XskException;
import io.xsk.bpf.RedirectCounters;
import io.xsk.bpf.RedirectProgram;
import io.xsk.bpf.XdpLink;
import io.xsk.bpf.XskMap;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.rule.RedirectRules;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A configured interface, open: its XSKMAP, and our XDP program with the link that
 * attaches it, where there are such. Thread-safe; only the program and its rules change.
 *
 * @since 0.1.0
 */
public final class XskInterface {

	private static final Log logger = LogFactory.getLog(XskInterface.class);

	private final XskInterfaceConfig config;

	private final int index;

	private final @Nullable XskMap map;

	private final @Nullable XdpLink link;

	/** Shared with what closes the interface: rules can be replaced. */
	private final AtomicReference<@Nullable RedirectProgram> program;

	private XskInterface(XskInterfaceConfig config, int index, @Nullable XskMap map,
			AtomicReference<@Nullable RedirectProgram> program, @Nullable XdpLink link) {
		this.config = config;
		this.index = index;
		this.map = map;
		this.program = program;
		this.link = link;
	}

	/**
	 * Open what the configuration asks for and hand it over piece by piece, so that a
	 * failure half-way leaves nothing unowned. The program takes packets in several
	 * buffers where a socket does.
	 */
	static XskInterface open(Kernel kernel, XskInterfaceConfig config, NetworkInterface networkInterface,
			boolean multiBuffer, CloseableStack links, CloseableStack opened) {
		int index = networkInterface.index();
		if (config.rules() == null && config.program() == null) {
			if (config.pinnedPath() == null) {
				return new XskInterface(config, index, null, new AtomicReference<>(), null);
			}
			XskMap map = opened.push(XskMap.openPinned(kernel, config.pinnedPath()));
			logger.info("Interface %s (%d) uses the XSKMAP pinned at %s; its XDP program is somebody else's"
				.formatted(config.name(), index, config.pinnedPath()));
			return new XskInterface(config, index, map, new AtomicReference<>(), null);
		}
		XskInterface xskInterface = (config.program() != null)
				? openForeign(kernel, config, networkInterface, links, opened)
				: openOwn(kernel, config, networkInterface, multiBuffer, links, opened);
		XdpLink link = Objects.requireNonNull(xskInterface.link);
		if (link.fallbackReason() != null) {
			logger.warn(link.fallbackReason());
		}
		if (config.pinPath() != null) {
			XskMap map = Objects.requireNonNull(xskInterface.map);
			// only now: had the one who made the pin been alive, the interface would be
			// taken
			if (map.pinnedPath() != null) {
				map.adoptPin();
			}
			else {
				map.pin(config.pinPath());
			}
			links.push(map::unpin);
		}
		RedirectProgram program = Objects.requireNonNull(xskInterface.program());
		logger.info("Interface %s (%d) redirects %s to its sockets; XDP program %d is attached in %s mode".formatted(
				config.name(), index, (config.rules() != null) ? config.rules() : "what " + config.program() + " says",
				program.info().id(), link.mode().name().toLowerCase(Locale.ROOT)));
		return xskInterface;
	}

	private static XskInterface openOwn(Kernel kernel, XskInterfaceConfig config, NetworkInterface networkInterface,
			boolean multiBuffer, CloseableStack links, CloseableStack opened) {
		RedirectRules rules = Objects.requireNonNull(config.rules());
		RuleWarnings.log(kernel, config, rules);
		XskMap map = opened.push(ownMap(kernel, config, networkInterface));
		RedirectProgram first = RedirectProgram.load(kernel, map, rules, multiBuffer);
		AtomicReference<@Nullable RedirectProgram> program = new AtomicReference<>(first);
		// Whichever program there is by then
		opened.push(() -> Objects.requireNonNull(program.get()).close());
		XdpLink link = links.push(XdpLink.attach(kernel, first, networkInterface, config.attachMode()));
		return new XskInterface(config, networkInterface.index(), map, program, link);
	}

	private static XskInterface openForeign(Kernel kernel, XskInterfaceConfig config, NetworkInterface networkInterface,
			CloseableStack links, CloseableStack opened) {
		RedirectProgram program = opened.push(Objects.requireNonNull(config.program()).open(kernel));
		XskMap map = opened
			.push((config.pinnedPath() != null) ? XskMap.openPinned(kernel, config.pinnedPath()) : program.openMap());
		XdpLink link = links.push(XdpLink.attach(kernel, program, networkInterface, config.attachMode()));
		return new XskInterface(config, networkInterface.index(), map, new AtomicReference<>(program), link);
	}

	/**
	 * Replace the program. The caller sees to it that nobody closes the interface
	 * meanwhile.
	 */
	RedirectProgram replaceRules(Kernel kernel, RedirectRules rules) {
		RedirectProgram before = this.program.get();
		if (before == null || before.rules() == null || this.map == null || this.link == null) {
			throw new XskException("Interface '%s' has no XDP program of ours.".formatted(this.config.key()),
					"Configure it with redirect rules, or change the program where it comes from.");
		}
		RuleWarnings.log(kernel, this.config, rules);
		RedirectProgram after = RedirectProgram.loadAfter(kernel, this.map, rules, before);
		try {
			this.link.update(before, after);
		}
		catch (RuntimeException ex) {
			try (after) {
				throw ex;
			}
		}
		synchronized (this) {
			this.program.set(after);
		}
		if (after.inheritanceFailure() != null) {
			logger.warn("Interface %s (%d): the counters of its redirect rules start at zero"
				.formatted(this.config.name(), this.index), after.inheritanceFailure());
		}
		logger.info("Interface %s (%d) redirects %s from now on; XDP program %d has taken the place of %d"
			.formatted(this.config.name(), this.index, rules, after.info().id(), before.info().id()));
		return before;
	}

	/**
	 * Create our map, or go on with the one that is pinned where ours is to be: a
	 * predecessor that was killed has left it, and other processes may have their sockets
	 * in it.
	 */
	private static XskMap ownMap(Kernel kernel, XskInterfaceConfig config, NetworkInterface networkInterface) {
		int maxEntries = (config.maxEntries() != null) ? config.maxEntries() : networkInterface.queues();
		Path path = config.pinPath();
		if (path == null || !Files.exists(path)) {
			return XskMap.create(kernel, mapName(networkInterface), maxEntries);
		}
		XskMap map = XskMap.openPinned(kernel, path);
		String misfit = misfit(map, mapName(networkInterface), maxEntries);
		if (misfit != null) {
			map.close();
			throw new XskException("The XSKMAP that is already pinned at %s %s.".formatted(path, misfit),
					"Choose another xsk.interfaces.%s.map.pin-path, or remove the pin when nobody uses it: rm %s."
						.formatted(config.key(), path));
		}
		logger.info("Interface %s (%d) goes on with the XSKMAP that is pinned at %s".formatted(config.name(),
				networkInterface.index(), path));
		return map;
	}

	private static @Nullable String misfit(XskMap map, String name, int maxEntries) {
		if (!map.info().name().equals(name)) {
			return "is not this interface's: its name is %s instead of %s".formatted(map.info().name(), name);
		}
		return (map.maxEntries() != maxEntries) ? "has %d entries instead of %d".formatted(map.maxEntries(), maxEntries)
				: null;
	}

	/**
	 * Tells our maps apart, by the interface: an attached link shows who feeds its map.
	 */
	private static String mapName(NetworkInterface networkInterface) {
		return "xsks_" + networkInterface.index();
	}

	/**
	 * Return what the interface was opened by.
	 * @return the configuration
	 */
	public XskInterfaceConfig config() {
		return this.config;
	}

	/**
	 * Return the interface index, which names the interface as long as it exists.
	 * @return the index
	 */
	public int index() {
		return this.index;
	}

	/**
	 * Return the XSKMAP.
	 * @return our own or somebody else's, {@code null} where the sockets only send
	 */
	public @Nullable XskMap map() {
		return this.map;
	}

	/**
	 * Return the XDP program that we attached.
	 * @return the program, {@code null} where somebody else attaches it or there is none
	 */
	public @Nullable RedirectProgram program() {
		return this.program.get();
	}

	/**
	 * Return what our XDP program redirects now.
	 * @return the rules, {@code null} where the program is somebody else's, or none
	 */
	public @Nullable RedirectRules rules() {
		RedirectProgram current = program();
		return (current != null) ? current.rules() : null;
	}

	/**
	 * Read what our XDP program has counted, together with the rules that it counted for,
	 * also while they are being replaced.
	 * @return the counters, {@code null} where the program is somebody else's, or none
	 * @throws XskException when the kernel does not answer
	 * @throws IllegalStateException when the interface is closed
	 */
	public synchronized @Nullable RedirectCounters counters() {
		RedirectProgram current = program();
		return (current != null) ? current.counters() : null;
	}

	/**
	 * Return the link that attaches our program.
	 * @return the link, {@code null} as {@link #program()}
	 */
	public @Nullable XdpLink link() {
		return this.link;
	}

}
