package io.xsk.bpf.asm;

import java.util.List;

/**
 * A finished program.
 *
 * @param code its instructions, 8 bytes each, in the byte order of this machine
 * @param listing its instructions for people
 * @since 0.1.0
 */
public record Assembled(byte[] code, List<String> listing) {
}
