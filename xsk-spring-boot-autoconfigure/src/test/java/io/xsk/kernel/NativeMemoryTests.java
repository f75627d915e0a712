package io.xsk.kernel;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.KernelTest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link NativeMemory}.
 */
@KernelTest
class NativeMemoryTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final Kernel kernel = JnaKernel.load();

	@Test
	void newMemoryIsZeroedAndOfTheGivenSize() {
		NativeMemory memory = this.kernel.allocate(100);
		byte[] bytes = new byte[100];
		memory.buffer().get(bytes);
		assertThat(bytes).containsOnly(0);
		assertThat(memory.size()).isEqualTo(100);
		assertThat(memory.address()).isPositive();
	}

	@Test
	void whatIsPutIsReadInNativeOrder() {
		NativeMemory memory = this.kernel.allocate(32)
			.putByte(0, 0xfe)
			.putShort(2, 0xfedc)
			.putInt(4, 0xfedcba98)
			.putLong(8, 0xfedcba9876543210L)
			.putBytes(16, new byte[] { 1, 2, 3 });
		assertThat(memory.getByte(0)).isEqualTo(0xfe);
		assertThat(memory.getShort(2)).isEqualTo(0xfedc);
		assertThat(memory.getInt(4)).isEqualTo(0xfedcba98);
		assertThat(memory.getLong(8)).isEqualTo(0xfedcba9876543210L);
		ByteBuffer buffer = memory.buffer();
		assertThat(buffer.order()).isEqualTo(ByteOrder.nativeOrder());
		assertThat(buffer.isDirect()).isTrue();
		assertThat(buffer.getLong(8)).isEqualTo(0xfedcba9876543210L);
		assertThat(memory.getInt(16) & 0xffffff)
			.isEqualTo((ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) ? 0x030201 : 0x010203);
	}

	@Test
	void theKernelSeesTheMemoryAtItsAddress() {
		NativeMemory memory = this.kernel.allocate(16).putLong(8, 42);
		assertThat(this.kernel.view(memory.address() + 8, 8).getLong(0)).isEqualTo(42);
		Reference.reachabilityFence(memory);
	}

	@Test
	void eachBufferHasAPositionOfItsOwn() {
		NativeMemory memory = this.kernel.allocate(16);
		memory.buffer().putLong(1);
		assertThat(memory.buffer().position()).isZero();
		assertThat(memory.buffer().remaining()).isEqualTo(16);
	}

	@Test
	void aNameIsCutWhereItIsTooLongAndEndsWithAZero() {
		NativeMemory memory = this.kernel.allocate(16).putLong(0, -1).putLong(8, -1);
		memory.putName(0, "eth0", 8);
		assertThat(memory.getName(0, 8)).isEqualTo("eth0");
		memory.putName(0, "12345678", 8);
		assertThat(memory.getName(0, 8)).isEqualTo("1234567");
		assertThat(memory.getByte(8)).isEqualTo(0xff);
		memory.putBytes(0, "abcdefgh".getBytes(StandardCharsets.US_ASCII));
		assertThat(memory.getName(0, 8)).isEqualTo("abcdefgh");
	}

	@Test
	void nothingIsWrittenPastTheEnd() {
		NativeMemory memory = this.kernel.allocate(8);
		assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> memory.putInt(5, 1));
		assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> memory.putLong(-1, 1));
		assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> memory.putName(0, "12345678", 16));
		assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> memory.getLong(1));
	}

	@Test
	void memoryIsKeptWhileOtherMemoryHoldsItsAddress() {
		NativeMemory holder = this.kernel.allocate(16);
		WeakReference<NativeMemory> first = referent(holder, 0);
		WeakReference<NativeMemory> second = referent(holder, 8);
		collect();
		assertThat(first.get()).isNotNull();
		assertThat(second.get()).isNotNull();
		assertThat(this.kernel.view(holder.getLong(0), 8).getLong(0)).isEqualTo(42);
		// another address in its place, and it may go; the other one stays
		referent(holder, 0);
		Awaitility.await().atMost(TIMEOUT).until(() -> {
			collect();
			return first.get() == null;
		});
		assertThat(second.get()).isNotNull();
		Reference.reachabilityFence(holder);
	}

	@Test
	void memoryIsFreedWithTheMemoryThatHeldItsAddress() {
		WeakReference<NativeMemory> referent = referent(this.kernel.allocate(8), 0);
		Awaitility.await().atMost(TIMEOUT).until(() -> {
			collect();
			return referent.get() == null;
		});
	}

	@Test
	void callsReadTheirMemoryWhileTheCollectorRuns() {
		for (int i = 0; i < 20; i++) {
			NativeMemory attributes = mapAttributes("xsk_gc_" + i);
			collect();
			try (FileDescriptor map = FileDescriptor.own(this.kernel,
					this.kernel.bpf(LinuxBpf.BPF_MAP_CREATE, attributes))) {
				NativeMemory request = infoRequest(map);
				collect();
				assertThat(this.kernel.bpf(LinuxBpf.BPF_OBJ_GET_INFO_BY_FD, request)).isZero();
				String name = new String(bytes(request.getLong(LinuxBpf.INFO_ADDRESS) + LinuxBpf.MAP_INFO_NAME),
						StandardCharsets.US_ASCII);
				assertThat(name).startsWith("xsk_gc_" + i + "\0");
				Reference.reachabilityFence(request);
			}
		}
	}

	private NativeMemory mapAttributes(String name) {
		return this.kernel.allocate(LinuxBpf.BPF_ATTR_SIZE)
			.putInt(LinuxBpf.MAP_CREATE_TYPE, LinuxBpf.BPF_MAP_TYPE_XSKMAP)
			.putInt(LinuxBpf.MAP_CREATE_KEY_SIZE, 4)
			.putInt(LinuxBpf.MAP_CREATE_VALUE_SIZE, 4)
			.putInt(LinuxBpf.MAP_CREATE_MAX_ENTRIES, 4)
			.putName(LinuxBpf.MAP_CREATE_NAME, name, LinuxBpf.BPF_OBJ_NAME_LEN);
	}

	/** Only its address refers to the memory for the answer. */
	private NativeMemory infoRequest(FileDescriptor map) {
		return this.kernel.allocate(LinuxBpf.BPF_ATTR_SIZE)
			.putInt(LinuxBpf.INFO_FD, map.value())
			.putInt(LinuxBpf.INFO_LEN, LinuxBpf.MAP_INFO_SIZE)
			.putAddress(LinuxBpf.INFO_ADDRESS, this.kernel.allocate(LinuxBpf.MAP_INFO_SIZE));
	}

	private byte[] bytes(long address) {
		byte[] bytes = new byte[LinuxBpf.BPF_OBJ_NAME_LEN];
		this.kernel.view(address, bytes.length).get(bytes);
		return bytes;
	}

	private WeakReference<NativeMemory> referent(NativeMemory holder, int offset) {
		NativeMemory referent = this.kernel.allocate(8).putLong(0, 42);
		holder.putAddress(offset, referent);
		return new WeakReference<>(referent);
	}

	/** Collect, and write over whatever was freed. */
	private void collect() {
		System.gc();
		for (int i = 0; i < 50; i++) {
			this.kernel.allocate(128).putLong(0, -1).putLong(64, -1);
		}
	}

}
