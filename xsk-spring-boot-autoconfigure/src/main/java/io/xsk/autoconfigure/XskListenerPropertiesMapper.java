package io.xsk.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

import io.xsk.listener.CpuList;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerSettings;
import io.xsk.send.XskTemplate;
import io.xsk.setup.InvalidXskPropertyException;
import io.xsk.socket.BusyPoll;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.PropertyMapper;

/**
 * Turns what {@link XskProperties} say about receiving and sending into settings, and
 * refuses what cannot work before any system call is made.
 */
final class XskListenerPropertiesMapper {

	private static final int MAX_BATCH_SIZE = 65536;

	private static final Duration LONGEST_BUSY_POLL = Duration.of(Integer.MAX_VALUE, ChronoUnit.MICROS);

	private final XskProperties properties;

	XskListenerPropertiesMapper(XskProperties properties) {
		this.properties = properties;
	}

	/** Set up all listeners, and those of the sockets that have settings of their own. */
	void apply(XskListenerContainerFactory factory, XskListenerSettings defaults) {
		XskProperties.Listener all = this.properties.listener();
		XskListenerSettings common = settings("xsk.listener", defaults, new XskProperties.SocketListener(null,
				all.pauseMode(), all.batchSize(), all.drainTimeout(), all.autoStartup()));
		factory.setSettings(common);
		this.properties.sockets().forEach((name, socket) -> {
			XskListenerSettings own = settings("xsk.sockets." + name + ".listener", common, socket.listener());
			if (!socket.cpus().isEmpty()) {
				own = own.withCpus(cpus("xsk.sockets." + name + ".cpus", socket, String.join(",", socket.cpus())));
			}
			if (!own.equals(common)) {
				factory.setSettings(name, own);
			}
		});
	}

	private static XskListenerSettings settings(String prefix, XskListenerSettings settings,
			XskProperties.SocketListener source) {
		if (source.batchSize() != null && (source.batchSize() < 1 || source.batchSize() > MAX_BATCH_SIZE)) {
			throw new InvalidXskPropertyException(prefix + ".batch-size", source.batchSize(),
					"Choose 1 to %d packets.".formatted(MAX_BATCH_SIZE));
		}
		if (source.drainTimeout() != null) {
			requireNotNegative(prefix + ".drain-timeout", source.drainTimeout());
		}
		PropertyMapper map = PropertyMapper.get();
		settings = map.from(source::idleStrategy).to(settings, XskListenerSettings::withIdleStrategy);
		settings = map.from(source::pauseMode).to(settings, XskListenerSettings::withPauseMode);
		settings = map.from(source::batchSize).to(settings, XskListenerSettings::withBatchSize);
		settings = map.from(source::drainTimeout).to(settings, XskListenerSettings::withDrainTimeout);
		return map.from(source::autoStartup).to(settings, XskListenerSettings::withAutoStartup);
	}

	void apply(XskTemplate template) {
		template
			.setSendTimeout(requireNotNegative("xsk.template.send-timeout", this.properties.template().sendTimeout()));
	}

	Duration errorLogInterval() {
		return requireNotNegative("xsk.listener.error-log-interval", this.properties.listener().errorLogInterval());
	}

	private static CpuList cpus(String property, XskProperties.Socket socket, String text) {
		requireReceiving(property, text, socket);
		try {
			return CpuList.parse(text);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidXskPropertyException(property, text, ex.getMessage() + ".");
		}
	}

	/** How a socket polls its queues itself, {@code null} for not at all. */
	static @Nullable BusyPoll busyPoll(String prefix, XskProperties.Socket socket) {
		XskProperties.BusyPoll source = socket.busyPoll();
		if (!source.enabled()) {
			return null;
		}
		requireReceiving(prefix + ".enabled", true, socket);
		Duration time = source.time();
		if (time.isNegative() || time.compareTo(LONGEST_BUSY_POLL) > 0 || time.toNanos() % 1000 != 0) {
			throw new InvalidXskPropertyException(prefix + ".time", time,
					"Choose whole microseconds, from 0us to %dus.".formatted(Integer.MAX_VALUE));
		}
		if (source.budget() < 1 || source.budget() > BusyPoll.MAX_BUDGET) {
			throw new InvalidXskPropertyException(prefix + ".budget", source.budget(),
					"Choose 1 to %d packets.".formatted(BusyPoll.MAX_BUDGET));
		}
		return new BusyPoll(source.prefer(), (int) (time.toNanos() / 1000), source.budget());
	}

	private static void requireReceiving(String property, Object value, XskProperties.Socket socket) {
		if (!socket.direction().receives()) {
			throw new InvalidXskPropertyException(property, value,
					"The socket only sends, and so has no thread that receives. Remove the property.");
		}
	}

	private static Duration requireNotNegative(String property, Duration value) {
		if (value.isNegative()) {
			throw new InvalidXskPropertyException(property, value, "A time must not be negative.");
		}
		return value;
	}

}
