/**
 * Auto-configuration of sockets, their activation, the actuator endpoint and health.
 */
@NullMarked
package io.xsk.autoconfigure;

import org.jspecify.annotations.NullMarked;
