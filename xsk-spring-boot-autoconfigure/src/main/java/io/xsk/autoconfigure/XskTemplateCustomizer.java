package io.xsk.autoconfigure;

import io.xsk.send.XskTemplate;

/**
 * Changes the auto-configured {@link XskTemplate} before anybody uses it. Beans of this
 * type are called in their order.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface XskTemplateCustomizer {

	/**
	 * Change the template.
	 * @param template the template, set up by the properties
	 */
	void customize(XskTemplate template);

}
