package io.xsk.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.xsk.XskSystemException;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.HugePages;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link MemoryMapping}.
 */
@KernelTest
class MemoryMappingTests {

	private static final int HUGE_PAGE_SIZE = 2 * 1024 * 1024;

	/** A terabyte in huge pages. */
	private static final long TOO_LARGE = 1L << 40;

	private static final String ACTION = "Do this.";

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	private final OpenResources before = OpenResources.snapshot();

	@AfterEach
	void nothingIsLeftMapped() {
		this.kernel.assertNothingOpen();
		this.before.assertUnchanged();
	}

	@Test
	void anonymousMemoryIsZeroedAndWritable() {
		int length = 4 * this.kernel.pageSize();
		try (MemoryMapping mapping = MemoryMapping.anonymous(this.kernel, length, false, ACTION)) {
			ByteBuffer buffer = mapping.buffer();
			assertThat(buffer.isDirect()).isTrue();
			assertThat(buffer.order()).isEqualTo(ByteOrder.nativeOrder());
			assertThat(buffer.capacity()).isEqualTo(length);
			assertThat(buffer.getLong(length - 8)).isZero();
			buffer.putLong(length - 8, 42);
			assertThat(this.kernel.view(mapping.address() + length - 8, 8).getLong(0)).isEqualTo(42);
			assertThat(mapping.address() % this.kernel.pageSize()).isZero();
			assertThat(mapping.length()).isEqualTo(length);
		}
	}

	@Test
	void aRingOfASocketIsShared() {
		try (FileDescriptor socket = FileDescriptor.own(this.kernel,
				this.kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0))) {
			int entries = 64;
			assertThat(this.kernel.setsockopt(socket.value(), LinuxSocket.SOL_XDP, LinuxIfXdp.XDP_RX_RING,
					this.kernel.allocate(4).putInt(0, entries)))
				.isZero();
			NativeMemory offsets = this.kernel.allocate(LinuxIfXdp.XDP_MMAP_OFFSETS_SIZE);
			assertThat(
					this.kernel.getsockopt(socket.value(), LinuxSocket.SOL_XDP, LinuxIfXdp.XDP_MMAP_OFFSETS, offsets))
				.isEqualTo(LinuxIfXdp.XDP_MMAP_OFFSETS_SIZE);
			long length = offsets.getLong(LinuxIfXdp.XDP_MMAP_OFFSETS_RX + LinuxIfXdp.XDP_RING_OFFSET_DESC)
					+ (long) entries * LinuxIfXdp.XDP_DESC_SIZE;
			try (MemoryMapping ring = MemoryMapping.shared(this.kernel, socket.value(), LinuxIfXdp.XDP_PGOFF_RX_RING,
					length, ACTION)) {
				assertThat(OpenResources.snapshot().count("mapped socket")).isEqualTo(1);
				assertThat(ring.buffer().capacity()).isEqualTo((int) length);
			}
			assertThatExceptionOfType(XskSystemException.class)
				.isThrownBy(() -> MemoryMapping.shared(this.kernel, socket.value(), LinuxIfXdp.XDP_PGOFF_TX_RING,
						length, ACTION))
				.withMessageContaining("fd=%d, offset=0x80000000", socket.value())
				.withMessageContaining("EINVAL");
		}
	}

	@Test
	void hugePagesAreTakenFromThoseThatTheSystemHasReserved() {
		HugePages reserved = HugePages.reserve(1);
		try (reserved; MemoryMapping mapping = MemoryMapping.anonymous(this.kernel, HUGE_PAGE_SIZE, true, ACTION)) {
			mapping.buffer().putInt(HUGE_PAGE_SIZE - 4, 42);
			assertThat(mapping.address() % HUGE_PAGE_SIZE).isZero();
			assertThat(OpenResources.snapshot().count("mapped huge pages")).isEqualTo(1);
		}
	}

	@Test
	void moreHugePagesThanTheSystemHasReservedAreRefused() {
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> MemoryMapping.anonymous(this.kernel, TOO_LARGE, true, ACTION))
			.withMessageStartingWith("mmap(length=%d, flags=0x", TOO_LARGE)
			.withMessageContaining("failed with errno 12 (ENOMEM): the memory cannot be mapped.")
			.withMessageEndingWith(ACTION);
	}

	@Test
	void everyErrorOfTheKernelIsAnException() {
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> MemoryMapping.anonymous(this.kernel, 0, false, ACTION))
			.satisfies((ex) -> assertThat(ex.getErrno()).isEqualTo(Errno.EINVAL));
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> MemoryMapping.shared(this.kernel, -1, 0, 4096, ACTION))
			.satisfies((ex) -> assertThat(ex.getErrno()).isEqualTo(Errno.EBADF));
	}

	@Test
	void itIsUnmappedOnceAndThenOutOfUse() {
		MemoryMapping mapping = MemoryMapping.anonymous(this.kernel, this.kernel.pageSize(), false, ACTION);
		mapping.close();
		mapping.close();
		assertThat(this.kernel.releases()).containsExactly("munmap");
		assertThatIllegalStateException().isThrownBy(mapping::address).withMessageContaining("is unmapped");
		assertThatIllegalStateException().isThrownBy(mapping::buffer).withMessageContaining("is unmapped");
	}

	@Test
	void aRefusedUnmapIsReported() {
		MemoryMapping mapping = MemoryMapping.anonymous(this.kernel, this.kernel.pageSize(), false, ACTION);
		this.kernel.failing("munmap", Errno.EINVAL);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(mapping::close)
			.withMessageContaining("munmap(address=0x")
			.withMessageContaining("report this as a bug");
	}

}
