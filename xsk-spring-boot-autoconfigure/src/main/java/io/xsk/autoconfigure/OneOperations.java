package io.xsk.autoconfigure;

import io.xsk.XskException;
import io.xsk.core.XskMapOperations;
import io.xsk.core.XskMapTemplate;
import io.xsk.setup.XskSockets;

import org.springframework.beans.factory.ObjectProvider;

/**
 * The operations that activate the configured sockets, where an application may have
 * others for its own.
 */
final class OneOperations {

	private OneOperations() {
	}

	static XskMapOperations of(ObjectProvider<XskMapOperations> operations, XskSockets sockets) {
		XskMapOperations unique = operations.getIfUnique();
		if (unique != null) {
			return unique;
		}
		if (sockets.configs().isEmpty()) {
			// nothing to activate, whatever the application has for its own sockets
			return new XskMapTemplate(sockets);
		}
		throw new XskException("Several beans of type XskMapOperations could activate the configured sockets.",
				"Make the one for an XSKMAP of your own a @Bean(defaultCandidate = false), which is injected where a"
						+ " @Qualifier names it; or mark the one for the configured sockets as @Primary.");
	}

}
