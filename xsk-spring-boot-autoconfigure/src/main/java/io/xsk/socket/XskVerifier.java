package io.xsk.socket;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.MemoryMapping;
import io.xsk.kernel.NativeMemory;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a socket that the kernel would take into an XSKMAP and then send packets to
 * that are lost without a trace: one that is unbound, bound to another interface or queue
 * than it says, that has no RX ring, or whose fill ring was never filled.
 * <p>
 * A descriptor from elsewhere is asked by the kernel itself: a second socket, made for
 * the purpose and closed at once, tries to share the UMEM of the first on the interface
 * and queue that it says to have, which the kernel allows only if that is true. This
 * needs CAP_NET_RAW, receives nothing and changes nothing. Where the thread lacks it, the
 * kernel still tells whether the socket is bound at all, and which rings it has; whether
 * it is bound to the interface and queue that it says then stays unchecked.
 * <p>
 * Thread-safe. Linux 5.4 or later.
 *
 * @since 0.1.0
 */
public final class XskVerifier {

	private static final String REFILL = "Put free frames into its fill ring before you activate it.";

	/** The smallest ring: the second socket never receives. */
	private static final int SCRATCH_RING_SIZE = 2;

	private final Kernel kernel;

	/**
	 * Create a verifier.
	 * @param kernel the kernel to ask
	 */
	public XskVerifier(Kernel kernel) {
		this.kernel = kernel;
	}

	/**
	 * Refuse a socket that is not ready to receive.
	 * @param xsk the socket
	 * @throws XskNotReadyException when packets for it would be lost; says why, and what
	 * to do
	 * @throws XskSystemException when the kernel does not answer
	 */
	public void verify(Xsk xsk) {
		if (xsk instanceof XdpSocket socket) {
			// bound and filled when it was opened, and its frames are in flight ever
			// since
			verifyOwn(socket);
		}
		else {
			verifyFamily(xsk);
			verifyBound(xsk);
			verifyRings(xsk);
		}
	}

	private static void verifyOwn(XdpSocket socket) {
		if (!socket.isOpen()) {
			throw new XskNotReadyException(
					"The XDP socket of queue %d of '%s' is closed.".formatted(socket.queueId(), socket.interfaceName()),
					"Open a new one.");
		}
		if (!socket.config().direction().receives()) {
			throw new XskNotReadyException("%s only sends.".formatted(describe(socket)),
					"Set its direction to both or receive, or do not activate it.");
		}
		if (!socket.isAlive()) {
			throw gone(socket);
		}
	}

	private void verifyFamily(Xsk xsk) {
		NativeMemory domain = this.kernel.allocate(Integer.BYTES);
		int result = this.kernel.getsockopt(xsk.fd(), LinuxSocket.SOL_SOCKET, LinuxSocket.SO_DOMAIN, domain);
		if (result == -Errno.EBADF) {
			throw new XskNotReadyException("%s: the descriptor is not open in this process.".formatted(describe(xsk)),
					"Pass the descriptor of an open XDP socket, and keep it open as long as it is activated.");
		}
		if (result == -Errno.ENOTSOCK) {
			throw noXsk(xsk, "the descriptor is not a socket");
		}
		if (result < 0) {
			throw failure("getsockopt SO_DOMAIN", xsk, result);
		}
		if (domain.getInt(0) != LinuxSocket.AF_XDP) {
			throw noXsk(xsk, "the descriptor is a socket of address family %d".formatted(domain.getInt(0)));
		}
	}

	private void verifyBound(Xsk xsk) {
		if (xsk.queueId() < 0 || xsk.queueId() > Xsk.MAX_QUEUE_ID) {
			throw new XskNotReadyException("%s: no socket can be bound to that queue.".formatted(describe(xsk)),
					"A queue id is from 0 to %d.".formatted(Xsk.MAX_QUEUE_ID));
		}
		int fd = this.kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0);
		if (fd == -Errno.EPERM) {
			verifyBoundWithoutRights(xsk);
			return;
		}
		if (fd < 0) {
			throw SocketErrors.socket(-fd);
		}
		try (FileDescriptor scratch = FileDescriptor.own(this.kernel, fd)) {
			NativeMemory entries = this.kernel.allocate(Integer.BYTES).putInt(0, SCRATCH_RING_SIZE);
			int result = this.kernel.setsockopt(scratch.value(), LinuxSocket.SOL_XDP, LinuxIfXdp.XDP_RX_RING, entries);
			if (result < 0) {
				throw SocketErrors.ring("XDP_RX_RING", SCRATCH_RING_SIZE, -result);
			}
			judge(xsk, this.kernel.bind(scratch.value(), sharing(xsk)));
		}
	}

	private NativeMemory sharing(Xsk xsk) {
		return this.kernel.allocate(LinuxIfXdp.SOCKADDR_XDP_SIZE)
			.putShort(LinuxIfXdp.SOCKADDR_XDP_FAMILY, LinuxSocket.AF_XDP)
			.putShort(LinuxIfXdp.SOCKADDR_XDP_FLAGS, LinuxIfXdp.XDP_SHARED_UMEM)
			.putInt(LinuxIfXdp.SOCKADDR_XDP_IFINDEX, xsk.interfaceIndex())
			.putInt(LinuxIfXdp.SOCKADDR_XDP_QUEUE_ID, xsk.queueId())
			.putInt(LinuxIfXdp.SOCKADDR_XDP_SHARED_UMEM_FD, xsk.fd());
	}

	private static void judge(Xsk xsk, int result) {
		switch (-result) {
			case 0 -> {
			}
			case Errno.EBADF -> throw unbound(xsk);
			case Errno.EINVAL -> throw new XskNotReadyException(
					"%s: it is bound to another interface or queue.".formatted(describe(xsk)),
					"Activate it with the interface index and the queue id that it was bound to.");
			case Errno.ENODEV -> throw gone(xsk);
			case Errno.ENOPROTOOPT, Errno.ENOTSOCK -> throw noXsk(xsk, "the kernel takes it for something else");
			default -> throw failure("bind XDP_SHARED_UMEM", xsk, result);
		}
	}

	private void verifyBoundWithoutRights(Xsk xsk) {
		if (this.kernel.recvfrom(xsk.fd(), null, LinuxSocket.MSG_DONTWAIT) == -Errno.ENXIO) {
			throw unbound(xsk);
		}
	}

	private void verifyRings(Xsk xsk) {
		NativeMemory offsets = new XdpOptions(this.kernel, xsk.fd()).mmapOffsets();
		RingOffsets rx = RingOffsets.read(offsets, LinuxIfXdp.XDP_MMAP_OFFSETS_RX);
		try (MemoryMapping ring = map(xsk, LinuxIfXdp.XDP_PGOFF_RX_RING, rx.length(1, LinuxIfXdp.XDP_DESC_SIZE))) {
			if (ring == null) {
				throw new XskNotReadyException("%s has no RX ring.".formatted(describe(xsk)),
						"Make one before you bind it (setsockopt XDP_RX_RING), or do not activate it.");
			}
		}
		RingOffsets fill = RingOffsets.read(offsets, LinuxIfXdp.XDP_MMAP_OFFSETS_FILL);
		try (MemoryMapping ring = map(xsk, LinuxIfXdp.XDP_UMEM_PGOFF_FILL_RING,
				fill.length(1, LinuxIfXdp.UMEM_ADDR_SIZE))) {
			if (ring == null) {
				throw new XskNotReadyException("%s has no fill ring.".formatted(describe(xsk)), REFILL);
			}
			ProducerRing indices = new ProducerRing(ring.buffer(), fill, 1, LinuxIfXdp.UMEM_ADDR_SIZE);
			// A live socket may have an empty fill ring for a moment, its frames being
			// under way. One
			// that was never filled has both indices at 0, to which they return after
			// 2^32 frames only.
			if (indices.producerIndex() == 0 && indices.consumerIndex() == 0) {
				throw new XskNotReadyException("%s: its fill ring was never filled.".formatted(describe(xsk)), REFILL);
			}
		}
	}

	/** Map the start of a ring, {@code null} where the socket has none. */
	private @Nullable MemoryMapping map(Xsk xsk, long offset, long length) {
		try {
			return MemoryMapping.shared(this.kernel, xsk.fd(), offset, length, SocketErrors.MEMORY);
		}
		catch (XskSystemException ex) {
			if (ex.getErrno() == Errno.EINVAL) {
				return null;
			}
			throw ex;
		}
	}

	private static XskNotReadyException unbound(Xsk xsk) {
		return new XskNotReadyException("%s: it is not bound, or its interface is gone.".formatted(describe(xsk)),
				"Bind it to its queue before you activate it; when its interface was deleted, close it and open a new one.");
	}

	private static XskNotReadyException gone(Xsk xsk) {
		return new XskNotReadyException("%s: its interface is gone.".formatted(describe(xsk)),
				"Close it, and open a new one when the interface is back (ip link show).");
	}

	private static XskNotReadyException noXsk(Xsk xsk, String what) {
		return new XskNotReadyException("%s: %s, not an XDP socket.".formatted(describe(xsk), what),
				"Pass the descriptor of an XDP socket: socket(AF_XDP, SOCK_RAW, 0).");
	}

	private static XskSystemException failure(String call, Xsk xsk, int result) {
		return SocketErrors.failure(call,
				"fd=%d, ifindex=%d, queue=%d".formatted(xsk.fd(), xsk.interfaceIndex(), xsk.queueId()), -result,
				"the kernel does not tell whether the socket is ready.",
				"See the kernel's log (dmesg) and whether a seccomp filter forbids the call.");
	}

	private static String describe(Xsk xsk) {
		return "The XDP socket with descriptor %d for queue %d of interface %d".formatted(xsk.fd(), xsk.queueId(),
				xsk.interfaceIndex());
	}

}
