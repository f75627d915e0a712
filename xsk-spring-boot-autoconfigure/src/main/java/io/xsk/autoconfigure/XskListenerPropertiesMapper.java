package io.xsk.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

import io.xsk.listener.CpuList;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.send.XskTemplate;
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

	void apply(XskListenerContainerFactory factory) {
		XskProperties.Listener listener = this.properties.listener();
		if (listener.batchSize() < 1 || listener.batchSize() > MAX_BATCH_SIZE) {
			throw new InvalidXskPropertyException("xsk.listener.batch-size", listener.batchSize(),
					"Choose 1 to %d packets.".formatted(MAX_BATCH_SIZE));
		}
		PropertyMapper map = PropertyMapper.get();
		map.from(listener::pauseMode).to(factory::setPauseMode);
		map.from(listener::batchSize).to(factory::setBatchSize);
		map.from(requireNotNegative("xsk.listener.drain-timeout", listener.drainTimeout()))
			.to(factory::setDrainTimeout);
		map.from(this::cpus).to(factory::setCpus);
	}

	void apply(XskTemplate template) {
		template
			.setSendTimeout(requireNotNegative("xsk.template.send-timeout", this.properties.template().sendTimeout()));
	}

	Duration errorLogInterval() {
		return requireNotNegative("xsk.listener.error-log-interval", this.properties.listener().errorLogInterval());
	}

	private Map<String, CpuList> cpus() {
		Map<String, CpuList> cpus = new LinkedHashMap<>();
		this.properties.sockets().forEach((name, socket) -> {
			if (socket.cpus() != null) {
				cpus.put(name, cpus("xsk.sockets." + name + ".cpus", socket, socket.cpus()));
			}
		});
		return cpus;
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
