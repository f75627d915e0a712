/**
 * What every part of the starter for Linux AF_XDP sockets (XSK) may throw.
 */
@NullMarked
package io.xsk;

import org.jspecify.annotations.NullMarked;
