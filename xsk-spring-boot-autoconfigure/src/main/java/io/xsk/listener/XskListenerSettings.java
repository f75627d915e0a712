package io.xsk.listener;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * How the container of a listener works. Immutable; a changed copy is made by the methods
 * whose names begin with {@code with}.
 *
 * @param idleStrategy makes what a consumer thread does between two looks at its ring
 * @param batchSize how many packets a consumer thread takes from its ring at a time, 1 to
 * {@value #MAX_BATCH_SIZE}; their frames go back to the kernel together
 * @param pauseMode what happens to packets while the container is paused
 * @param drainTimeout how long a stop, and a pause that deactivates, hand over what was
 * received; not negative, more than a year means a year
 * @param autoStartup whether the container is started with the others
 * @param cpus the CPUs that consumer threads are tied to, {@code null} for any. A thread
 * that a listener starts inherits the CPU of its own: let another thread start it
 * @param errorHandler is told of exceptions of a listener that names no handler of its
 * own
 * @since 0.1.0
 */
public record XskListenerSettings(XskIdleStrategyFactory idleStrategy, int batchSize, PauseMode pauseMode,
		Duration drainTimeout, boolean autoStartup, @Nullable CpuList cpus, XskListenerErrorHandler errorHandler) {

	/** The most packets that a batch can have. */
	public static final int MAX_BATCH_SIZE = 65536;

	/**
	 * Create settings.
	 * @param idleStrategy makes the idle strategies
	 * @param batchSize the packets of a batch
	 * @param pauseMode what a pause does
	 * @param drainTimeout how long a drain takes
	 * @param autoStartup whether to start with the others
	 * @param cpus the CPUs
	 * @param errorHandler is told of exceptions
	 */
	public XskListenerSettings {
		Assert.isTrue(batchSize > 0 && batchSize <= MAX_BATCH_SIZE,
				() -> "a batch has 1 to %d packets".formatted(MAX_BATCH_SIZE));
		Assert.isTrue(!drainTimeout.isNegative(), "the drain timeout must not be negative");
	}

	/**
	 * Return what holds for a listener of which nothing else is said.
	 * @return the settings: {@link IdleStrategies#POLL}, batches of 64,
	 * {@link PauseMode#DEACTIVATE}, five seconds for a drain, started with the others, on
	 * any CPU, with a {@link LoggingErrorHandler} of their own
	 */
	public static XskListenerSettings defaults() {
		return new XskListenerSettings(IdleStrategies.POLL, 64, PauseMode.DEACTIVATE, Duration.ofSeconds(5), true, null,
				new LoggingErrorHandler());
	}

	/**
	 * Change the idle strategy.
	 * @param idleStrategy makes the strategies
	 * @return changed settings
	 */
	public XskListenerSettings withIdleStrategy(XskIdleStrategyFactory idleStrategy) {
		return new XskListenerSettings(idleStrategy, this.batchSize, this.pauseMode, this.drainTimeout,
				this.autoStartup, this.cpus, this.errorHandler);
	}

	/**
	 * Change the batch size.
	 * @param batchSize the number of packets, 1 to {@value #MAX_BATCH_SIZE}
	 * @return changed settings
	 */
	public XskListenerSettings withBatchSize(int batchSize) {
		return new XskListenerSettings(this.idleStrategy, batchSize, this.pauseMode, this.drainTimeout,
				this.autoStartup, this.cpus, this.errorHandler);
	}

	/**
	 * Change the pause mode.
	 * @param pauseMode what happens to packets while the container is paused
	 * @return changed settings
	 */
	public XskListenerSettings withPauseMode(PauseMode pauseMode) {
		return new XskListenerSettings(this.idleStrategy, this.batchSize, pauseMode, this.drainTimeout,
				this.autoStartup, this.cpus, this.errorHandler);
	}

	/**
	 * Change the drain timeout.
	 * @param drainTimeout how long a stop hands over what was received
	 * @return changed settings
	 */
	public XskListenerSettings withDrainTimeout(Duration drainTimeout) {
		return new XskListenerSettings(this.idleStrategy, this.batchSize, this.pauseMode, drainTimeout,
				this.autoStartup, this.cpus, this.errorHandler);
	}

	/**
	 * Change whether the container is started with the others.
	 * @param autoStartup {@code false} to leave it to
	 * {@link XskListenerContainer#start()}
	 * @return changed settings
	 */
	public XskListenerSettings withAutoStartup(boolean autoStartup) {
		return new XskListenerSettings(this.idleStrategy, this.batchSize, this.pauseMode, this.drainTimeout,
				autoStartup, this.cpus, this.errorHandler);
	}

	/**
	 * Change the CPUs.
	 * @param cpus the CPUs, {@code null} for any
	 * @return changed settings
	 */
	public XskListenerSettings withCpus(@Nullable CpuList cpus) {
		return new XskListenerSettings(this.idleStrategy, this.batchSize, this.pauseMode, this.drainTimeout,
				this.autoStartup, cpus, this.errorHandler);
	}

	/**
	 * Change the error handler.
	 * @param errorHandler is told of exceptions
	 * @return changed settings
	 */
	public XskListenerSettings withErrorHandler(XskListenerErrorHandler errorHandler) {
		return new XskListenerSettings(this.idleStrategy, this.batchSize, this.pauseMode, this.drainTimeout,
				this.autoStartup, this.cpus, errorHandler);
	}

}
