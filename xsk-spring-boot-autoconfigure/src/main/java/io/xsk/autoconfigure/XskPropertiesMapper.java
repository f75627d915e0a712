package io.xsk.autoconfigure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

import io.xsk.setup.InvalidXskPropertyException;
import io.xsk.setup.ProgramSource;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.socket.XdpSocketConfig;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;

/**
 * Turns {@link XskProperties} into the configuration of interfaces and sockets. Refuses
 * what cannot be read; whether it can work is the rule of those who use it.
 */
final class XskPropertiesMapper {

	private static final Log logger = LogFactory.getLog(XskPropertiesMapper.class);

	private static final int MAX_FRAME_BYTES = 1 << 30;

	private final XskProperties properties;

	XskPropertiesMapper(XskProperties properties) {
		this.properties = properties;
	}

	List<XskInterfaceConfig> interfaces(List<XskInterfaceConfigCustomizer> customizers) {
		List<XskInterfaceConfig> configs = new ArrayList<>();
		this.properties.interfaces().forEach((key, source) -> {
			XskInterfaceConfig config = interfaceConfig(key, source);
			for (XskInterfaceConfigCustomizer customizer : customizers) {
				config = customizer.customize(config);
			}
			configs.add(config);
		});
		return configs;
	}

	private static XskInterfaceConfig interfaceConfig(String key, XskProperties.Interface source) {
		String prefix = "xsk.interfaces." + key;
		XskProperties.XskMap map = source.map();
		return new XskInterfaceConfig(key, (source.name() != null) ? source.name() : key, source.attachMode(),
				new RedirectRulesMapper(prefix + ".redirect", source.redirect()).rules(), map.maxEntries(),
				path(map.pinnedPath()), path(map.pinPath()), program(prefix + ".program", source.program()));
	}

	private static @Nullable ProgramSource program(String prefix, XskProperties.Program source) {
		Integer descriptor = source.descriptor();
		if (descriptor == null) {
			return (source.pinnedPath() != null) ? ProgramSource.pinned(Path.of(source.pinnedPath())) : null;
		}
		return parse(prefix + ".descriptor", descriptor,
				(value) -> new ProgramSource(path(source.pinnedPath()), value));
	}

	List<XskSocketConfig> sockets(List<XskSocketConfigCustomizer> customizers) {
		List<XskSocketConfig> configs = new ArrayList<>();
		this.properties.sockets().forEach((name, source) -> {
			String prefix = "xsk.sockets." + name;
			XdpSocketConfig.Builder builder = builder(prefix, source);
			customizers.forEach((customizer) -> customizer.customize(name, builder));
			configs.add(new XskSocketConfig(name, Objects.requireNonNullElse(source.interfaceKey(), ""),
					parse(prefix + ".queues", String.join(",", source.queues()), QueueSelection::parse),
					builder.build(), source.frameSize() == null,
					XskListenerPropertiesMapper.busyPoll(prefix + ".busy-poll", source)));
		});
		return configs;
	}

	private static XdpSocketConfig.Builder builder(String prefix, XskProperties.Socket source) {
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
		return builder;
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

	/**
	 * The rule is that of what is made of the value, which does not know the property.
	 */
	static <V, T> T parse(String property, V value, Function<V, T> parser) {
		try {
			return parser.apply(value);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidXskPropertyException(property, value, sentence(ex.getMessage()));
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
