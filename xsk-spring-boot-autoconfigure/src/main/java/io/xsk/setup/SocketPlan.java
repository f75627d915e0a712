package io.xsk.setup;

import java.util.ArrayList;
import java.util.List;

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

	private final List<Planned> xsks = new ArrayList<>();

	SocketPlan(int pageSize) {
		this.pageSize = pageSize;
	}

	void add(XskSocketConfig config, XskInterfaceConfig interfaceConfig, NetworkInterface networkInterface) {
		XdpSocketConfig xskConfig = config.xskFor(networkInterface.mtu());
		for (Violation violation : xskConfig.violations(this.pageSize)) {
			throw new InvalidXskPropertyException("xsk.sockets.%s.%s".formatted(config.name(), violation.field()),
					violation.value(),
					"It %s. Set it, or xsk.sockets.%s.frame-size, which is %d because of the MTU of %d of interface %s."
						.formatted(violation.reason(), config.name(), xskConfig.frameSize(), networkInterface.mtu(),
								networkInterface.name()));
		}
		for (int queueId : config.queues().select(networkInterface.queues())) {
			requireQueue(config, networkInterface, queueId);
			if (interfaceConfig.maxEntries() != null) {
				requireSlot(config, interfaceConfig, queueId, interfaceConfig.maxEntries());
			}
			this.xsks.add(new Planned(config, networkInterface, queueId, xskConfig));
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

	List<Planned> xsks() {
		return List.copyOf(this.xsks);
	}

	List<Planned> xsksOf(XskSocketConfig config) {
		return this.xsks.stream().filter((xsk) -> xsk.config().name().equals(config.name())).toList();
	}

	long umemBytes() {
		return this.xsks.stream().mapToLong((xsk) -> xsk.xskConfig().umemBytes()).sum();
	}

	/** One XSK that is to be opened. */
	record Planned(XskSocketConfig config, NetworkInterface networkInterface, int queueId, XdpSocketConfig xskConfig) {
	}

}
