package io.xsk.core;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

import io.xsk.XskException;
import io.xsk.bpf.RedirectProgram;
import io.xsk.bpf.XdpLink;
import io.xsk.bpf.XskMap;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A configured interface, open: its XSKMAP, and our XDP program with the link that
 * attaches it, where there are such. Immutable.
 *
 * @since 0.1.0
 */
public final class XskInterface {

	private static final Log logger = LogFactory.getLog(XskInterface.class);

	private final XskInterfaceConfig config;

	private final int index;

	private final @Nullable XskMap map;

	private final @Nullable RedirectProgram program;

	private final @Nullable XdpLink link;

	private XskInterface(XskInterfaceConfig config, int index, @Nullable XskMap map, @Nullable RedirectProgram program,
			@Nullable XdpLink link) {
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
	 * @param links takes what leads packets to us, or others to our map
	 * @param opened takes the rest
	 */
	static XskInterface open(Kernel kernel, XskInterfaceConfig config, NetworkInterface networkInterface,
			boolean multiBuffer, CloseableStack links, CloseableStack opened) {
		if (config.pinnedPath() != null) {
			XskMap map = opened.push(XskMap.openPinned(kernel, config.pinnedPath()));
			logger.info("Interface %s (%d) uses the XSKMAP pinned at %s; its XDP program is somebody else's"
				.formatted(config.name(), networkInterface.index(), config.pinnedPath()));
			return new XskInterface(config, networkInterface.index(), map, null, null);
		}
		if (config.rules() == null) {
			return new XskInterface(config, networkInterface.index(), null, null, null);
		}
		XskMap map = opened.push(ownMap(kernel, config, networkInterface));
		RedirectProgram program = opened.push(RedirectProgram.load(kernel, map, config.rules(), multiBuffer));
		XdpLink link = links.push(XdpLink.attach(kernel, program, networkInterface, config.attachMode()));
		if (link.fallbackReason() != null) {
			logger.warn(link.fallbackReason());
		}
		if (config.pinPath() != null) {
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
		logger.info("Interface %s (%d) redirects %s to its sockets; XDP program %d is attached in %s mode".formatted(
				config.name(), networkInterface.index(), config.rules(), program.info().id(),
				link.mode().name().toLowerCase(Locale.ROOT)));
		return new XskInterface(config, networkInterface.index(), map, program, link);
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
	 * Return our XDP program.
	 * @return the program, {@code null} where the map is somebody else's or there is none
	 */
	public @Nullable RedirectProgram program() {
		return this.program;
	}

	/**
	 * Return the link that attaches our program.
	 * @return the link, {@code null} as {@link #program()}
	 */
	public @Nullable XdpLink link() {
		return this.link;
	}

}
