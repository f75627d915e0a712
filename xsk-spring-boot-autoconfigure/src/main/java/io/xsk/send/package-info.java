/**
 * Sending out of the configured sockets.
 */
@NullMarked
package io.xsk.send;

import org.jspecify.annotations.NullMarked;
