package io.xsk.test;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

import io.xsk.kernel.Capability;
import io.xsk.kernel.Errno;
import io.xsk.kernel.KernelUnavailableException;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.jna.JnaKernel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Finds out once whether tests of the kernel can run here.
 */
final class KernelTestCondition implements ExecutionCondition {

	@Override
	public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
		return evaluate();
	}

	static ConditionEvaluationResult evaluate() {
		return (Obstacle.FOUND != null) ? ConditionEvaluationResult.disabled(Obstacle.FOUND)
				: ConditionEvaluationResult.enabled("the kernel has AF_XDP and this process the rights");
	}

	/** What is in the way; found by asking, when the first test asks. */
	private static final class Obstacle {

		/** SYS_ADMIN is for the network namespaces of the tests. */
		private static final Set<Capability> NEEDED = EnumSet.of(Capability.NET_RAW, Capability.NET_ADMIN,
				Capability.BPF, Capability.SYS_ADMIN);

		private static final @Nullable String FOUND = find();

		private static @Nullable String find() {
			if (!JnaKernel.isSupportedSystem()) {
				return "not a Linux system with AF_XDP: %s on %s".formatted(System.getProperty("os.name"),
						System.getProperty("os.arch"));
			}
			try {
				return find(JnaKernel.load());
			}
			catch (KernelUnavailableException ex) {
				return ex.getMessage();
			}
		}

		private static @Nullable String find(JnaKernel kernel) {
			Set<Capability> missing = EnumSet.copyOf(NEEDED);
			missing.removeAll(Capability.effective(kernel));
			if (!missing.isEmpty()) {
				return "this process lacks %s: run the tests as root"
					.formatted(missing.stream().map(Capability::fullName).toList());
			}
			int socket = kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0);
			if (socket < 0) {
				return "the kernel makes no AF_XDP socket: " + Errno.symbol(-socket);
			}
			kernel.close(socket);
			for (String command : new String[] { "ip", "nsenter", "setpriv" }) {
				if (!isOnPath(command)) {
					return "the command '%s' is missing: install iproute2 and util-linux".formatted(command);
				}
			}
			return null;
		}

		private static boolean isOnPath(String command) {
			return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
				.splitAsStream(String.valueOf(System.getenv("PATH")))
				.anyMatch((directory) -> Files.isExecutable(Path.of(directory, command)));
		}

	}

}
