package io.xsk.setup;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.xsk.Suggestion;
import io.xsk.socket.Violation;
import io.xsk.socket.Xsk;
import org.jspecify.annotations.Nullable;

/**
 * The rules for interfaces and sockets that hold whatever the machine has. What only the
 * interfaces show to be wrong is in {@link SocketPlan}.
 */
final class ConfigRules {

	private static final String TWINS = " An environment variable such as XSK_SOCKETS_DNS_QUEUES meets a key of"
			+ " lower-case letters and digits alone; for any other it makes a second entry.";

	private final Collection<XskInterfaceConfig> interfaces;

	private final Collection<XskSocketConfig> sockets;

	private final int pageSize;

	ConfigRules(Collection<XskInterfaceConfig> interfaces, Collection<XskSocketConfig> sockets, int pageSize) {
		this.interfaces = interfaces;
		this.sockets = sockets;
		this.pageSize = pageSize;
	}

	/** Refuse the first thing that breaks a rule. */
	void check() {
		this.interfaces.forEach(ConfigRules::requireOneOwner);
		this.interfaces.forEach(ConfigRules::requireSize);
		requireOwnNames();
		this.sockets.forEach(this::requireInterface);
		this.interfaces.forEach(this::requirePurpose);
		this.sockets.forEach(this::requireValues);
		requireOwnQueues();
	}

	private static void requireOneOwner(XskInterfaceConfig config) {
		if (config.program() != null) {
			requireNoneOfOurs(config, config.program().property(), config.program().toString());
		}
		else if (config.pinnedPath() != null) {
			requireNoneOfOurs(config, "map.pinned-path", "the XSKMAP pinned at " + config.pinnedPath());
		}
	}

	private static void requireNoneOfOurs(XskInterfaceConfig config, String theirs, String what) {
		Map<String, @Nullable Object> ours = new LinkedHashMap<>();
		ours.put("redirect", config.rules());
		ours.put("map.max-entries", config.maxEntries());
		ours.put("map.pin-path", config.pinPath());
		ours.forEach((name, value) -> {
			if (value != null) {
				throw new InvalidXskPropertyException(property(config, name), value,
						"The interface uses %s, which is somebody else's, and this is for one of ours. Leave out %s, or %s."
							.formatted(what, property(config, name), property(config, theirs)));
			}
		});
	}

	private static void requireSize(XskInterfaceConfig config) {
		Integer maxEntries = config.maxEntries();
		if (maxEntries != null && (maxEntries < 1 || maxEntries > Xsk.MAX_QUEUE_ID + 1)) {
			throw new InvalidXskPropertyException(property(config, "map.max-entries"), maxEntries,
					"The XSKMAP has one entry per RX queue: choose 1 to %d, or leave it out for as many as the interface has."
						.formatted(Xsk.MAX_QUEUE_ID + 1));
		}
	}

	private void requireOwnNames() {
		Map<String, String> keysByName = new HashMap<>();
		Map<Path, String> keysByPin = new HashMap<>();
		for (XskInterfaceConfig config : this.interfaces) {
			String other = keysByName.putIfAbsent(config.name(), config.key());
			if (other != null) {
				throw new InvalidXskPropertyException(property(config, "name"), config.name(),
						"'xsk.interfaces.%s' stands for the same interface. An interface has one XDP program: put both under one key, and let the sockets refer to that."
							.formatted(other) + TWINS);
			}
			other = (config.pinPath() != null) ? keysByPin.putIfAbsent(config.pinPath(), config.key()) : null;
			if (other != null) {
				throw new InvalidXskPropertyException(property(config, "map.pin-path"), config.pinPath(),
						"'xsk.interfaces.%s' is pinned there. Each interface has an XSKMAP of its own: choose another path."
							.formatted(other));
			}
		}
	}

	private void requireInterface(XskSocketConfig socket) {
		List<String> keys = this.interfaces.stream().map(XskInterfaceConfig::key).toList();
		String key = socket.interfaceKey();
		if (key.isEmpty()) {
			throw new InvalidXskPropertyException(property(socket, "interface"), null,
					"Name the key of an interface under xsk.interfaces; there are: %s.".formatted(keys));
		}
		if (!keys.contains(key)) {
			throw new InvalidXskPropertyException(property(socket, "interface"), key,
					Suggestion.among("There is no such key under xsk.interfaces.", key, keys));
		}
	}

	private void requirePurpose(XskInterfaceConfig config) {
		if (config.rules() != null || config.pinnedPath() != null || config.program() != null) {
			return;
		}
		List<XskSocketConfig> users = this.sockets.stream()
			.filter((socket) -> socket.interfaceKey().equals(config.key()))
			.toList();
		if (users.isEmpty()) {
			throw new InvalidXskPropertyException("xsk.interfaces." + config.key(), config.name(),
					"Nothing uses this interface: it has no redirect rule, no pinned XSKMAP and no socket. The keys that"
							+ " sockets refer to are %s. Correct the key, or remove the entry.".formatted(
									this.sockets.stream().map(XskSocketConfig::interfaceKey).distinct().toList()));
		}
		for (XskSocketConfig user : users) {
			if (user.xsk().direction().receives()) {
				throw new InvalidXskPropertyException(property(config, "redirect"), null,
						"Socket '%s' receives on this interface, and no rule says which packets it gets. Set for example %s=53, or %s where somebody else's XDP program fills an XSKMAP, or direction=send on the socket."
							.formatted(user.name(), property(config, "redirect.udp-ports"),
									property(config, "map.pinned-path")));
			}
		}
	}

	private void requireValues(XskSocketConfig socket) {
		for (Violation violation : socket.xsk().violations(this.pageSize)) {
			throw new InvalidXskPropertyException(property(socket, violation.field()), violation.value(),
					"It %s.".formatted(violation.reason()));
		}
	}

	private void requireOwnQueues() {
		Map<String, XskSocketConfig> before = new LinkedHashMap<>();
		for (XskSocketConfig socket : this.sockets) {
			before.values().forEach((other) -> requireOwnQueues(socket, other));
			if (before.put(socket.name(), socket) != null) {
				throw new InvalidXskPropertyException("xsk.sockets." + socket.name(), socket.name(),
						"Another socket has that name: give each its own.");
			}
		}
	}

	private static void requireOwnQueues(XskSocketConfig socket, XskSocketConfig other) {
		List<Integer> overlap = socket.interfaceKey().equals(other.interfaceKey())
				? socket.queues().overlap(other.queues()) : List.of();
		if (!overlap.isEmpty()) {
			throw new InvalidXskPropertyException(property(socket, "queues"),
					socket.queues().isAll() ? null : socket.queues(),
					"Socket '%s' on the same interface has queue %d too, and only one socket can have a queue. Give each its own, as in 0-3 and 4-7; or let one socket take the packets of both, and its listener look at their ports."
						.formatted(other.name(), overlap.get(0)) + TWINS);
		}
	}

	private static String property(XskInterfaceConfig config, String name) {
		return "xsk.interfaces.%s.%s".formatted(config.key(), name);
	}

	private static String property(XskSocketConfig config, String name) {
		return "xsk.sockets.%s.%s".formatted(config.name(), name);
	}

}
