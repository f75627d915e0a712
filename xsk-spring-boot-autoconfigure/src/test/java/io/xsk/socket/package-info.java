/**
 * Tests of the XDP sockets, most of them on the running kernel.
 */
@NullMarked
package io.xsk.socket;

import org.jspecify.annotations.NullMarked;
