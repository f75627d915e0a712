package io.xsk.socket;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.MemoryMapping;
import io.xsk.kernel.NativeMemory;
import io.xsk.kernel.NetworkInterface;
import org.jspecify.annotations.Nullable;

/**
 * Opens an XDP socket, step by step, and gives everything back when a step fails.
 */
final class SocketOpener {

	/** How many packets the kernel sends a call in copy mode, unless it is told. */
	private static final int DEFAULT_BUDGET = 32;

	private final Kernel kernel;

	private final NetworkInterface networkInterface;

	private final int queueId;

	private final XdpSocketConfig config;

	private final SocketResources resources = new SocketResources();

	SocketOpener(Kernel kernel, NetworkInterface networkInterface, int queueId, XdpSocketConfig config) {
		this.kernel = kernel;
		this.networkInterface = networkInterface;
		this.queueId = queueId;
		this.config = config;
	}

	OpenSocket open() {
		validate();
		try {
			return build();
		}
		catch (RuntimeException | Error ex) {
			this.resources.closeAfter(ex);
			throw ex;
		}
	}

	private void validate() {
		List<Violation> violations = new ArrayList<>(this.config.violations(this.kernel.pageSize()));
		int queues = Math.min(this.networkInterface.queues(), Xsk.MAX_QUEUE_ID + 1);
		if (this.queueId < 0 || this.queueId >= queues) {
			violations.add(0, new Violation("queue", this.queueId, (queues == 1)
					? "'%s' has one RX queue, queue 0".formatted(this.networkInterface.name())
					: "'%s' has %d RX queues, 0 to %d".formatted(this.networkInterface.name(), queues, queues - 1)));
		}
		if (!violations.isEmpty()) {
			throw new IllegalArgumentException(violations.stream()
				.map(Violation::toString)
				.collect(Collectors.joining("; ",
						"An XDP socket on '%s' cannot be opened like this: ".formatted(this.networkInterface.name()),
						"")));
		}
	}

	private OpenSocket build() {
		int fd = socket();
		Umem umem = umem(fd);
		setRing(fd, LinuxIfXdp.XDP_UMEM_FILL_RING, "XDP_UMEM_FILL_RING", this.config.fillRingSize());
		setRing(fd, LinuxIfXdp.XDP_UMEM_COMPLETION_RING, "XDP_UMEM_COMPLETION_RING", this.config.completionRingSize());
		if (this.config.direction().receives()) {
			setRing(fd, LinuxIfXdp.XDP_RX_RING, "XDP_RX_RING", this.config.rxRingSize());
		}
		if (this.config.direction().sends()) {
			setRing(fd, LinuxIfXdp.XDP_TX_RING, "XDP_TX_RING", this.config.txRingSize());
			setBudget(fd);
		}
		Rings rings = mapRings(fd);
		ConsumerWakeUp wakeUp = this.config.direction().receives() ? wakeUp(fd) : null;
		fill(rings.fill(), umem);
		String fallback = new SocketBinder(this.kernel, this.networkInterface, this.queueId, this.config).bind(fd);
		boolean zeroCopy = new XdpOptions(this.kernel, fd).isZeroCopy();
		return new OpenSocket(this.resources, fd, umem, rings, wakeUp, zeroCopy, fallback);
	}

	private ConsumerWakeUp wakeUp(int fd) {
		FileDescriptor counter = FileDescriptor.own(this.kernel, ConsumerWakeUp.counter(this.kernel));
		return new ConsumerWakeUp(this.kernel, fd, this.resources.counter(counter).value());
	}

	private int socket() {
		int result = this.kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0);
		if (result < 0) {
			throw SocketErrors.socket(-result);
		}
		return this.resources.descriptor(FileDescriptor.own(this.kernel, result)).value();
	}

	private Umem umem(int fd) {
		MemoryMapping mapping = this.resources.umem(MemoryMapping.anonymous(this.kernel, this.config.umemBytes(),
				this.config.hugePages(), SocketErrors.mapUmemAction(this.config)));
		Umem umem = new Umem(mapping.buffer(), this.config);
		NativeMemory registration = this.kernel.allocate(LinuxIfXdp.XDP_UMEM_REG_SIZE)
			.putLong(LinuxIfXdp.XDP_UMEM_REG_ADDR, mapping.address())
			.putLong(LinuxIfXdp.XDP_UMEM_REG_LEN, umem.address(umem.frameCount()))
			.putInt(LinuxIfXdp.XDP_UMEM_REG_CHUNK_SIZE, this.config.frameSize())
			.putInt(LinuxIfXdp.XDP_UMEM_REG_HEADROOM, this.config.headroom());
		int result = this.kernel.setsockopt(fd, LinuxSocket.SOL_XDP, LinuxIfXdp.XDP_UMEM_REG, registration);
		if (result < 0) {
			throw SocketErrors.umem(-result, this.config);
		}
		return umem;
	}

	private void setRing(int fd, int option, String name, int entries) {
		NativeMemory value = this.kernel.allocate(Integer.BYTES).putInt(0, entries);
		int result = this.kernel.setsockopt(fd, LinuxSocket.SOL_XDP, option, value);
		if (result < 0) {
			throw SocketErrors.ring(name, entries, -result);
		}
	}

	/** One call sends whatever there is, where the kernel knows that. */
	private void setBudget(int fd) {
		if (this.config.txRingSize() <= DEFAULT_BUDGET) {
			return;
		}
		NativeMemory value = this.kernel.allocate(Integer.BYTES).putInt(0, this.config.txRingSize());
		int result = this.kernel.setsockopt(fd, LinuxSocket.SOL_XDP, LinuxIfXdp.XDP_MAX_TX_SKB_BUDGET, value);
		if (result < 0 && result != -Errno.ENOPROTOOPT) {
			throw SocketErrors.failure("setsockopt XDP_MAX_TX_SKB_BUDGET", "budget=" + this.config.txRingSize(),
					-result, "the kernel does not accept how many packets one call is to send.", SocketErrors.BUG);
		}
	}

	private Rings mapRings(int fd) {
		NativeMemory offsets = new XdpOptions(this.kernel, fd).mmapOffsets();
		ProducerRing fill = producer(fd, RingOffsets.read(offsets, LinuxIfXdp.XDP_MMAP_OFFSETS_FILL),
				LinuxIfXdp.XDP_UMEM_PGOFF_FILL_RING, this.config.fillRingSize(), LinuxIfXdp.UMEM_ADDR_SIZE);
		ConsumerRing completion = consumer(fd, RingOffsets.read(offsets, LinuxIfXdp.XDP_MMAP_OFFSETS_COMPLETION),
				LinuxIfXdp.XDP_UMEM_PGOFF_COMPLETION_RING, this.config.completionRingSize(), LinuxIfXdp.UMEM_ADDR_SIZE);
		ConsumerRing rx = this.config.direction().receives()
				? consumer(fd, RingOffsets.read(offsets, LinuxIfXdp.XDP_MMAP_OFFSETS_RX), LinuxIfXdp.XDP_PGOFF_RX_RING,
						this.config.rxRingSize(), LinuxIfXdp.XDP_DESC_SIZE)
				: null;
		ProducerRing tx = this.config.direction().sends()
				? producer(fd, RingOffsets.read(offsets, LinuxIfXdp.XDP_MMAP_OFFSETS_TX), LinuxIfXdp.XDP_PGOFF_TX_RING,
						this.config.txRingSize(), LinuxIfXdp.XDP_DESC_SIZE)
				: null;
		return new Rings(rx, tx, fill, completion);
	}

	private ProducerRing producer(int fd, RingOffsets offsets, long pageOffset, int size, int entrySize) {
		return new ProducerRing(mapRing(fd, pageOffset, offsets.length(size, entrySize)).buffer(), offsets, size,
				entrySize);
	}

	private ConsumerRing consumer(int fd, RingOffsets offsets, long pageOffset, int size, int entrySize) {
		return new ConsumerRing(mapRing(fd, pageOffset, offsets.length(size, entrySize)).buffer(), offsets, size,
				entrySize);
	}

	private MemoryMapping mapRing(int fd, long pageOffset, long length) {
		return this.resources.ring(MemoryMapping.shared(this.kernel, fd, pageOffset, length, SocketErrors.MEMORY));
	}

	/**
	 * Put the first frames into the fill ring, before bind: a driver with zero-copy takes
	 * buffers when it sets up the queue, and an activated socket must never have none.
	 */
	private void fill(ProducerRing fill, Umem umem) {
		for (int frame = 0; frame < this.config.fillFrames(); frame++) {
			fill.add(umem.address(frame));
		}
		fill.publish();
	}

	/** A socket that is open and bound. */
	record OpenSocket(SocketResources resources, int fd, Umem umem, Rings rings, @Nullable ConsumerWakeUp wakeUp,
			boolean zeroCopy, @Nullable String zeroCopyFallback) {
	}

}
