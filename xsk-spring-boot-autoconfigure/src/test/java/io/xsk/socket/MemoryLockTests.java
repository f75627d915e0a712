package io.xsk.socket;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxMemory;
import io.xsk.kernel.NativeMemory;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.ChildJvm;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests of {@link MemoryLock}.
 */
@KernelTest
class MemoryLockTests {

	@Test
	void whatTheLimitAllowsIsAllowed() {
		assertThat(require("1048576:1048576", 1_048_576)).contains("allowed");
	}

	@Test
	void whatItDoesNotAllowIsRefusedWithTheWaysToRaiseIt() {
		assertThat(require("1048576:1048576", 1_048_577)).contains("1048576 < 1048577: ")
			.contains("The UMEMs of 2 sockets would lock 1048577 bytes (1025 KiB)")
			.contains("LimitMEMLOCK=1025K")
			.contains("ulimit -l 1025")
			.contains("--ulimit memlock=1049600")
			.contains("CAP_IPC_LOCK")
			.contains("smaller frame-count");
	}

	@Test
	void theSoftLimitCountsNotTheHardOne() {
		assertThat(require("65536:1048576", 65_537)).contains("65536 < 65537: ");
	}

	@Test
	void noLimitAllowsEverything() {
		Kernel kernel = mock(Kernel.class);
		JnaKernel memory = JnaKernel.load();
		given(kernel.allocate(anyInt())).willAnswer((call) -> memory.allocate(call.getArgument(0)));
		given(kernel.getrlimit(eq(LinuxMemory.RLIMIT_MEMLOCK), any())).willAnswer((call) -> {
			call.getArgument(1, NativeMemory.class).putLong(0, LinuxMemory.RLIM_INFINITY);
			return 0;
		});
		given(kernel.capget(any(), any())).willReturn(-Errno.EPERM);
		assertThatNoException().isThrownBy(() -> MemoryLock.require(kernel, Long.MAX_VALUE, "Everything"));
	}

	@Test
	void theLimitDoesNotApplyToWhoHasTheCapability() {
		assertThat(require("65536:65536", 1_048_576, "ipc_lock")).contains("allowed");
	}

	@Test
	void theTestsThemselvesRunAsRoot() {
		assertThatNoException()
			.isThrownBy(() -> MemoryLock.require(new FaultInjectingKernel(), Long.MAX_VALUE, "Everything"));
	}

	@Test
	void aKernelThatDoesNotTellTheLimitIsReported() {
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> MemoryLock.require(new FaultInjectingKernel().failing("getrlimit", Errno.EPERM), 1, "It"))
			.withMessageContaining("getrlimit(resource=RLIMIT_MEMLOCK)")
			.withMessageContaining("seccomp");
	}

	private static String require(String memlock, long bytes, String... capabilities) {
		return ChildJvm.of(OpenSocketMain.class)
			.unprivileged(capabilities)
			.under("prlimit", "--memlock=" + memlock)
			.run("none", Long.toString(bytes))
			.output();
	}

}
