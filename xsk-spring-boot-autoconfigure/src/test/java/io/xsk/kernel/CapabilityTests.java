package io.xsk.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.ChildJvm;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Capability}.
 */
class CapabilityTests {

	@Test
	@KernelTest
	void theEffectiveOnesAreThoseOfTheStatusFile() throws IOException {
		assertThat(Capability.effective(JnaKernel.load())).isEqualTo(status());
	}

	@Test
	@KernelTest
	void anOrdinaryUserHasTheNamedOnesAlone() {
		assertThat(ChildJvm.of(Printer.class).unprivileged("bpf", "ipc_lock").run().output())
			.contains("[IPC_LOCK, BPF] as the status file says");
		assertThat(ChildJvm.of(Printer.class).unprivileged().run().output()).contains("[] as the status file says");
	}

	@Test
	@KernelTest
	void noneIsKnownWhenTheKernelDoesNotSay() {
		FaultInjectingKernel kernel = new FaultInjectingKernel().failing("capget", Errno.EPERM);
		assertThat(Capability.effective(kernel)).isEmpty();
	}

	@Test
	void numbersAreThoseOfTheHeader() {
		String[] names = EnumSet.allOf(Capability.class).stream().map(Capability::fullName).toArray(String[]::new);
		Map<String, Long> header = CHeaders.of("linux/capability.h").values(names);
		for (Capability capability : Capability.values()) {
			assertThat(header).containsEntry(capability.fullName(), (long) number(capability));
		}
	}

	/** What effective() makes of the single bit that the enumeration keeps to itself. */
	private static int number(Capability capability) {
		for (int bit = 0; bit < Long.SIZE; bit++) {
			if (Capability.of(1L << bit).contains(capability)) {
				return bit;
			}
		}
		return -1;
	}

	@Test
	void peopleAreToldHowToGrantThem() {
		assertThat(Capability.howToGrant(Capability.NET_RAW)).contains("AmbientCapabilities=CAP_NET_RAW;",
				"--cap-add NET_RAW;", "--inh-caps +net_raw --ambient-caps +net_raw");
		assertThat(Capability.howToGrant(Capability.NET_ADMIN, Capability.BPF)).contains(
				"AmbientCapabilities=CAP_NET_ADMIN CAP_BPF;", "--cap-add NET_ADMIN --cap-add BPF;",
				"--inh-caps +net_admin,+bpf --ambient-caps +net_admin,+bpf");
	}

	private static Set<Capability> status() throws IOException {
		String line = Files.readAllLines(Path.of("/proc/thread-self/status"))
			.stream()
			.filter((candidate) -> candidate.startsWith("CapEff:"))
			.findFirst()
			.orElseThrow();
		return Capability.of(Long.parseLong(line.substring("CapEff:".length()).strip(), 16));
	}

	/** Prints its capabilities. */
	static final class Printer {

		private Printer() {
		}

		public static void main(String[] args) throws IOException {
			Set<Capability> effective = Capability.effective(JnaKernel.load());
			System.out
				.println(effective + (effective.equals(status()) ? " as" : " not what") + " the status file says");
		}

	}

}
