/**
 * What operators see: the actuator endpoint and the health of the sockets.
 */
@NullMarked
package io.xsk.actuate;

import org.jspecify.annotations.NullMarked;
