/**
 * What every part of the starter for Linux AF_XDP sockets (XSK) may throw, and small
 * things that each of them uses.
 */
@NullMarked
package io.xsk;

import org.jspecify.annotations.NullMarked;
