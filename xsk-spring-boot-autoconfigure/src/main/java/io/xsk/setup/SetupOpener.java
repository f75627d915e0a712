package io.xsk.setup;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import io.xsk.CloseableStack;
import io.xsk.XskException;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.socket.BusyPoll;
import io.xsk.socket.MemoryLock;
import io.xsk.socket.XdpSocket;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Opens interfaces and sockets once, and hands over piece by piece what is to be closed,
 * so that a failure half-way leaves nothing unowned. The configurations fit together by
 * {@link ConfigRules}.
 */
final class SetupOpener {

	private static final Log logger = LogFactory.getLog(XskSockets.class);

	private final Kernel kernel;

	private final List<XskInterfaceConfig> interfaceConfigs;

	private final List<XskSocketConfig> socketConfigs;

	private final CloseableStack links;

	private final CloseableStack opened;

	private final Map<String, XskInterface> interfaces = new LinkedHashMap<>();

	private final Map<String, XskSocketGroup> groups = new LinkedHashMap<>();

	/** The links lead packets to us, or others to our map: they are closed first. */
	SetupOpener(Kernel kernel, List<XskInterfaceConfig> interfaceConfigs, List<XskSocketConfig> socketConfigs,
			CloseableStack links, CloseableStack opened) {
		this.kernel = kernel;
		this.interfaceConfigs = interfaceConfigs;
		this.socketConfigs = socketConfigs;
		this.links = links;
		this.opened = opened;
	}

	Map<String, XskInterface> interfaces() {
		return this.interfaces;
	}

	Map<String, XskSocketGroup> groups() {
		return this.groups;
	}

	void open() {
		Map<String, NetworkInterface> networkInterfaces = new LinkedHashMap<>();
		SocketPlan plan = new SocketPlan(this.kernel.pageSize());
		for (XskInterfaceConfig config : this.interfaceConfigs) {
			networkInterfaces.put(config.key(), NetworkInterface.byName(this.kernel, config.name()));
		}
		for (XskInterfaceConfig config : this.interfaceConfigs) {
			socketsOf(config).forEach((socket) -> plan.add(socket, config, at(networkInterfaces, config.key())));
		}
		MemoryLock.require(this.kernel, plan.umemBytes(), "The UMEMs of %d XSKs".formatted(plan.xsks().size()));
		for (XskInterfaceConfig config : this.interfaceConfigs) {
			boolean multiBuffer = socketsOf(config).stream()
				.anyMatch((socket) -> socket.xsk().multiBuffer() && socket.xsk().direction().receives());
			this.interfaces.put(config.key(),
					explaining("Interface '%s' cannot be opened".formatted(config.key()),
							() -> XskInterface.open(this.kernel, config, at(networkInterfaces, config.key()),
									multiBuffer, this.links, this.opened)));
		}
		for (XskSocketConfig config : this.socketConfigs) {
			this.groups.put(config.name(), open(config, plan, at(this.interfaces, config.interfaceKey())));
		}
	}

	private List<XskSocketConfig> socketsOf(XskInterfaceConfig config) {
		return this.socketConfigs.stream().filter((socket) -> socket.interfaceKey().equals(config.key())).toList();
	}

	private XskSocketGroup open(XskSocketConfig config, SocketPlan plan, XskInterface xskInterface) {
		List<XdpSocket> sockets = new ArrayList<>();
		for (SocketPlan.Planned planned : plan.xsksOf(config)) {
			if (xskInterface.map() != null) {
				SocketPlan.requireSlot(config, xskInterface.config(), planned.queueId(),
						xskInterface.map().maxEntries());
			}
			XdpSocket socket = explaining("Socket '%s' cannot be opened".formatted(config.name()), () -> open(planned));
			String fallback = (socket.zeroCopyFallback() != null) ? ": " + socket.zeroCopyFallback() : "";
			logger.info("Socket '%s' is open on interface %s (%d) queue %d in %s mode%s".formatted(config.name(),
					xskInterface.config().name(), xskInterface.index(), socket.queueId(),
					socket.isZeroCopy() ? "zero-copy" : "copy", fallback));
			sockets.add(socket);
		}
		return new XskSocketGroup(config.name(), xskInterface, List.copyOf(sockets));
	}

	private XdpSocket open(SocketPlan.Planned planned) {
		XdpSocket socket = this.opened
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

	private static <T> T at(Map<String, T> byKey, String key) {
		return Objects.requireNonNull(byKey.get(key), key);
	}

	/** Say of what is done for a part of the configuration which part that is. */
	static <T> T explaining(String what, Supplier<T> action) {
		try {
			return action.get();
		}
		catch (XskException ex) {
			throw new XskException("%s: %s".formatted(what, ex.getDescription()), ex.getAction(), ex);
		}
	}

}
