package io.xsk.kernel;

/**
 * An XDP program that is attached to an interface, by whomever. Asking for it needs no
 * capability.
 *
 * @param mode where it runs
 * @param id the kernel's id of the program; its name needs CAP_SYS_ADMIN
 * @since 0.1.0
 */
public record AttachedProgram(XdpMode mode, int id) {
}
