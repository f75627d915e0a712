package io.xsk.autoconfigure;

import io.xsk.listener.XskListenerContainerFactory;

/**
 * Changes the container factory after the properties were applied, and before it makes a
 * container. Beans of this type are called in their order.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface XskListenerContainerFactoryCustomizer {

	/**
	 * Change the factory.
	 * @param factory the factory, set up by the properties
	 */
	void customize(XskListenerContainerFactory factory);

}
