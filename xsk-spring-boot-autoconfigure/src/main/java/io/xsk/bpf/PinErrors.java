package io.xsk.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * What the errors of opening and pinning a path mean ({@code kernel/bpf/inode.c}, Linux
 * 6.18).
 */
final class PinErrors {

	private static final String BPF_FILE_SYSTEM = "bpf";

	private PinErrors() {
	}

	static Explanation open(Kernel kernel, Path path, int errno) {
		return switch (errno) {
			case Errno.ENOENT -> new Explanation("there is no file '%s'.".formatted(path),
					"See whether the program that pins the map is running, and whether the BPF file system is mounted"
							+ " where this process can see it: findmnt -t bpf; mount -t bpf bpf /sys/fs/bpf.");
			case Errno.ENOTDIR -> new Explanation("a part of '%s' is not a directory.".formatted(path),
					"Correct the path; 'findmnt -t bpf' shows where the BPF file system is mounted.");
			case Errno.EACCES -> noAccess(path);
			case Errno.ENAMETOOLONG -> tooLong();
			default -> Explanation.general(kernel, errno);
		};
	}

	static Explanation pin(Kernel kernel, Path path, int errno) {
		return switch (errno) {
			case Errno.EPERM -> notPinnable(kernel, path);
			case Errno.EEXIST -> new Explanation("there is a file '%s' already.".formatted(path),
					("Look at it with 'bpftool map show pinned %s'. If an application that is running pinned it, share its"
							+ " map (pinned-path) or choose another path; if it was left behind, remove it: rm %s.")
						.formatted(path, path));
			case Errno.ENOENT -> new Explanation("there is no directory '%s'.".formatted(path.getParent()),
					"Make it: mkdir -p %s; it has to be on a BPF file system (mount -t bpf bpf /sys/fs/bpf)."
						.formatted(path.getParent()));
			case Errno.ENOTDIR ->
				new Explanation("a part of '%s' is not a directory.".formatted(path.getParent()), "Correct the path.");
			case Errno.EACCES -> new Explanation(
					"the directory '%s' does not let this process write.".formatted(path.getParent()),
					"Give the directory to the user of this process, or its group the right to write: chgrp GROUP %1$s;"
						.formatted(path.getParent()) + " chmod g+wx %s.".formatted(path.getParent()));
			case Errno.EROFS -> new Explanation("the file system is read-only.",
					"Mount the BPF file system writable: mount -o remount,rw DIRECTORY.");
			case Errno.ENAMETOOLONG -> tooLong();
			default -> Explanation.general(kernel, errno);
		};
	}

	private static Explanation notPinnable(Kernel kernel, Path path) {
		Path directory = path.toAbsolutePath().getParent();
		if (!isOnBpfFileSystem(directory)) {
			return new Explanation("the directory '%s' is not on a BPF file system.".formatted(directory),
					"Choose a path below one that 'findmnt -t bpf' shows, or mount one: mount -t bpf bpf /sys/fs/bpf.");
		}
		if (path.toString().contains(".")) {
			return new Explanation("'%s' has a dot in it, which the BPF file system does not allow.".formatted(path),
					"Choose names without a dot, for the file and for directories on the BPF file system.");
		}
		return Explanation.general(kernel, Errno.EPERM);
	}

	private static Explanation noAccess(Path path) {
		if (Files.isDirectory(path)) {
			return new Explanation("'%s' is a directory, not a pinned object.".formatted(path),
					"Name the file in it that is the XSKMAP: ls -l %s.".formatted(path));
		}
		if (Files.exists(path) && !isOnBpfFileSystem(path)) {
			return new Explanation(
					"'%s' is a file of an ordinary file system, not a pinned BPF object.".formatted(path),
					"Name a path on a BPF file system ('findmnt -t bpf'), where the program that feeds the map pinned it.");
		}
		return new Explanation(
				"the file mode does not let this process read and write '%s', or search a directory above it."
					.formatted(path),
				("As its owner, give this process's group the right: chgrp GROUP %1$s; chmod 660 %1$s; and chmod g+x for"
						+ " the directories above it. Reading alone is not enough.")
					.formatted(path));
	}

	private static Explanation tooLong() {
		return new Explanation("the path or a name in it is too long.", "Choose a shorter one.");
	}

	// Also when it cannot be told: nobody is sent to look for a mount that is there
	private static boolean isOnBpfFileSystem(@Nullable Path path) {
		try {
			return path == null || !Files.exists(path) || Files.getFileStore(path).type().equals(BPF_FILE_SYSTEM);
		}
		catch (IOException ex) {
			return true;
		}
	}

}
