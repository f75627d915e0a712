/**
 * The heart: activating sockets in their XSKMAP and deactivating them, and the configured
 * interfaces and sockets that this is done for.
 */
@NullMarked
package io.xsk.core;

import org.jspecify.annotations.NullMarked;
