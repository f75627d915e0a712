package io.xsk.listener;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.xsk.Deadline;
import io.xsk.socket.XdpPacket;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Logs exceptions at ERROR and goes on with the next packet. Of each container it logs
 * one exception per interval, with the number of those that it left out since the last
 * one: a packet that makes a listener fail seldom comes alone. Those that are left out
 * after the last line of a burst are told with the next exception, however late it comes;
 * {@link XskListenerContainer#errors()} counts all of them at once. Thread-safe.
 *
 * @since 0.1.0
 */
public final class LoggingErrorHandler implements XskListenerErrorHandler {

	/** The interval of a handler that is not given one. */
	public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);

	private static final Log logger = LogFactory.getLog(LoggingErrorHandler.class);

	private final long intervalNanos;

	private final Map<String, Gate> gates = new ConcurrentHashMap<>();

	/**
	 * Create a handler that logs every ten seconds at most.
	 */
	public LoggingErrorHandler() {
		this(DEFAULT_INTERVAL);
	}

	/**
	 * Create a handler.
	 * @param interval how much time is between two lines of the log about one container;
	 * zero logs every exception, more than a year means a year
	 */
	public LoggingErrorHandler(Duration interval) {
		Assert.isTrue(!interval.isNegative(), "the interval must not be negative");
		this.intervalNanos = Deadline.nanos(interval);
	}

	@Override
	public void handle(Exception exception, @Nullable XdpPacket packet, XskListenerContainer container) {
		long leftOut = this.gates.computeIfAbsent(container.socket(), (socket) -> new Gate(this.intervalNanos)).pass();
		if (leftOut >= 0) {
			logger.error(
					"%s failed on a packet of socket '%s', and goes on with the next one%s"
						.formatted(container.listener(), container.socket(), (leftOut > 0)
								? "; %d exceptions since the last such line were left out".formatted(leftOut) : ""),
					exception);
		}
	}

	/** Lets one pass per interval, and counts the others. */
	private static final class Gate {

		private final long intervalNanos;

		private long next = System.nanoTime();

		private long leftOut;

		private Gate(long intervalNanos) {
			this.intervalNanos = intervalNanos;
		}

		/** The number of those left out so far, negative for one more of them. */
		private synchronized long pass() {
			long now = System.nanoTime();
			if (now - this.next < 0) {
				this.leftOut++;
				return -1;
			}
			this.next = now + this.intervalNanos;
			long leftOut = this.leftOut;
			this.leftOut = 0;
			return leftOut;
		}

	}

}
