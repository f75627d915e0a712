/**
 * Redirect rules made into eBPF instructions. Makes no system call.
 */
@NullMarked
package io.xsk.bpf.filter;

import org.jspecify.annotations.NullMarked;
