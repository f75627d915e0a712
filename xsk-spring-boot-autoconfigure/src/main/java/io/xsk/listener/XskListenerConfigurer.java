package io.xsk.listener;

/**
 * Callback for beans that register listeners without an annotation. Called once, when all
 * singletons are there and before any container starts.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface XskListenerConfigurer {

	/**
	 * Register listeners.
	 * @param registry the registry, whose {@code register} methods take them
	 */
	void configureListeners(XskListenerRegistry registry);

}
