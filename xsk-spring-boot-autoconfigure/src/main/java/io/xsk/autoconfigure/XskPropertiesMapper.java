package io.xsk.autoconfigure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.xsk.Suggestion;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.ProgramSource;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.socket.XdpSocketConfig;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.boot.context.properties.source.MutuallyExclusiveConfigurationPropertiesException;
import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;

/**
 * Turns {@link XskProperties} into the configuration of interfaces and sockets, and
 * refuses what cannot work before any system call is made.
 */
final class XskPropertiesMapper {

	private static final Log logger = LogFactory.getLog(XskPropertiesMapper.class);

	private static final int MAX_FRAME_BYTES = 1 << 30;

	private static final String ENVIRONMENT_ADVICE = "An environment variable such as XSK_SOCKETS_DNS_QUEUES meets a key"
			+ " of lower-case letters and digits alone; for any other it makes a second entry.";

	private final XskProperties properties;

	private final int pageSize;

	private final List<XskInterfaceConfigCustomizer> interfaceCustomizers;

	private final List<XskSocketConfigCustomizer> customizers;

	XskPropertiesMapper(XskProperties properties, int pageSize, List<XskInterfaceConfigCustomizer> interfaceCustomizers,
			List<XskSocketConfigCustomizer> customizers) {
		this.properties = properties;
		this.pageSize = pageSize;
		this.interfaceCustomizers = interfaceCustomizers;
		this.customizers = customizers;
	}

	List<XskInterfaceConfig> interfaces() {
		Map<String, String> keysByName = new HashMap<>();
		Map<Path, String> keysByPin = new HashMap<>();
		List<XskInterfaceConfig> configs = new ArrayList<>();
		this.properties.interfaces().forEach((key, source) -> {
			XskInterfaceConfig config = interfaceConfig(key, source);
			String other = keysByName.putIfAbsent(config.name(), key);
			if (other != null) {
				throw new InvalidXskPropertyException("xsk.interfaces." + key + ".name", config.name(),
						"'xsk.interfaces.%s' stands for the same interface. An interface has one XDP program: put both"
							.formatted(other) + " under one key, and let the sockets refer to that. "
								+ ENVIRONMENT_ADVICE);
			}
			other = (config.pinPath() != null) ? keysByPin.putIfAbsent(config.pinPath(), key) : null;
			if (other != null) {
				throw new InvalidXskPropertyException("xsk.interfaces." + key + ".map.pin-path", config.pinPath(),
						"'xsk.interfaces.%s' is pinned there. Each interface has an XSKMAP of its own: choose another path."
							.formatted(other));
			}
			for (XskInterfaceConfigCustomizer customizer : this.interfaceCustomizers) {
				config = customizer.customize(config);
			}
			configs.add(config);
		});
		return configs;
	}

	private XskInterfaceConfig interfaceConfig(String key, XskProperties.Interface source) {
		String prefix = "xsk.interfaces." + key;
		XskProperties.XskMap map = source.map();
		RedirectRules rules = new RedirectRulesMapper(prefix + ".redirect", source.redirect()).rules();
		@Nullable ProgramSource program = program(prefix + ".program", source, rules);
		MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn((entries) -> {
			entries.put(prefix + ".map.pinned-path", map.pinnedPath());
			entries.put(prefix + ".redirect", rules);
		});
		MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn((entries) -> {
			entries.put(prefix + ".map.pinned-path", map.pinnedPath());
			entries.put(prefix + ".map.pin-path", map.pinPath());
		});
		MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn((entries) -> {
			entries.put(prefix + ".map.pinned-path", map.pinnedPath());
			entries.put(prefix + ".map.max-entries", map.maxEntries());
		});
		if (map.maxEntries() != null && (map.maxEntries() < 1 || map.maxEntries() > QueueSelection.MAX_QUEUE_ID + 1)) {
			throw new InvalidXskPropertyException(prefix + ".map.max-entries", map.maxEntries(),
					"The XSKMAP has one entry per RX queue: choose 1 to %d, or leave it out for as many as the interface has."
						.formatted(QueueSelection.MAX_QUEUE_ID + 1));
		}
		List<XskProperties.Socket> sockets = this.properties.sockets()
			.values()
			.stream()
			.filter((socket) -> key.equals(socket.interfaceKey()))
			.toList();
		if (program == null) {
			requirePurpose(key, source, rules, sockets);
		}
		return new XskInterfaceConfig(key, (source.name() != null) ? source.name() : key, source.attachMode(), rules,
				map.maxEntries(), path(map.pinnedPath()), path(map.pinPath()), program);
	}

	private static @Nullable ProgramSource program(String prefix, XskProperties.Interface source,
			@Nullable RedirectRules rules) {
		XskProperties.Program program = source.program();
		Map<String, @Nullable Object> excluded = new LinkedHashMap<>();
		excluded.put("redirect", rules);
		excluded.put("map.max-entries", source.map().maxEntries());
		excluded.put("map.pin-path", source.map().pinPath());
		for (String own : List.of(prefix + ".pinned-path", prefix + ".descriptor")) {
			Object value = own.endsWith("path") ? program.pinnedPath() : program.descriptor();
			excluded.forEach((name, other) -> MutuallyExclusiveConfigurationPropertiesException
				.throwIfMultipleNonNullValuesIn((entries) -> {
					entries.put(own, value);
					entries.put(prefix.substring(0, prefix.lastIndexOf('.') + 1) + name, other);
				}));
			excluded.put("program." + own.substring(own.lastIndexOf('.') + 1), value);
		}
		if (program.descriptor() != null) {
			if (program.descriptor() < 0) {
				throw new InvalidXskPropertyException(prefix + ".descriptor", program.descriptor(),
						"It is the number of a descriptor that this process was started with, 3 or higher as a rule.");
			}
			return ProgramSource.descriptor(program.descriptor());
		}
		return (program.pinnedPath() != null) ? ProgramSource.pinned(Path.of(program.pinnedPath())) : null;
	}

	private void requirePurpose(String key, XskProperties.Interface source, @Nullable RedirectRules rules,
			List<XskProperties.Socket> sockets) {
		if (rules != null || source.map().pinnedPath() != null) {
			return;
		}
		if (sockets.isEmpty()) {
			throw new InvalidXskPropertyException("xsk.interfaces." + key, source.name(),
					"Nothing uses this interface: it has no redirect rule, no pinned XSKMAP and no socket. The keys that"
							+ " sockets refer to are %s. Correct the key, or remove the entry."
								.formatted(this.properties.sockets()
									.values()
									.stream()
									.map(XskProperties.Socket::interfaceKey)
									.distinct()
									.toList()));
		}
		if (sockets.stream().anyMatch((socket) -> socket.direction().receives())) {
			throw new InvalidXskPropertyException("xsk.interfaces." + key + ".redirect", null,
					"A socket receives on this interface, and no rule says which packets it gets. Set for example"
							+ " xsk.interfaces.%s.redirect.udp-ports=53, or xsk.interfaces.%s.map.pinned-path where"
								.formatted(key, key)
							+ " somebody else's XDP program fills an XSKMAP, or direction=send on the socket.");
		}
	}

	List<XskSocketConfig> sockets() {
		Map<String, XskSocketConfig> configs = new LinkedHashMap<>();
		this.properties.sockets().forEach((name, source) -> {
			XskSocketConfig config = socketConfig(name, source);
			configs.values().forEach((other) -> requireOwnQueues(config, other));
			configs.put(name, config);
		});
		return List.copyOf(configs.values());
	}

	private XskSocketConfig socketConfig(String name, XskProperties.Socket source) {
		String prefix = "xsk.sockets." + name;
		String interfaceKey = source.interfaceKey();
		if (interfaceKey == null || !this.properties.interfaces().containsKey(interfaceKey)) {
			throw new InvalidXskPropertyException(prefix + ".interface", interfaceKey,
					Suggestion.among("There is no such key under xsk.interfaces.",
							(interfaceKey != null) ? interfaceKey : "", this.properties.interfaces().keySet()));
		}
		QueueSelection queues = parse(prefix + ".queues", String.join(",", source.queues()), QueueSelection::parse);
		return new XskSocketConfig(name, interfaceKey, queues, xskConfig(name, source), source.frameSize() == null,
				XskListenerPropertiesMapper.busyPoll(prefix + ".busy-poll", source));
	}

	private XdpSocketConfig xskConfig(String name, XskProperties.Socket source) {
		String prefix = "xsk.sockets." + name;
		XdpSocketConfig.Builder builder = XdpSocketConfig.builder();
		PropertyMapper map = PropertyMapper.get();
		map.from(source::direction).to(builder::direction);
		map.from(source::frameSize).as((size) -> bytes(prefix + ".frame-size", size)).to(builder::frameSize);
		map.from(source::frameCount).to(builder::frameCount);
		map.from(source::headroom).as((size) -> bytes(prefix + ".headroom", size)).to(builder::headroom);
		map.from(source::hugePages).to(builder::hugePages);
		map.from(source::rxRingSize).to(builder::rxRingSize);
		map.from(source::txRingSize).to(builder::txRingSize);
		map.from(source::fillRingSize).to(builder::fillRingSize);
		map.from(source::completionRingSize).to(builder::completionRingSize);
		map.from(source::zeroCopy).to(builder::zeroCopy);
		map.from(source::multiBuffer).to(builder::multiBuffer);
		map.from(source::bindTimeout).to(builder::bindTimeout);
		if (source.leakDetection()) {
			builder.leakListener((leak) -> logger.error(leak, leak.retainedAt()));
		}
		this.customizers.forEach((customizer) -> customizer.customize(name, builder));
		XdpSocketConfig config = builder.build();
		config.violations(this.pageSize).stream().findFirst().ifPresent((violation) -> {
			Object value = switch (violation.field()) {
				// as it was written, not as bytes
				case "frame-size" -> (source.frameSize() != null) ? source.frameSize() : violation.value();
				case "headroom" -> source.headroom();
				default -> violation.value();
			};
			throw new InvalidXskPropertyException(prefix + "." + violation.field(), value,
					"It " + violation.reason() + ".");
		});
		return config;
	}

	private void requireOwnQueues(XskSocketConfig config, XskSocketConfig other) {
		if (!config.interfaceKey().equals(other.interfaceKey())) {
			return;
		}
		List<Integer> overlap = config.queues().overlap(other.queues());
		if (!overlap.isEmpty()) {
			throw new InvalidXskPropertyException("xsk.sockets." + config.name() + ".queues", config.queues(),
					"Socket '%s' on the same interface has queue %d too, and only one socket can have a queue. Give each its own, as in 0-3 and 4-7. "
						.concat(ENVIRONMENT_ADVICE)
						.formatted(other.name(), overlap.get(0)));
		}
	}

	/**
	 * Sizes past an int are cut to one that the rules for frame size and headroom refuse.
	 */
	private static int bytes(String property, DataSize size) {
		if (size.isNegative()) {
			throw new InvalidXskPropertyException(property, size, "A size must not be negative.");
		}
		return (int) Math.min(size.toBytes(), MAX_FRAME_BYTES);
	}

	static <T> T parse(String property, String text, Function<String, T> parser) {
		try {
			return parser.apply(text);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidXskPropertyException(property, text, sentence(ex.getMessage()));
		}
	}

	static String sentence(@Nullable String text) {
		String sentence = String.valueOf(text);
		return StringUtils.capitalize(sentence.endsWith(".") ? sentence : sentence + ".");
	}

	private static @Nullable Path path(@Nullable String text) {
		return (text != null) ? Path.of(text) : null;
	}

}
