package io.xsk.kernel.jna;

import io.xsk.kernel.KernelUnavailableException;
import io.xsk.test.ChildJvm;
import io.xsk.test.Commands;
import io.xsk.test.KernelTest;
import io.xsk.test.TemporaryDirectory;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what {@link JnaKernel} says where it cannot be loaded.
 */
class KernelUnavailableTests {

	@Test
	@KernelTest
	void aDirectoryMountedNoexecIsExplained() {
		try (TemporaryDirectory directory = TemporaryDirectory.create()) {
			String path = directory.path().toString();
			Commands.run("mount", "-t", "tmpfs", "-o", "noexec,size=4m", "tmpfs", path);
			try {
				assertExplained(ChildJvm.of(Loader.class).options("-Djna.tmpdir=" + path).run(),
						"failed to map segment from shared object");
				assertExplained(ChildJvm.of(Loader.class)
					.options("-Djava.io.tmpdir=" + path, "-Duser.home=" + path)
					.environment("XDG_CACHE_HOME", path)
					.run(), "failed to map segment from shared object");
			}
			finally {
				Commands.run("umount", path);
			}
		}
	}

	@Test
	@KernelTest
	void aDirectoryThatCannotBeWrittenIsExplained() {
		assertExplained(ChildJvm.of(Loader.class)
			.unprivileged()
			.options("-Djna.tmpdir=/proc/sys", "-Djava.io.tmpdir=/proc/sys")
			.run(), "");
	}

	@Test
	void anotherOperatingSystemIsNamed() {
		assertThat(ChildJvm.of(Loader.class).options("-Dos.name=Windows 11").run().output())
			.contains("supported: false")
			.contains("AF_XDP needs Linux on one of [")
			.contains("and this is Windows 11 on " + System.getProperty("os.arch"))
			.contains("Run the application on such a system, or set xsk.enabled=false.");
	}

	@Test
	void anUnknownArchitectureIsNamed() {
		assertThat(ChildJvm.of(Loader.class).options("-Dos.arch=vax").run().output()).contains("supported: false")
			.contains("amd64")
			.contains("and this is Linux on vax");
	}

	private static void assertExplained(Commands.Result result, String reason) {
		assertThat(result.output()).contains("supported: true")
			.contains("JNA cannot load its native library: ")
			.contains(reason)
			.contains("Point jna.tmpdir at such a directory")
			.contains("noexec")
			.contains("-Djna.boot.library.path=DIRECTORY -Djna.nounpack=true")
			.doesNotContain("Loader loaded");
	}

	/** Says whether the kernel can be loaded. */
	static final class Loader {

		private Loader() {
		}

		public static void main(String[] args) {
			System.out.println("supported: " + JnaKernel.isSupportedSystem());
			try {
				System.out.println("Loader loaded " + JnaKernel.load());
			}
			catch (KernelUnavailableException ex) {
				System.out.println(ex.getMessage());
			}
		}

	}

}
