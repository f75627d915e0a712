package io.xsk.bpf;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

import io.xsk.CloseableStack;
import io.xsk.XskException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRules;
import io.xsk.test.BpfFileSystem;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each system call in turn fails with each plausible error number: nothing stays open.
 */
@KernelTest
class BpfFaultTests {

	private static final List<Integer> ERRORS = List.of(Errno.EPERM, Errno.ENOENT, Errno.EAGAIN, Errno.ENOMEM,
			Errno.EACCES, Errno.EBUSY, Errno.EEXIST, Errno.EINVAL, Errno.EMFILE, Errno.ERANGE, Errno.E2BIG,
			Errno.ENOSPC, Errno.EOPNOTSUPP, Errno.ENOSYS, Errno.ENODEV);

	private static final RedirectRules RULES = RedirectRules.udpPorts(PortRange.of(53));

	private final JnaKernel kernel = JnaKernel.load();

	private final OpenResources before = OpenResources.snapshot();

	private final XskMap map = XskMap.create(this.kernel, "fault_tests", 1);

	@AfterEach
	void close() {
		this.map.close();
		this.before.assertUnchanged();
	}

	@Test
	void creatingAMap() {
		failEachCall((failing) -> XskMap.create(failing, "created", 1));
	}

	@Test
	void openingAMap() {
		int id = this.map.info().id();
		failEachCall((failing) -> XskMap.openById(failing, id));
		failEachCall((failing) -> XskMap.ofDescriptor(failing, this.map.fd()));
		try (BpfFileSystem pins = BpfFileSystem.mount()) {
			this.map.pin(pins.resolve("map"));
			failEachCall((failing) -> XskMap.openPinned(failing, pins.resolve("map")));
		}
	}

	@Test
	void pinningAMap() {
		try (BpfFileSystem pins = BpfFileSystem.mount()) {
			Path path = pins.resolve("pinned");
			failEachCall((failing) -> {
				XskMap opened = XskMap.ofDescriptor(failing, this.map.fd());
				return CloseableStack.closingOnFailure(opened, () -> {
					opened.pin(path);
					try {
						opened.unpin();
					}
					finally {
						// An unpin that was told that there is no such file leaves it
						path.toFile().delete();
					}
					return opened;
				});
			});
		}
	}

	@Test
	void loadingAProgram() {
		failEachCall((failing) -> RedirectProgram.load(failing, this.map, RULES));
	}

	@Test
	void loadingAProbe() {
		failEachCall((failing) -> {
			SlotProbe probe = SlotProbe.load(failing, this.map);
			return CloseableStack.closingOnFailure(probe, () -> {
				assertThat(probe.isOccupied(0)).isFalse();
				return probe;
			});
		});
		try (SlotProbe probe = SlotProbe.load(this.kernel, this.map)) {
			failEachCall((failing) -> SlotProbe.ofDescriptor(failing, probe.fd()));
		}
	}

	@Test
	void attachingAProgram() {
		try (VethPair pair = VethPair.create();
				RedirectProgram program = RedirectProgram.load(this.kernel, this.map, RULES)) {
			NetworkInterface info = pair.info();
			for (AttachMode mode : AttachMode.values()) {
				failEachCall((failing) -> XdpLink.attach(failing, program, info, mode));
			}
			assertThat(pair.info().program()).isNull();
		}
	}

	@Test
	void findingOutWhoHoldsTheInterface() {
		try (VethPair pair = VethPair.create();
				RedirectProgram program = RedirectProgram.load(this.kernel, this.map, RULES);
				XdpLink link = XdpLink.attach(this.kernel, program, pair.info(), AttachMode.AUTO)) {
			NetworkInterface info = pair.info();
			failEachCall((failing) -> XdpLink.attach(failing, program, info, AttachMode.AUTO));
			assertThat(link.isAttached()).isTrue();
		}
	}

	/**
	 * Fail the first call, then the second and so on, until all that are made have
	 * failed.
	 */
	private static void failEachCall(Function<Kernel, AutoCloseable> operation) {
		int calls = count(operation);
		assertThat(calls).isPositive();
		for (int call = 1; call <= calls; call++) {
			for (int errno : ERRORS) {
				attempt(operation, new FaultInjectingKernel().failing(call, errno));
			}
		}
	}

	private static int count(Function<Kernel, AutoCloseable> operation) {
		FaultInjectingKernel healthy = new FaultInjectingKernel();
		attempt(operation, healthy);
		return healthy.calls().size();
	}

	private static void attempt(Function<Kernel, AutoCloseable> operation, FaultInjectingKernel failing) {
		try {
			operation.apply(failing).close();
		}
		catch (XskException ex) {
			assertThat(ex.getDescription()).as("after %s", failing.calls()).isNotBlank();
			assertThat(ex.getAction()).isNotBlank();
		}
		catch (Exception ex) {
			throw new AssertionError("after " + failing.calls(), ex);
		}
		failing.assertNothingOpen();
	}

}
