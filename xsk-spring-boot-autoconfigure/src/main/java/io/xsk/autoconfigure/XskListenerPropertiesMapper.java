package io.xsk.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.BiFunction;

import io.xsk.listener.CpuList;
import io.xsk.listener.LoggingErrorHandler;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerErrorHandler;
import io.xsk.listener.XskListenerSettings;
import io.xsk.send.XskTemplate;
import io.xsk.setup.InvalidXskPropertyException;
import io.xsk.socket.BusyPoll;
import org.jspecify.annotations.Nullable;

/**
 * Turns what {@link XskProperties} say about receiving and sending into settings, and
 * refuses what cannot work before any system call is made.
 */
final class XskListenerPropertiesMapper {

	private static final Duration LONGEST_BUSY_POLL = Duration.of(Integer.MAX_VALUE, ChronoUnit.MICROS);

	private final XskProperties properties;

	XskListenerPropertiesMapper(XskProperties properties) {
		this.properties = properties;
	}

	/** Set up all listeners, and those of the sockets that have settings of their own. */
	void apply(XskListenerContainerFactory factory, XskListenerSettings defaults) {
		XskProperties.Listener all = this.properties.listener();
		XskListenerSettings common = settings("xsk.listener.", defaults, new XskProperties.SocketListener(null,
				all.pauseMode(), all.batchSize(), all.drainTimeout(), all.autoStartup()), null);
		factory.setSettings(common);
		this.properties.sockets().forEach((name, socket) -> {
			String prefix = "xsk.sockets." + name + ".";
			XskListenerSettings own = settings(prefix + "listener.", common, socket.listener(), socket);
			String cpus = socket.cpus().isEmpty() ? null : String.join(",", socket.cpus());
			own = set(own, prefix + "cpus", cpus, socket, (settings, text) -> settings.withCpus(CpuList.parse(text)));
			if (!own.equals(common)) {
				factory.setSettings(name, own);
			}
		});
	}

	private static XskListenerSettings settings(String prefix, XskListenerSettings defaults,
			XskProperties.SocketListener source, XskProperties.@Nullable Socket socket) {
		XskListenerSettings settings = set(defaults, prefix + "idle-strategy", source.idleStrategy(), socket,
				XskListenerSettings::withIdleStrategy);
		settings = set(settings, prefix + "pause-mode", source.pauseMode(), socket, XskListenerSettings::withPauseMode);
		settings = set(settings, prefix + "batch-size", source.batchSize(), socket, XskListenerSettings::withBatchSize);
		settings = set(settings, prefix + "drain-timeout", source.drainTimeout(), socket,
				XskListenerSettings::withDrainTimeout);
		return set(settings, prefix + "auto-startup", source.autoStartup(), socket,
				XskListenerSettings::withAutoStartup);
	}

	private static <V> XskListenerSettings set(XskListenerSettings settings, String property, @Nullable V value,
			XskProperties.@Nullable Socket socket, BiFunction<XskListenerSettings, V, XskListenerSettings> change) {
		if (value == null) {
			return settings;
		}
		if (socket != null) {
			requireReceiving(property, value, socket);
		}
		return XskPropertiesMapper.parse(property, value, (given) -> change.apply(settings, given));
	}

	void apply(XskTemplate template) {
		XskPropertiesMapper.parse("xsk.template.send-timeout", this.properties.template().sendTimeout(), (timeout) -> {
			template.setSendTimeout(timeout);
			return template;
		});
	}

	XskListenerErrorHandler loggingErrorHandler() {
		return XskPropertiesMapper.parse("xsk.listener.error-log-interval",
				this.properties.listener().errorLogInterval(), LoggingErrorHandler::new);
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

}
