/**
 * When the sockets of an application context are opened, activated, deactivated and
 * closed.
 */
@NullMarked
package io.xsk.lifecycle;

import org.jspecify.annotations.NullMarked;
