/**
 * eBPF instructions, labels and listings. Knows no packet.
 */
@NullMarked
package io.xsk.bpf.asm;

import org.jspecify.annotations.NullMarked;
