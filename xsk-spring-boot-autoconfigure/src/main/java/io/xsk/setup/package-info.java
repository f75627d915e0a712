/**
 * The configured interfaces and sockets: opened, replaced and closed.
 */
@NullMarked
package io.xsk.setup;

import org.jspecify.annotations.NullMarked;
