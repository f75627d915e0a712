package io.xsk.bpf;

import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.MemoryMapping;
import io.xsk.kernel.NativeMemory;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.Commands;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what the life of an interface does to the slots of an {@link XskMap}:
 * nothing.
 */
@KernelTest
class XskMapInterfaceTests {

	private static final int RING_ENTRIES = 4;

	private static final int FRAME_SIZE = 4096;

	private final JnaKernel kernel = JnaKernel.load();

	private final OpenResources before = OpenResources.snapshot();

	private final VethPair pair = VethPair.create();

	private final FileDescriptor socket = new TestRun(this.kernel).xsk();

	private final MemoryMapping frames = MemoryMapping.anonymous(this.kernel, RING_ENTRIES * FRAME_SIZE, false, "");

	private final XskMap map = XskMap.create(this.kernel, "bound_tests", 2);

	private final SlotProbe probe = SlotProbe.load(this.kernel, this.map);

	@BeforeEach
	void bindAndActivate() {
		option(LinuxIfXdp.XDP_UMEM_REG,
				this.kernel.allocate(LinuxIfXdp.XDP_UMEM_REG_SIZE)
					.putLong(LinuxIfXdp.XDP_UMEM_REG_ADDR, this.frames.address())
					.putLong(LinuxIfXdp.XDP_UMEM_REG_LEN, this.frames.length())
					.putInt(LinuxIfXdp.XDP_UMEM_REG_CHUNK_SIZE, FRAME_SIZE));
		for (int ring : new int[] { LinuxIfXdp.XDP_UMEM_FILL_RING, LinuxIfXdp.XDP_UMEM_COMPLETION_RING,
				LinuxIfXdp.XDP_RX_RING }) {
			option(ring, this.kernel.allocate(Integer.BYTES).putInt(0, RING_ENTRIES));
		}
		NativeMemory address = this.kernel.allocate(LinuxIfXdp.SOCKADDR_XDP_SIZE)
			.putShort(LinuxIfXdp.SOCKADDR_XDP_FAMILY, LinuxSocket.AF_XDP)
			.putInt(LinuxIfXdp.SOCKADDR_XDP_IFINDEX, this.pair.index());
		assertThat(this.kernel.bind(this.socket.value(), address)).isZero();
		this.map.update(0, this.socket.value(), UpdateMode.ANY);
	}

	@AfterEach
	void close() {
		this.probe.close();
		this.map.close();
		this.socket.close();
		this.frames.close();
		this.pair.close();
		this.before.assertUnchanged();
	}

	@Test
	void aSlotOutlivesItsInterface() {
		this.pair.delete();
		assertThat(this.pair.exists()).isFalse();
		assertThat(this.probe.isOccupied(0)).isTrue();
		assertThat(this.map.putIfAbsent(0, this.socket.value())).isTrue();
	}

	@Test
	void aSlotStaysWhileItsInterfaceIsDown() {
		Commands.run("ip", "link", "set", this.pair.name(), "down");
		assertThat(this.probe.isOccupied(0)).isTrue();
		Commands.run("ip", "link", "set", this.pair.name(), "up");
		assertThat(this.probe.isOccupied(0)).isTrue();
	}

	@Test
	void theKernelTakesASocketIntoTheSlotOfAnotherQueue() {
		this.map.update(1, this.socket.value(), UpdateMode.NO_EXIST);
		assertThat(this.probe.isOccupied(1)).isTrue();
	}

	@Test
	void aClosedSocketLeavesItsSlot() {
		this.socket.close();
		assertThat(this.probe.isOccupied(0)).isFalse();
	}

	private void option(int option, NativeMemory value) {
		assertThat(this.kernel.setsockopt(this.socket.value(), LinuxSocket.SOL_XDP, option, value)).isZero();
	}

}
