package io.xsk.kernel;

import java.util.List;

import io.xsk.XskException;

/**
 * There is no network interface of that name in the network namespace of this process.
 *
 * @since 0.1.0
 */
public class UnknownInterfaceException extends XskException {

	private final String name;

	UnknownInterfaceException(String name, List<String> known) {
		super("There is no network interface '%s' in the network namespace of this process.".formatted(name),
				"Choose one of %s, or make '%s' before this application starts (ip link show)."
					.formatted(String.join(", ", known), name));
		this.name = name;
	}

	/**
	 * Return the name that was asked for.
	 * @return the name
	 */
	public String getName() {
		return this.name;
	}

}
