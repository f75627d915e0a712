package io.xsk.core;

import io.xsk.bpf.XskMap;
import org.jspecify.annotations.Nullable;

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
	 * @return the map, which stays its owner's, or {@code null} when none is known for
	 * that interface
	 */
	@Nullable XskMap resolve(int interfaceIndex);

}
