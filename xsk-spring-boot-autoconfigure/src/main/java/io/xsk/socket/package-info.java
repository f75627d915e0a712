/**
 * XDP sockets: their UMEM, their four rings, bind, and a plain way to receive and send.
 */
@NullMarked
package io.xsk.socket;

import org.jspecify.annotations.NullMarked;
