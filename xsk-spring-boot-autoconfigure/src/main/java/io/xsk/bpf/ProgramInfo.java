package io.xsk.bpf;

/**
 * What the kernel knows of a loaded program ({@code struct bpf_prog_info} in
 * {@code linux/bpf.h}).
 *
 * @param id the kernel's id of the program, as {@code bpftool prog} shows it
 * @param tag 16 hexadecimal digits, the same for programs with the same instructions
 * @param name the name that it was loaded with, at most 15 characters
 * @since 0.1.0
 */
public record ProgramInfo(int id, String tag, String name) {
}
