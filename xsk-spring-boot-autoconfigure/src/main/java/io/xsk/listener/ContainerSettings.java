package io.xsk.listener;

import java.time.Duration;
import java.util.Map;

import io.xsk.core.XskMapOperations;
import io.xsk.kernel.Kernel;
import io.xsk.setup.XskSockets;

/**
 * What all containers of a factory have in common.
 */
record ContainerSettings(Kernel kernel, XskSockets sockets, XskMapOperations operations,
		XskIdleStrategyFactory idleStrategy, XskListenerErrorHandler errorHandler, PauseMode pauseMode, int batchSize,
		Duration drainTimeout, Map<String, CpuList> cpus) {
}
