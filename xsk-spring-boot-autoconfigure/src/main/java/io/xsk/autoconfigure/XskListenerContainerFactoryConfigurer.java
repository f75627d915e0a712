package io.xsk.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

import io.xsk.listener.XskIdleStrategyFactory;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerErrorHandler;
import io.xsk.listener.XskListenerSettings;
import io.xsk.setup.InvalidXskPropertyException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.convert.DurationStyle;

/**
 * Sets a container factory up as {@code xsk.listener}, {@code xsk.sockets.*.listener} and
 * the beans of the application say. A factory of the application's own is given to it,
 * where it is to follow them too.
 *
 * @since 0.1.0
 */
public final class XskListenerContainerFactoryConfigurer {

	private static final Log logger = LogFactory.getLog(XskListenerContainerFactoryConfigurer.class);

	private final XskProperties properties;

	private final ObjectProvider<XskListenerErrorHandler> errorHandlers;

	private final ObjectProvider<XskIdleStrategyFactory> idleStrategies;

	private final ObjectProvider<XskListenerContainerFactoryCustomizer> customizers;

	private final Set<XskListenerContainerFactory> configured = Collections.newSetFromMap(new IdentityHashMap<>());

	XskListenerContainerFactoryConfigurer(XskProperties properties,
			ObjectProvider<XskListenerErrorHandler> errorHandlers,
			ObjectProvider<XskIdleStrategyFactory> idleStrategies,
			ObjectProvider<XskListenerContainerFactoryCustomizer> customizers) {
		this.properties = properties;
		this.errorHandlers = errorHandlers;
		this.idleStrategies = idleStrategies;
		this.customizers = customizers;
	}

	/**
	 * Set a factory up.
	 * @param factory the factory, before it makes a container
	 * @throws InvalidXskPropertyException when a property has a value that cannot work
	 */
	public void configure(XskListenerContainerFactory factory) {
		XskListenerPropertiesMapper mapper = new XskListenerPropertiesMapper(this.properties);
		XskListenerErrorHandler errorHandler = one(this.errorHandlers, "XskListenerErrorHandler",
				"listeners that name none by errorHandler have their exceptions logged");
		XskIdleStrategyFactory idleStrategy = one(this.idleStrategies, "XskIdleStrategyFactory",
				"xsk.listener.idle-strategy decides");
		mapper.apply(factory, XskListenerSettings.defaults()
			.withErrorHandler((errorHandler != null) ? errorHandler : mapper.loggingErrorHandler())
			.withIdleStrategy((idleStrategy != null) ? idleStrategy : this.properties.listener().idleStrategy()));
		this.customizers.orderedStream().forEach((customizer) -> customizer.customize(factory));
		this.configured.add(factory);
	}

	/** Tell what does not take effect as it is written. */
	void check(XskListenerContainerFactory factory, Duration shutdownTimeout) {
		if (!this.configured.contains(factory)) {
			logger
				.info("The XskListenerContainerFactory is the application's own: xsk.listener.* and what xsk.sockets.* say"
						+ " of listeners do not reach it, unless XskListenerContainerFactoryConfigurer.configure is called with"
						+ " it");
		}
		this.properties.sockets().keySet().forEach((socket) -> {
			Duration drainTimeout = factory.getSettings(socket).drainTimeout();
			if (drainTimeout.compareTo(shutdownTimeout) >= 0) {
				logger
					.warn(("The listener of socket '%s' may take %s to hand over what was received (drain-timeout), and"
							+ " the shutdown goes on after %s and closes the socket: set a shorter drain-timeout, or a longer"
							+ " spring.lifecycle.timeout-per-shutdown-phase")
						.formatted(socket, print(drainTimeout), print(shutdownTimeout)));
			}
		});
	}

	private static String print(Duration time) {
		return DurationStyle.SIMPLE.print(time, (time.toNanosPart() == 0) ? ChronoUnit.SECONDS : ChronoUnit.MILLIS);
	}

	/** The only bean, or the primary one; several without a primary one are no choice. */
	private static <T> @Nullable T one(ObjectProvider<T> beans, String type, String consequence) {
		T unique = beans.getIfUnique();
		if (unique == null) {
			long several = beans.stream().count();
			if (several > 1) {
				logger.info("There are %d beans of type %s and none is @Primary, so that none is taken for all: %s"
					.formatted(several, type, consequence));
			}
		}
		return unique;
	}

}
