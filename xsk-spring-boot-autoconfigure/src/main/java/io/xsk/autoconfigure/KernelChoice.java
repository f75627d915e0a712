package io.xsk.autoconfigure;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.KernelUnavailableException;
import io.xsk.kernel.UnavailableKernel;
import io.xsk.kernel.jna.JnaKernel;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.ObjectProvider;

/**
 * Which kernel the sockets are opened in, and why there is none to be called.
 */
final class KernelChoice {

	private static final Log logger = LogFactory.getLog(KernelChoice.class);

	private KernelChoice() {
	}

	/**
	 * The kernel for whoever asks for one: the running one, unless the sockets are
	 * switched off.
	 */
	static Kernel running(XskProperties properties) {
		if (!properties.enabled()) {
			return disabled();
		}
		return JnaKernel.isSupportedSystem() ? JnaKernel.load() : unsupported();
	}

	/** The kernel for the configured sockets. JNA is not loaded where there are none. */
	static Kernel forSockets(XskProperties properties, ObjectProvider<Kernel> kernels) {
		if (!properties.enabled()) {
			return disabled();
		}
		if (properties.interfaces().isEmpty() && properties.sockets().isEmpty()) {
			return new UnavailableKernel(new KernelUnavailableException("No XDP socket is configured.",
					"Configure one: xsk.sockets.<name>.interface, and the interface under xsk.interfaces.", null));
		}
		Kernel kernel = kernels.getObject();
		KernelUnavailableException unavailable = kernel.unavailability();
		if (unavailable != null) {
			logger.warn("The sockets of xsk.* are not opened: %s %s".formatted(unavailable.getDescription(),
					unavailable.getAction()));
		}
		return kernel;
	}

	private static Kernel disabled() {
		return new UnavailableKernel(
				new KernelUnavailableException("The XDP sockets are switched off by xsk.enabled=false.",
						"Set xsk.enabled=true, or do without them.", null));
	}

	private static Kernel unsupported() {
		return new UnavailableKernel(new KernelUnavailableException(
				"AF_XDP needs Linux on a supported 64-bit processor, and this is %s on %s."
					.formatted(System.getProperty("os.name"), System.getProperty("os.arch")),
				"Run the application on such a system, or set xsk.enabled=false to say that it is to do without.",
				null));
	}

}
