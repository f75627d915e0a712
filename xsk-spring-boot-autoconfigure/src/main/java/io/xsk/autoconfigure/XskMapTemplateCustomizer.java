package io.xsk.autoconfigure;

import io.xsk.core.XskMapTemplate;

/**
 * Callback for beans that change the auto-configured {@link XskMapTemplate}.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface XskMapTemplateCustomizer {

	/**
	 * Change the template.
	 * @param template the template
	 */
	void customize(XskMapTemplate template);

}
