package io.xsk.listener;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

import io.xsk.core.BindingState;
import io.xsk.core.XskMapOperations;
import io.xsk.listener.XskListenerContainer.State;
import io.xsk.setup.XskSocketGroup;
import io.xsk.setup.XskSockets;
import io.xsk.setup.XskWatch;
import io.xsk.socket.XdpSocket;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Finds sockets that are active and that nobody reads: packets that waited in the RX ring
 * at one look still do at the next, and none was taken meanwhile. The traffic of such a
 * socket vanishes, since neither the application nor the kernel's own path gets it. Says
 * so once in the log, and again when the socket is read. A listener that is paused with
 * {@link PauseMode#HOLD} lets packets wait on purpose. Thread-safe.
 *
 * @since 0.1.0
 */
public class UnreadSocketWatch implements XskWatch {

	private static final Log logger = LogFactory.getLog(UnreadSocketWatch.class);

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private final XskListenerRegistry listeners;

	private final Map<XdpSocket, Long> waiting = new HashMap<>();

	private volatile Map<String, String> unread = Map.of();

	/**
	 * Create a watch.
	 * @param sockets the sockets to look at
	 * @param operations asked which of them are active
	 * @param listeners those who read
	 */
	public UnreadSocketWatch(XskSockets sockets, XskMapOperations operations, XskListenerRegistry listeners) {
		this.sockets = sockets;
		this.operations = operations;
		this.listeners = listeners;
	}

	@Override
	public synchronized void begin() {
		this.waiting.clear();
		this.unread = Map.of();
		look();
	}

	@Override
	public synchronized void look() {
		Map<String, String> found = new TreeMap<>();
		this.waiting.keySet().removeIf((xsk) -> !xsk.isOpen());
		for (XskSocketGroup group : this.sockets.groups()) {
			if (group.receives()) {
				String reason = look(group);
				if (reason != null) {
					found.put(group.name(), reason);
				}
			}
		}
		tell(this.unread, found);
		this.unread = Map.copyOf(found);
	}

	private @Nullable String look(XskSocketGroup group) {
		State state = state(group.name());
		String reason = null;
		for (XdpSocket xsk : group.sockets()) {
			long received = xsk.traffic().receivedPackets();
			boolean waits = state != State.PAUSED && xsk.rx().used() > 0
					&& this.operations.inspect(xsk).state() == BindingState.ACTIVE;
			Long before = waits ? this.waiting.put(xsk, received) : this.waiting.remove(xsk);
			if (waits && before != null && before == received) {
				reason = "%d packets wait in the RX ring of queue %d, and none is taken: %s".formatted(xsk.rx().used(),
						xsk.queueId(), explain(group.name(), state, xsk));
			}
		}
		return reason;
	}

	private @Nullable State state(String socket) {
		return this.listeners.containers()
			.stream()
			.filter((container) -> container.socket().equals(socket))
			.map(XskListenerContainer::state)
			.findFirst()
			.orElse(null);
	}

	private static String explain(String socket, @Nullable State state, XdpSocket xsk) {
		if (state == null) {
			return ("no listener is registered for the socket. Add a method with @XskListener(\"%s\"), receive from its"
					+ " XdpSockets yourself, or set xsk.activation.auto-startup=false.")
				.formatted(socket);
		}
		return "its listener does not return. See where the thread xsk-%s-%d is (jcmd PID Thread.print)."
			.formatted(xsk.interfaceName(), xsk.queueId());
	}

	private static void tell(Map<String, String> before, Map<String, String> now) {
		now.forEach((socket, reason) -> {
			if (!before.containsKey(socket)) {
				logger.warn("Socket '%s' is active, and nobody reads it: %s".formatted(socket, reason));
			}
		});
		before.keySet().forEach((socket) -> {
			if (!now.containsKey(socket)) {
				logger.info("Socket '%s' is read again, or not active any more".formatted(socket));
			}
		});
	}

	/**
	 * Return the sockets that nobody read at the last look.
	 * @return the reasons by the name of the socket
	 */
	public Map<String, String> unread() {
		return this.unread;
	}

}
