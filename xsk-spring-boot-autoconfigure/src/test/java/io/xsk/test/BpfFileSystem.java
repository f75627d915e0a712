package io.xsk.test;

import java.nio.file.Path;

/**
 * A BPF file system of its own, to pin objects in; unmounted in the end, with everything
 * that is pinned there. Every user may search it. Thread-safe.
 *
 * @since 0.1.0
 */
public final class BpfFileSystem implements AutoCloseable {

	private final TemporaryDirectory mountPoint;

	private BpfFileSystem(TemporaryDirectory mountPoint) {
		this.mountPoint = mountPoint;
	}

	/**
	 * Mount one in a directory that is made for it.
	 * @return the file system
	 */
	public static BpfFileSystem mount() {
		TemporaryDirectory directory = TemporaryDirectory.create();
		try {
			Commands.run("mount", "-t", "bpf", "-o", "mode=0755", "bpf", directory.path().toString());
			return new BpfFileSystem(directory);
		}
		catch (RuntimeException ex) {
			directory.close();
			throw ex;
		}
	}

	/**
	 * Return where it is mounted.
	 * @return an absolute path
	 */
	public Path path() {
		return this.mountPoint.path();
	}

	/**
	 * Name a file in it.
	 * @param name the name, without a dot
	 * @return an absolute path
	 */
	public Path resolve(String name) {
		return path().resolve(name);
	}

	@Override
	public void close() {
		try {
			Commands.run("umount", path().toString());
		}
		finally {
			this.mountPoint.close();
		}
	}

}
