package io.xsk.setup;

/**
 * Looks at the open sockets now and then, and tells what an operator should know. Called
 * by one thread at a time.
 *
 * @since 0.1.0
 */
public interface XskWatch {

	/**
	 * Begin: what happened before does not matter.
	 */
	void begin();

	/**
	 * Look now.
	 */
	void look();

}
