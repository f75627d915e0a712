package io.xsk.setup;

import java.nio.file.Path;

import io.xsk.bpf.RedirectProgram;
import io.xsk.kernel.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * Where a loaded XDP program of somebody else's is: at a path or behind a descriptor.
 *
 * @param path the path on a BPF file system, {@code null} for a descriptor
 * @param descriptor the descriptor, which stays the caller's, {@code null} for a path
 * @since 0.1.0
 */
public record ProgramSource(@Nullable Path path, @Nullable Integer descriptor) {

	/**
	 * Create a source.
	 * @param path the path on a BPF file system, {@code null} for a descriptor
	 * @param descriptor the descriptor, {@code null} for a path
	 * @throws IllegalArgumentException when there is not exactly one of the two, or the
	 * descriptor is negative
	 */
	public ProgramSource {
		if ((path == null) == (descriptor == null)) {
			throw new IllegalArgumentException("A program is at a path or behind a descriptor: give one of the two.");
		}
		if (descriptor != null && descriptor < 0) {
			throw new IllegalArgumentException(
					"It is the number of a descriptor that this process was started with, 3 or higher as a rule.");
		}
	}

	/**
	 * Name a program that is pinned.
	 * @param path the path on a BPF file system
	 * @return the source
	 */
	public static ProgramSource pinned(Path path) {
		return new ProgramSource(path, null);
	}

	/**
	 * Name a program whose descriptor was passed to this process.
	 * @param fd the descriptor, which stays the caller's and is open whenever the
	 * interface is opened
	 * @return the source
	 */
	public static ProgramSource descriptor(int fd) {
		return new ProgramSource(null, fd);
	}

	/** Which property of an interface names it. */
	String property() {
		return (this.path != null) ? "program.pinned-path" : "program.descriptor";
	}

	RedirectProgram open(Kernel kernel) {
		if (this.path != null) {
			return RedirectProgram.openPinned(kernel, this.path);
		}
		return RedirectProgram.ofDescriptor(kernel, (this.descriptor != null) ? this.descriptor : -1);
	}

	@Override
	public String toString() {
		return (this.path != null) ? "the XDP program pinned at " + this.path
				: "the XDP program with descriptor " + this.descriptor;
	}

}
