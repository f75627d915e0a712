package io.xsk.socket;

import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.MemoryMapping;
import io.xsk.kernel.NativeMemory;
import org.jspecify.annotations.Nullable;

/**
 * Somebody else's XDP socket: made by hand, and wrong where a test wants it.
 */
final class RawXsk implements Xsk, AutoCloseable {

	private static final int FRAMES = 64;

	private static final int FRAME_SIZE = 2048;

	private final Kernel kernel;

	private final FileDescriptor descriptor;

	private final int interfaceIndex;

	private final int queueId;

	private @Nullable MemoryMapping umem;

	private @Nullable MemoryMapping fill;

	RawXsk(Kernel kernel, int interfaceIndex, int queueId) {
		this.kernel = kernel;
		this.interfaceIndex = interfaceIndex;
		this.queueId = queueId;
		this.descriptor = FileDescriptor.own(kernel,
				check(kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0)));
	}

	RawXsk ring(int option) {
		return option(option, this.kernel.allocate(Integer.BYTES).putInt(0, FRAMES));
	}

	RawXsk umem() {
		this.umem = MemoryMapping.anonymous(this.kernel, FRAMES * FRAME_SIZE, false, "");
		return option(LinuxIfXdp.XDP_UMEM_REG,
				this.kernel.allocate(LinuxIfXdp.XDP_UMEM_REG_SIZE)
					.putLong(LinuxIfXdp.XDP_UMEM_REG_ADDR, this.umem.address())
					.putLong(LinuxIfXdp.XDP_UMEM_REG_LEN, this.umem.length())
					.putInt(LinuxIfXdp.XDP_UMEM_REG_CHUNK_SIZE, FRAME_SIZE));
	}

	/** The UMEM with its two rings and an RX ring. */
	RawXsk complete() {
		return umem().ring(LinuxIfXdp.XDP_UMEM_FILL_RING)
			.ring(LinuxIfXdp.XDP_UMEM_COMPLETION_RING)
			.ring(LinuxIfXdp.XDP_RX_RING);
	}

	RawXsk fill() {
		NativeMemory offsets = new XdpOptions(this.kernel, fd()).mmapOffsets();
		RingOffsets places = RingOffsets.read(offsets, LinuxIfXdp.XDP_MMAP_OFFSETS_FILL);
		this.fill = MemoryMapping.shared(this.kernel, fd(), LinuxIfXdp.XDP_UMEM_PGOFF_FILL_RING,
				places.length(FRAMES, LinuxIfXdp.UMEM_ADDR_SIZE), "");
		ProducerRing ring = new ProducerRing(this.fill.buffer(), places, FRAMES, LinuxIfXdp.UMEM_ADDR_SIZE);
		for (int frame = 0; frame < FRAMES; frame++) {
			ring.add((long) frame * FRAME_SIZE);
		}
		ring.publish();
		return this;
	}

	RawXsk bind() {
		return bind(LinuxIfXdp.XDP_COPY, 0);
	}

	RawXsk share(Xsk other) {
		return bind(LinuxIfXdp.XDP_SHARED_UMEM, other.fd());
	}

	private RawXsk bind(int flags, int sharedFd) {
		NativeMemory address = this.kernel.allocate(LinuxIfXdp.SOCKADDR_XDP_SIZE)
			.putShort(LinuxIfXdp.SOCKADDR_XDP_FAMILY, LinuxSocket.AF_XDP)
			.putShort(LinuxIfXdp.SOCKADDR_XDP_FLAGS, flags)
			.putInt(LinuxIfXdp.SOCKADDR_XDP_IFINDEX, this.interfaceIndex)
			.putInt(LinuxIfXdp.SOCKADDR_XDP_QUEUE_ID, this.queueId)
			.putInt(LinuxIfXdp.SOCKADDR_XDP_SHARED_UMEM_FD, sharedFd);
		check(this.kernel.bind(fd(), address));
		return this;
	}

	private RawXsk option(int option, NativeMemory value) {
		check(this.kernel.setsockopt(fd(), LinuxSocket.SOL_XDP, option, value));
		return this;
	}

	private static int check(int result) {
		if (result < 0) {
			throw new IllegalStateException(Errno.symbol(-result));
		}
		return result;
	}

	@Override
	public int interfaceIndex() {
		return this.interfaceIndex;
	}

	@Override
	public int queueId() {
		return this.queueId;
	}

	@Override
	public int fd() {
		return this.descriptor.value();
	}

	@Override
	public void close() {
		if (this.fill != null) {
			this.fill.close();
		}
		this.descriptor.close();
		if (this.umem != null) {
			this.umem.close();
		}
	}

}
