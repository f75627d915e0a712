package io.xsk.sample.quickstart;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.xsk.XskException;
import io.xsk.kernel.Capability;
import io.xsk.kernel.jna.JnaKernel;

/**
 * What the quickstart needs of the machine, so that a newcomer reads two lines and not a
 * stack trace.
 */
final class Requirements {

	private Requirements() {
	}

	/**
	 * Check everything.
	 * @param ownNetwork whether the quickstart is to make its own interface
	 * @throws XskException when something is missing
	 */
	static void check(boolean ownNetwork) {
		if (!JnaKernel.isSupportedSystem()) {
			throw new XskException(
					"The quickstart needs Linux on a 64-bit processor; this is %s on %s."
						.formatted(System.getProperty("os.name"), System.getProperty("os.arch")),
					"Run it as root on a Linux machine, a virtual one for example.");
		}
		Set<Capability> missing = EnumSet.of(Capability.NET_RAW, Capability.NET_ADMIN, Capability.BPF);
		if (ownNetwork) {
			missing.add(Capability.SYS_ADMIN);
		}
		missing.removeAll(Capability.effective(JnaKernel.load()));
		if (!missing.isEmpty()) {
			throw new XskException(
					"The quickstart needs rights that the user %s does not have: %s.".formatted(
							System.getProperty("user.name"),
							missing.stream().map(Capability::fullName).collect(Collectors.joining(", "))),
					"Run it as root: sudo samples/quickstart/run");
		}
		if (ownNetwork) {
			requireCommand("ip", "iproute2");
			requireCommand("nsenter", "util-linux");
		}
	}

	private static void requireCommand(String command, String packageName) {
		String path = String.valueOf(System.getenv("PATH"));
		if (Pattern.compile(File.pathSeparator, Pattern.LITERAL)
			.splitAsStream(path)
			.noneMatch((directory) -> Files.isExecutable(Path.of(directory, command)))) {
			throw new XskException(
					"The quickstart needs the command '%s', which is in none of %s.".formatted(command, path),
					"Install the package %s (apt install %s), or name an interface that exists: samples/quickstart/run eth1"
						.formatted(packageName, packageName));
		}
	}

}
