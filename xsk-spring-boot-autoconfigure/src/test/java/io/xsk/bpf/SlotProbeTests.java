package io.xsk.bpf;

import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.RedirectRules;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link SlotProbe}.
 */
@KernelTest
class SlotProbeTests {

	private final JnaKernel kernel = JnaKernel.load();

	private final OpenResources before = OpenResources.snapshot();

	private final FileDescriptor socket = new TestRun(this.kernel).xsk();

	private final XskMap map = XskMap.create(this.kernel, "probe_tests", 300);

	@AfterEach
	void close() {
		this.map.close();
		this.socket.close();
		this.before.assertUnchanged();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 255, 256, 299 })
	void aSlotIsEmptyThenOccupiedThenEmptyAgain(int queueId) {
		try (SlotProbe probe = SlotProbe.load(this.kernel, this.map)) {
			assertThat(probe.isOccupied(queueId)).isFalse();
			this.map.update(queueId, this.socket.value(), UpdateMode.ANY);
			assertThat(probe.isOccupied(queueId)).isTrue();
			assertThat(probe.isOccupied(queueId + 1)).isFalse();
			this.map.delete(queueId);
			assertThat(probe.isOccupied(queueId)).isFalse();
		}
	}

	@Test
	void lookingChangesNothing() {
		try (SlotProbe probe = SlotProbe.load(this.kernel, this.map)) {
			this.map.update(0, this.socket.value(), UpdateMode.ANY);
			for (int i = 0; i < 100; i++) {
				assertThat(probe.isOccupied(0)).isTrue();
				assertThat(probe.isOccupied(1)).isFalse();
			}
			assertThat(this.map.putIfAbsent(0, this.socket.value())).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 300, 65536, Integer.MAX_VALUE, -1 })
	void aSlotPastTheMapIsEmpty(int queueId) {
		try (SlotProbe probe = SlotProbe.load(this.kernel, this.map)) {
			assertThat(probe.isOccupied(queueId)).isFalse();
		}
	}

	@Test
	void aProbeWorksFromADescriptorThatStaysItsOwners() {
		this.map.update(5, this.socket.value(), UpdateMode.ANY);
		SlotProbe loaded = SlotProbe.load(this.kernel, this.map);
		try (SlotProbe passed = SlotProbe.ofDescriptor(this.kernel, loaded.fd())) {
			loaded.close();
			loaded.close();
			assertThat(passed.isOccupied(5)).isTrue();
			assertThat(passed.isOccupied(6)).isFalse();
			assertThatIllegalStateException().isThrownBy(() -> loaded.isOccupied(5));
		}
	}

	@Test
	void somethingElseThanAProbeIsRefused() {
		try (RedirectProgram program = RedirectProgram.load(this.kernel, this.map, RedirectRules.all())) {
			assertThatExceptionOfType(XskException.class)
				.isThrownBy(() -> SlotProbe.ofDescriptor(this.kernel, program.fd()))
				.withMessage(
						"Descriptor %d is a BPF program, not an XDP program named xsk_slot_probe. Pass the descriptor of a"
								+ " SlotProbe that was loaded for the map.",
						program.fd());
		}
		assertThatExceptionOfType(XskException.class)
			.isThrownBy(() -> SlotProbe.ofDescriptor(this.kernel, this.map.fd()))
			.withMessageContaining("is a BPF map of type xskmap");
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> SlotProbe.ofDescriptor(this.kernel, this.socket.value()))
			.withMessageContaining("not one of a BPF object");
	}

	@Test
	void aMapLooksWithAProbeOfItsOwnThatIsClosedWithIt() {
		FaultInjectingKernel counting = new FaultInjectingKernel();
		XskMap passed = XskMap.ofDescriptor(counting, this.map.fd());
		assertThat(passed.occupancy(0)).isEqualTo(Occupancy.EMPTY);
		passed.update(0, this.socket.value(), UpdateMode.ANY);
		assertThat(passed.occupancy(0)).isEqualTo(Occupancy.OCCUPIED);
		assertThat(counting.calls()).filteredOn("bpf BPF_PROG_LOAD"::equals).hasSize(1);
		passed.close();
		counting.assertNothingOpen();
		assertThatIllegalStateException().isThrownBy(() -> passed.occupancy(0));
	}

	@Test
	void aMapThatMayNotLoadAProbeAsksOnceAndTakesOneThatIsPassedIn() {
		FaultInjectingKernel powerless = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.EPERM);
		try (XskMap passed = XskMap.ofDescriptor(powerless, this.map.fd());
				SlotProbe loaded = SlotProbe.load(this.kernel, this.map)) {
			assertThat(passed.occupancy(0)).isEqualTo(Occupancy.UNKNOWN);
			int calls = powerless.calls().size();
			assertThat(passed.occupancy(0)).isEqualTo(Occupancy.UNKNOWN);
			assertThat(powerless.calls()).hasSize(calls);
			passed.useProbe(SlotProbe.ofDescriptor(powerless, loaded.fd()));
			assertThat(passed.occupancy(0)).isEqualTo(Occupancy.EMPTY);
			passed.useProbe(SlotProbe.ofDescriptor(powerless, loaded.fd()));
			this.map.update(0, this.socket.value(), UpdateMode.ANY);
			assertThat(passed.occupancy(0)).isEqualTo(Occupancy.OCCUPIED);
		}
		powerless.assertNothingOpen();
	}

	@Test
	void aProbeThatFailsForAnotherReasonIsNotTakenForAMissingRight() {
		FaultInjectingKernel full = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.ENOMEM, 2);
		try (XskMap passed = XskMap.ofDescriptor(full, this.map.fd())) {
			assertThat(passed.occupancy(0)).isEqualTo(Occupancy.UNKNOWN);
			assertThat(passed.probeRefusal()).hasMessageContaining("ENOMEM");
			assertThat(passed.occupancy(0)).isEqualTo(Occupancy.EMPTY);
			assertThat(passed.probeRefusal()).isNull();
		}
		full.assertNothingOpen();
	}

	@Test
	void aProbeThatASecurityModuleForbidsLeavesTheSlotUnknownAndIsAskedForOnce() {
		FaultInjectingKernel forbidden = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.EACCES);
		try (XskMap passed = XskMap.ofDescriptor(forbidden, this.map.fd())) {
			assertThat(passed.occupancy(0)).isEqualTo(Occupancy.UNKNOWN);
			int calls = forbidden.calls().size();
			assertThat(passed.occupancy(0)).isEqualTo(Occupancy.UNKNOWN);
			assertThat(forbidden.calls()).hasSize(calls);
			assertThat(passed.probeRefusal().getErrno()).isEqualTo(Errno.EACCES);
		}
		forbidden.assertNothingOpen();
	}

	@Test
	void withoutTheRightsLoadingFailsWithEperm() {
		FaultInjectingKernel powerless = new FaultInjectingKernel().failing("bpf BPF_PROG_LOAD", Errno.EPERM)
			.failing("capget", Errno.EPERM);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> SlotProbe.load(powerless, this.map))
			.withMessageContaining("needs CAP_BPF and CAP_NET_ADMIN, which this process lacks")
			.satisfies((ex) -> assertThat(ex.getErrno()).isEqualTo(Errno.EPERM));
	}

	@Test
	void aFailureNamesTheSlot() {
		FaultInjectingKernel failing = new FaultInjectingKernel().failing("bpf BPF_PROG_TEST_RUN", Errno.EINVAL);
		try (SlotProbe probe = SlotProbe.load(failing, this.map)) {
			assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> probe.isOccupied(3))
				.withMessageContaining("bpf BPF_PROG_TEST_RUN(program fd=%d, slot=3) failed with errno 22 (EINVAL)",
						probe.fd());
		}
		failing.assertNothingOpen();
	}

}
