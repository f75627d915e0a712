package io.xsk.bpf;

/**
 * What the kernel knows of an XSKMAP ({@code struct bpf_map_info} in
 * {@code linux/bpf.h}).
 *
 * @param id the kernel's id of the map, as {@code bpftool map} shows it
 * @param name the name that it was created with, at most 15 characters
 * @param maxEntries the number of slots: queue ids from 0 to one less fit
 * @since 0.1.0
 */
public record XskMapInfo(int id, String name, int maxEntries) {
}
