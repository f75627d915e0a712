package io.xsk.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A directory that every user may read and write, deleted in the end. JUnit's own belongs
 * to the user of the tests alone. Thread-safe.
 *
 * @since 0.1.0
 */
public final class TemporaryDirectory implements AutoCloseable {

	private static final Set<PosixFilePermission> EVERYBODY = PosixFilePermissions.fromString("rwxrwxrwx");

	private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rwxr-xr-x");

	private final Path path;

	private TemporaryDirectory(Path path) {
		this.path = path;
	}

	/**
	 * Make a directory.
	 * @return the directory
	 */
	public static TemporaryDirectory create() {
		try {
			Path path = Files.createTempDirectory("xsk-test");
			Files.setPosixFilePermissions(path, EVERYBODY);
			return new TemporaryDirectory(path);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return where it is.
	 * @return an absolute path
	 */
	public Path path() {
		return this.path;
	}

	/** Copy a file or a whole directory so that every user can read it. */
	static void copy(Path from, Path to) {
		try (Stream<Path> files = Files.walk(from)) {
			for (Path file : files.toList()) {
				Path copy = file.equals(from) ? to : to.resolve(from.relativize(file).toString());
				if (Files.isDirectory(file)) {
					Files.createDirectory(copy);
				}
				else {
					Files.copy(file, copy);
				}
				Files.setPosixFilePermissions(copy, READABLE);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		try (Stream<Path> files = Files.walk(this.path)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(file);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
