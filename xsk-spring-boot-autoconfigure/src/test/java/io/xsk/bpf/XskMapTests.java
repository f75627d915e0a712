package io.xsk.bpf;

import java.lang.management.ManagementFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import com.sun.management.ThreadMXBean;
import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for the slots of an {@link XskMap}: what the running kernel does with them, held
 * against what is written in {@code net/xdp/xskmap.c}.
 */
@KernelTest
class XskMapTests {

	private static final int SLOTS = 4;

	private static final int BPF_MAP_LOOKUP_ELEM = 1;

	private static final int BPF_MAP_GET_NEXT_KEY = 4;

	private static final int BPF_MAP_FREEZE = 22;

	private static final int BPF_F_LOCK = 4;

	private final JnaKernel kernel = JnaKernel.load();

	private final TestRun run = new TestRun(this.kernel);

	private final OpenResources before = OpenResources.snapshot();

	private XskMap map = XskMap.create(this.kernel, "map_tests", SLOTS);

	private SlotProbe probe = SlotProbe.load(this.kernel, this.map);

	private FileDescriptor ours = this.run.xsk();

	private FileDescriptor other = this.run.xsk();

	@BeforeEach
	void theMapIsEmpty() {
		assertThat(IntStream.range(0, SLOTS).noneMatch(this.probe::isOccupied)).isTrue();
	}

	@AfterEach
	void close() {
		this.other.close();
		this.ours.close();
		this.probe.close();
		this.map.close();
		this.before.assertUnchanged();
	}

	@ParameterizedTest
	@CsvSource({ "ANY, true", "NO_EXIST, true", "EXIST, false" })
	void anEmptySlotIsFilledButByExist(UpdateMode mode, boolean filled) {
		if (filled) {
			this.map.update(1, this.ours.value(), mode);
		}
		else {
			assertUpdateFails(1, this.ours.value(), mode, Errno.ENOENT, "the slot of queue 1 is empty");
		}
		assertThat(this.probe.isOccupied(1)).isEqualTo(filled);
		assertThat(this.probe.isOccupied(0)).isFalse();
	}

	@ParameterizedTest
	@EnumSource(UpdateMode.class)
	void aSlotThatHoldsTheSameSocketIsLeftAsItIs(UpdateMode mode) {
		this.map.update(1, this.ours.value(), UpdateMode.ANY);
		this.map.update(1, this.ours.value(), mode);
		assertThat(holdsOurs(1)).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "ANY, true", "NO_EXIST, false", "EXIST, true" })
	void aSlotThatHoldsAnotherSocketIsReplacedButByNoExist(UpdateMode mode, boolean replaced) {
		this.map.update(1, this.other.value(), UpdateMode.ANY);
		if (replaced) {
			this.map.update(1, this.ours.value(), mode);
		}
		else {
			assertUpdateFails(1, this.ours.value(), mode, Errno.EEXIST, "another socket holds the slot of queue 1");
		}
		assertThat(holdsOurs(1)).isEqualTo(replaced);
	}

	@Test
	void putIfAbsentSaysWhetherTheSlotIsOurs() {
		assertThat(this.map.putIfAbsent(0, this.ours.value())).isTrue();
		assertThat(this.map.putIfAbsent(0, this.ours.value())).isTrue();
		assertThat(this.map.putIfAbsent(0, this.other.value())).isFalse();
		this.map.delete(0);
		assertThat(this.map.putIfAbsent(0, this.other.value())).isTrue();
	}

	@Test
	void putIfAbsentFailsForEverythingElse() {
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> this.map.putIfAbsent(SLOTS, this.ours.value()))
			.satisfies((ex) -> assertThat(ex.getErrno()).isEqualTo(Errno.E2BIG));
	}

	@Test
	void deleteEmptiesASlotWhoeverIsInIt() {
		this.map.update(2, this.other.value(), UpdateMode.ANY);
		this.map.delete(2);
		assertThat(this.probe.isOccupied(2)).isFalse();
	}

	@Test
	void deletingFromAnEmptySlotIsNoError() {
		this.map.delete(2);
		this.map.delete(2);
		assertThat(this.probe.isOccupied(2)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(ints = { SLOTS, 65536, Integer.MAX_VALUE, -1 })
	void aQueuePastTheMapIsRefused(int queueId) {
		String number = Integer.toUnsignedString(queueId);
		String meaning = "queue %s is past the map, which has 4 slots. Choose a queue from 0 to 3".formatted(number);
		assertUpdateFails(queueId, this.ours.value(), UpdateMode.ANY, Errno.E2BIG, meaning);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> this.map.delete(queueId))
			.withMessageContaining("bpf BPF_MAP_DELETE_ELEM(map fd=%d, key=%s) failed with errno 22 (EINVAL): "
				.formatted(this.map.fd(), number) + meaning);
	}

	@Test
	void theValueHasToBeTheDescriptorOfAnXsk() {
		int closed = this.other.value();
		this.other.close();
		assertUpdateFails(0, closed, UpdateMode.ANY, Errno.EBADF, "is not an open descriptor");
		assertUpdateFails(0, -1, UpdateMode.ANY, Errno.EBADF, "is not an open descriptor");
		assertUpdateFails(0, this.map.fd(), UpdateMode.ANY, Errno.ENOTSOCK, "not one of a socket");
		try (FileDescriptor netlink = this.run.socket(LinuxSocket.AF_NETLINK)) {
			assertUpdateFails(0, netlink.value(), UpdateMode.ANY, Errno.EOPNOTSUPP, "not an AF_XDP socket");
		}
		assertThat(this.probe.isOccupied(0)).isFalse();
	}

	@Test
	void aFailureNamesTheCallAndItsArguments() {
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> this.map.update(7, this.ours.value(), UpdateMode.NO_EXIST))
			.withMessageStartingWith(
					"bpf BPF_MAP_UPDATE_ELEM(map fd=%d, key=7, value=%d, flags=BPF_NOEXIST(1)) failed with errno 7 (E2BIG): ",
					this.map.fd(), this.ours.value())
			.satisfies((ex) -> {
				assertThat(ex.getCall()).isEqualTo("bpf BPF_MAP_UPDATE_ELEM");
				assertThat(ex.getErrnoSymbol()).isEqualTo("E2BIG");
				assertThat(ex.getAction()).startsWith("Choose a queue from 0 to 3");
			});
	}

	@Test
	void theKernelKnowsNoOtherFlags() {
		assertThat(update(this.map.fd(), 3)).isEqualTo(-Errno.EINVAL);
		assertThat(update(this.map.fd(), BPF_F_LOCK)).isEqualTo(-Errno.EINVAL);
	}

	@Test
	void theDescriptorHasToBeOneOfAMap() {
		assertThat(update(this.ours.value(), LinuxBpf.BPF_ANY)).isEqualTo(-Errno.EINVAL);
		assertThat(update(-1, LinuxBpf.BPF_ANY)).isEqualTo(-Errno.EBADF);
	}

	@Test
	void aFrozenMapCannotBeWritten() {
		assertThat(this.kernel.bpf(BPF_MAP_FREEZE, element(this.map.fd()))).isZero();
		assertUpdateFails(0, this.ours.value(), UpdateMode.ANY, Errno.EPERM, "the map is frozen");
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> this.map.delete(0))
			.withMessageContaining("(EPERM): the map is frozen");
	}

	@Test
	void theKernelLetsNobodyReadASlot() {
		this.map.update(1, this.ours.value(), UpdateMode.ANY);
		for (int key : new int[] { 0, 1, SLOTS }) {
			NativeMemory lookup = element(this.map.fd()).putAddress(LinuxBpf.MAP_ELEM_KEY, integer(key))
				.putAddress(LinuxBpf.MAP_ELEM_VALUE, integer(0));
			assertThat(this.kernel.bpf(BPF_MAP_LOOKUP_ELEM, lookup)).isEqualTo(-Errno.EOPNOTSUPP);
		}
	}

	@Test
	void theListOfKeysSaysNothingAboutOccupancy() {
		assertThat(nextKey(0)).isEqualTo(1);
		assertThat(nextKey(SLOTS - 2)).isEqualTo(SLOTS - 1);
		assertThat(nextKey(SLOTS - 1)).isEqualTo(-Errno.ENOENT);
		assertThat(nextKey(SLOTS)).isZero();
	}

	@Test
	void aSocketMaySitInManySlotsAndMapsAndLeavesThemAllWhenItIsClosed() {
		try (XskMap second = XskMap.create(this.kernel, "second", 1);
				SlotProbe secondProbe = SlotProbe.load(this.kernel, second)) {
			this.map.update(0, this.ours.value(), UpdateMode.ANY);
			this.map.update(3, this.ours.value(), UpdateMode.ANY);
			second.update(0, this.ours.value(), UpdateMode.ANY);
			assertThat(this.probe.isOccupied(0) && this.probe.isOccupied(3) && secondProbe.isOccupied(0)).isTrue();
			this.ours.close();
			assertThat(this.probe.isOccupied(0) || this.probe.isOccupied(3) || secondProbe.isOccupied(0)).isFalse();
		}
	}

	@Test
	void activationAndDeactivationAllocateNothing() {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		int pairs = 20_000;
		useSlots(pairs);
		long allocated = threads.getCurrentThreadAllocatedBytes();
		useSlots(pairs);
		assertThat(threads.getCurrentThreadAllocatedBytes() - allocated).as("bytes for %d pairs", pairs)
			.isLessThan(pairs);
	}

	private void useSlots(int pairs) {
		int fd = this.ours.value();
		for (int i = 0; i < pairs; i++) {
			this.map.update(0, fd, UpdateMode.ANY);
			this.map.putIfAbsent(0, fd);
			this.map.delete(0);
		}
	}

	@Test
	void threadsDoNotMixTheirSlots() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(SLOTS);
		try {
			for (Future<?> future : IntStream.range(0, SLOTS)
				.<Future<?>>mapToObj((queue) -> threads.submit(() -> useOneSlot(queue)))
				.toList()) {
				future.get();
			}
		}
		finally {
			threads.shutdown();
		}
	}

	private void useOneSlot(int queue) {
		int fd = ((queue % 2 == 0) ? this.ours : this.other).value();
		int foreign = ((queue % 2 == 0) ? this.other : this.ours).value();
		for (int i = 0; i < 1000; i++) {
			this.map.update(queue, fd, UpdateMode.ANY);
			assertThat(this.probe.isOccupied(queue)).isTrue();
			assertThat(this.map.putIfAbsent(queue, foreign)).isFalse();
			this.map.delete(queue);
			assertThat(this.probe.isOccupied(queue)).isFalse();
		}
	}

	@Test
	void theKernelAndOthersKnowTheMap() {
		XskMapInfo info = this.map.info();
		assertThat(info).isEqualTo(new XskMapInfo(info.id(), "map_tests", SLOTS));
		assertThat(this.map.maxEntries()).isEqualTo(SLOTS);
		assertThat(Commands.run("bpftool", "map", "show", "id", Integer.toString(info.id())))
			.contains("xskmap  name map_tests", "key 4B  value 4B  max_entries 4");
		assertThat(this.map.pinnedPath()).isNull();
		assertThat(this.map).hasToString("XskMap[id=%d, maxEntries=4, fd=%d]".formatted(info.id(), this.map.fd()));
	}

	@Test
	void namesAreMadeFitForTheKernel() {
		try (XskMap named = XskMap.create(this.kernel, "wan-0/tünnel is very long", 1)) {
			assertThat(named.info().name()).isEqualTo("wan_0_t_nnel_is");
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, 65537, Integer.MAX_VALUE })
	void aMapHasAtLeastOneSlotAndNoMoreThanThereCanBeQueues(int maxEntries) {
		assertThatIllegalArgumentException().isThrownBy(() -> XskMap.create(this.kernel, "none", maxEntries))
			.withMessageContaining("An XSKMAP has 1 to 65536 slots, not " + maxEntries);
	}

	@Test
	void theLargestMapHasASlotForEveryQueueId() {
		try (XskMap largest = XskMap.create(this.kernel, "largest", 65536)) {
			largest.update(65535, this.ours.value(), UpdateMode.NO_EXIST);
			assertThat(largest.putIfAbsent(65535, this.other.value())).isFalse();
		}
	}

	@Test
	void aMapThatTheKernelHasNoMemoryForIsExplained() {
		FaultInjectingKernel full = new FaultInjectingKernel().failing("bpf BPF_MAP_CREATE", Errno.ENOMEM);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> XskMap.create(full, "huge", 65536))
			.withMessageContaining("name=huge, max_entries=65536) failed with errno 12 (ENOMEM)")
			.withMessageContaining("as large as the interface has RX queues");
	}

	@Test
	void withoutTheRightsTheMissingCapabilitiesAreNamed() {
		FaultInjectingKernel powerless = new FaultInjectingKernel().failing("bpf BPF_MAP_CREATE", Errno.EPERM)
			.failing("capget", Errno.EPERM);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> XskMap.create(powerless, "none", 1))
			.withMessageContaining("Creating an XSKMAP needs CAP_BPF and CAP_NET_ADMIN, which this process lacks.")
			.withMessageContaining("AmbientCapabilities=CAP_BPF CAP_NET_ADMIN");
	}

	@Test
	void nothingWorksAfterCloseAndClosingTwiceIsFine() {
		this.map.close();
		this.map.close();
		assertThatIllegalStateException().isThrownBy(() -> this.map.update(0, this.ours.value(), UpdateMode.ANY))
			.withMessageContaining("is closed");
		assertThatIllegalStateException().isThrownBy(() -> this.map.putIfAbsent(0, this.ours.value()));
		assertThatIllegalStateException().isThrownBy(() -> this.map.delete(0));
		assertThatIllegalStateException().isThrownBy(() -> this.map.info());
		assertThatIllegalStateException().isThrownBy(() -> this.map.fd());
	}

	private boolean holdsOurs(int queueId) {
		return this.probe.isOccupied(queueId) && this.map.putIfAbsent(queueId, this.ours.value());
	}

	private void assertUpdateFails(int queueId, int socketFd, UpdateMode mode, int errno, String meaning) {
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> this.map.update(queueId, socketFd, mode))
			.withMessageContaining(meaning)
			.satisfies((ex) -> assertThat(ex.getErrno()).isEqualTo(errno));
	}

	private int update(int mapFd, long flags) {
		return this.kernel.bpf(LinuxBpf.BPF_MAP_UPDATE_ELEM,
				element(mapFd).putAddress(LinuxBpf.MAP_ELEM_KEY, integer(0))
					.putAddress(LinuxBpf.MAP_ELEM_VALUE, integer(this.ours.value()))
					.putLong(LinuxBpf.MAP_ELEM_FLAGS, flags));
	}

	private int nextKey(int key) {
		NativeMemory next = integer(-1);
		int result = this.kernel.bpf(BPF_MAP_GET_NEXT_KEY,
				element(this.map.fd()).putAddress(LinuxBpf.MAP_ELEM_KEY, integer(key))
					.putAddress(LinuxBpf.MAP_ELEM_VALUE, next));
		return (result < 0) ? result : next.getInt(0);
	}

	private NativeMemory element(int mapFd) {
		return this.kernel.allocate(LinuxBpf.MAP_ELEM_SIZE).putInt(LinuxBpf.MAP_ELEM_MAP_FD, mapFd);
	}

	private NativeMemory integer(int value) {
		return this.kernel.allocate(Integer.BYTES).putInt(0, value);
	}

}
