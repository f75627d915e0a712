/**
 * What decides which packets reach an XSK: the XSKMAP, the XDP redirect program, the link
 * that attaches it to an interface, and the probe that tells whether a slot of the map is
 * occupied.
 */
@NullMarked
package io.xsk.bpf;

import org.jspecify.annotations.NullMarked;
