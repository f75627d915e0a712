package io.xsk.setup;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.xsk.XskException;
import io.xsk.kernel.NetworkInterface;
import io.xsk.socket.Violation;
import io.xsk.socket.XdpSocketConfig;

/**
 * Which XSKs the configuration comes to on the interfaces that there are: one per socket
 * and queue. Refuses what only the interfaces show to be wrong, before anything is made.
 */
final class SocketPlan {

	private final int pageSize;

	private final Map<String, Xsk> byQueue = new LinkedHashMap<>();

	SocketPlan(int pageSize) {
		this.pageSize = pageSize;
	}

	void add(XskSocketConfig config, XskInterfaceConfig interfaceConfig, NetworkInterface networkInterface) {
		XdpSocketConfig xskConfig = config.xskFor(networkInterface.mtu());
		for (Violation violation : xskConfig.violations(this.pageSize)) {
			throw new XskException(
					"Socket '%s' cannot have %s=%s on interface %s: it %s.".formatted(config.name(), violation.field(),
							violation.value(), networkInterface.name(), violation.reason()),
					"Set xsk.sockets.%s.%s, or xsk.sockets.%s.frame-size, which is %d because of the interface's MTU of %d."
						.formatted(config.name(), violation.field(), config.name(), xskConfig.frameSize(),
								networkInterface.mtu()));
		}
		for (int queueId : config.queues().select(networkInterface.queues())) {
			requireQueue(config, networkInterface, queueId);
			if (interfaceConfig.maxEntries() != null) {
				requireSlot(config, interfaceConfig, queueId, interfaceConfig.maxEntries());
			}
			Xsk other = this.byQueue.putIfAbsent(networkInterface.index() + "/" + queueId,
					new Xsk(config, networkInterface, queueId, xskConfig));
			if (other != null) {
				throw new XskException(
						"Sockets '%s' and '%s' both want queue %d of interface %s.".formatted(other.config().name(),
								config.name(), queueId, networkInterface.name()),
						"Only one socket can have a queue: give each its own 'queues'.");
			}
		}
	}

	private static void requireQueue(XskSocketConfig config, NetworkInterface networkInterface, int queueId) {
		if (queueId >= networkInterface.queues()) {
			throw new XskException(
					"Socket '%s' wants queue %d, and interface %s has %d RX queues.".formatted(config.name(), queueId,
							networkInterface.name(), networkInterface.queues()),
					"Choose queues from 0 to %d or 'all', or give the interface more (ethtool -L %s combined N)."
						.formatted(networkInterface.queues() - 1, networkInterface.name()));
		}
	}

	/** Refuse a queue that the XSKMAP has no slot for. */
	static void requireSlot(XskSocketConfig config, XskInterfaceConfig interfaceConfig, int queueId, int maxEntries) {
		if (config.xsk().direction().receives() && queueId >= maxEntries) {
			throw new XskException(
					"Socket '%s' wants queue %d, and the XSKMAP of interface '%s' has %d entries, one for each queue from 0 on."
						.formatted(config.name(), queueId, interfaceConfig.key(), maxEntries),
					(interfaceConfig.pinnedPath() != null)
							? "Have %s made larger by the application that pins it, or set xsk.sockets.%s.queues."
								.formatted(interfaceConfig.pinnedPath(), config.name())
							: "Set xsk.interfaces.%s.map.max-entries to more than %d or leave it out, or set xsk.sockets.%s.queues."
								.formatted(interfaceConfig.key(), queueId, config.name()));
		}
	}

	List<Xsk> xsks() {
		return List.copyOf(this.byQueue.values());
	}

	List<Xsk> xsksOf(XskSocketConfig config) {
		List<Xsk> xsks = new ArrayList<>(this.byQueue.values());
		xsks.removeIf((xsk) -> !xsk.config().name().equals(config.name()));
		return xsks;
	}

	long umemBytes() {
		return this.byQueue.values().stream().mapToLong((xsk) -> xsk.xskConfig().umemBytes()).sum();
	}

	/** One XSK that is to be opened. */
	record Xsk(XskSocketConfig config, NetworkInterface networkInterface, int queueId, XdpSocketConfig xskConfig) {
	}

}
