package io.xsk.autoconfigure;

import io.xsk.setup.XskInterfaceConfig;

/**
 * Changes what is made of the configured interfaces: rules that come from a database, for
 * example. Beans of this type are called in their order, before anything is opened.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface XskInterfaceConfigCustomizer {

	/**
	 * Change the configuration of an interface.
	 * @param config what the properties say, or the customizer before
	 * @return what is to be opened, under the same key
	 */
	XskInterfaceConfig customize(XskInterfaceConfig config);

}
