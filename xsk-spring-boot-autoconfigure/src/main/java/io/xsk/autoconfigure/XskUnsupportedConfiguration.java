package io.xsk.autoconfigure;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/**
 * Says on a system without AF_XDP why there are no sockets, so that a developer's machine
 * starts the application all the same.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(XskUnsupportedConfiguration.OnOtherSystem.class)
class XskUnsupportedConfiguration {

	private static final Log logger = LogFactory.getLog(XskUnsupportedConfiguration.class);

	XskUnsupportedConfiguration() {
		logger
			.warn("The sockets of xsk.* are left out: AF_XDP needs Linux on a supported 64-bit processor, and this is "
					+ System.getProperty("os.name") + " on " + System.getProperty("os.arch")
					+ ". Set xsk.enabled=false to say so on purpose.");
	}

	static class OnOtherSystem extends NoneNestedConditions {

		OnOtherSystem() {
			super(ConfigurationPhase.PARSE_CONFIGURATION);
		}

		@Conditional(OnAfXdpSystem.class)
		static class Supported {

		}

	}

}
