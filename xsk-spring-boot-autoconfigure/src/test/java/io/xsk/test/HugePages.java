package io.xsk.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.junit.jupiter.api.Assumptions;

/**
 * Huge pages that the system reserves for the length of a test. Test runs beside each
 * other wait for each other. Not thread-safe.
 *
 * @since 0.1.0
 */
public final class HugePages implements AutoCloseable {

	private static final Path SETTING = Path.of("/proc/sys/vm/nr_hugepages");

	private static final Path LOCK = Path.of("/tmp", "xsk-test-huge-pages.lock");

	private final FileChannel channel;

	private final FileLock lock;

	private final String before;

	private HugePages(FileChannel channel, FileLock lock, String before) {
		this.channel = channel;
		this.lock = lock;
		this.before = before;
	}

	/**
	 * Reserve pages in addition to those that are. The test is skipped when the system
	 * has not as much memory in one piece.
	 * @param count how many
	 * @return what gives them back
	 */
	public static HugePages reserve(int count) {
		try {
			FileChannel channel = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
			HugePages pages = new HugePages(channel, channel.lock(), read());
			String wanted = Integer.toString(Integer.parseInt(pages.before) + count);
			Files.writeString(SETTING, wanted);
			if (!read().equals(wanted)) {
				pages.close();
				Assumptions.abort("the kernel cannot reserve %d huge pages".formatted(count));
			}
			return pages;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String read() throws IOException {
		return Files.readString(SETTING).strip();
	}

	@Override
	public void close() {
		try (this.channel; this.lock) {
			Files.writeString(SETTING, this.before);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
