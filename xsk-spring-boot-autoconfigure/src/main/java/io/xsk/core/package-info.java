/**
 * The heart: activating sockets in their XSKMAP, and deactivating them.
 */
@NullMarked
package io.xsk.core;

import org.jspecify.annotations.NullMarked;
