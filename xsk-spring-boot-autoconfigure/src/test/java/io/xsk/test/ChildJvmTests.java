package io.xsk.test;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

import io.xsk.kernel.Capability;
import io.xsk.kernel.Errno;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.jna.JnaKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link ChildJvm}, and for what {@link KernelTest} says without the rights.
 */
@KernelTest
class ChildJvmTests {

	@Test
	void anOrdinaryUserHasTheNamedCapabilitiesAlone() {
		assertThat(ChildJvm.of(Rights.class).unprivileged("net_raw").run("a", "b c").output())
			.contains("[a, b c] uid 65534 has [NET_RAW], socket: ok");
		assertThat(ChildJvm.of(Rights.class).unprivileged("net_raw", "net_admin", "bpf").run().output())
			.contains("uid 65534 has [NET_ADMIN, NET_RAW, BPF], socket: ok");
		assertThat(ChildJvm.of(Rights.class).unprivileged().run().output()).contains("uid 65534 has [], socket: EPERM");
	}

	@Test
	void withoutAnythingSaidTheChildHasTheRightsOfTheTests() {
		Commands.Result result = ChildJvm.of(Rights.class).options("-Dfoo=bar").environment("FOO", "BAR").run();
		assertThat(result.exitCode()).isZero();
		assertThat(result.output()).contains("uid 0 has", "SYS_ADMIN", "bar", "BAR");
	}

	@Test
	void aCommandInFrontChangesTheChildsLimits() {
		assertThat(ChildJvm.of(Rights.class).unprivileged().under("prlimit", "--memlock=65536").run().output())
			.containsPattern("Max locked memory +65536 +65536");
	}

	@Test
	void aChildThatHangsIsKilled() {
		ChildJvm child = ChildJvm.of(Hanging.class).timeout(Duration.ofSeconds(2));
		assertThatIllegalStateException().isThrownBy(child::run).withMessageContaining("took longer than PT2S");
	}

	@Test
	void kernelTestsAreSkippedWithTheMissingCapabilities() {
		assertThat(ChildJvm.of(Condition.class).unprivileged("net_raw").run().output())
			.contains("skipped: this process lacks [CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_BPF]: run the tests as root");
	}

	@Test
	void kernelTestsAreSkippedWithTheReasonOfJna() {
		assertThat(ChildJvm.of(Condition.class).options("-Djna.nounpack=true", "-Djna.nosys=true").run().output())
			.contains("skipped: JNA cannot load its native library");
	}

	@Test
	void kernelTestsAreSkippedOnOtherSystems() {
		assertThat(ChildJvm.of(Condition.class).options("-Dos.name=Plan9").run().output())
			.contains("skipped: not a Linux system with AF_XDP: Plan9");
	}

	/** Prints what it may do. */
	static final class Rights {

		private Rights() {
		}

		public static void main(String[] args) throws Exception {
			JnaKernel kernel = JnaKernel.load();
			int socket = kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0);
			System.out.printf("%s uid %s has %s, socket: %s%n", Arrays.toString(args), Commands.run("id", "-u").strip(),
					Capability.effective(kernel), (socket >= 0) ? "ok" : Errno.symbol(-socket));
			System.out.println(System.getProperty("foo") + System.getenv("FOO"));
			System.out.println(Commands.run("cat", "/proc/self/limits"));
		}

	}

	/** Never ends by itself. */
	static final class Hanging {

		private Hanging() {
		}

		public static void main(String[] args) throws Exception {
			Thread.sleep(Duration.ofMinutes(1).toMillis());
		}

	}

	/** Prints whether tests of the kernel would run. */
	static final class Condition {

		private Condition() {
		}

		public static void main(String[] args) {
			ConditionEvaluationResult result = KernelTestCondition.evaluate();
			Optional<String> reason = result.getReason();
			System.out.println((result.isDisabled() ? "skipped: " : "runs: ") + reason.orElseThrow());
		}

	}

}
