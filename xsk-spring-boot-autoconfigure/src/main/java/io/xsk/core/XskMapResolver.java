package io.xsk.core;

import io.xsk.XskException;
import io.xsk.bpf.XskMap;

/**
 * Finds the XSKMAP that the XDP program on an interface redirects into. With it one
 * {@link XskMapTemplate} serves all interfaces.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface XskMapResolver {

	/**
	 * Find the XSKMAP of an interface.
	 * @param interfaceIndex the interface index
	 * @return the map, which stays its owner's
	 * @throws XskException when no map is known for that interface
	 */
	XskMap resolve(int interfaceIndex);

}
