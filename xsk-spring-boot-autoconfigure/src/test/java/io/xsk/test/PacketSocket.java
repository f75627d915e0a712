package io.xsk.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;

/**
 * Sends and captures whole frames at one interface, as {@code packet(7)} does. Captures
 * what arrives there, not what leaves. The kernel takes a VLAN tag off the captured
 * bytes.
 *
 * @since 0.1.0
 */
public final class PacketSocket implements AutoCloseable {

	private static final int AF_PACKET = 17;

	private static final int SOL_PACKET = 263;

	private static final int PACKET_IGNORE_OUTGOING = 23;

	/** ETH_P_ALL in network order. */
	private static final int ETH_P_ALL = 0x0300;

	private static final int SOCKADDR_LL_SIZE = 20;

	private static final int MAX_FRAME = 64 * 1024;

	private final Kernel kernel;

	private final FileDescriptor socket;

	private final NativeMemory pollfd;

	private final NativeMemory received;

	private PacketSocket(Kernel kernel, FileDescriptor socket) {
		this.kernel = kernel;
		this.socket = socket;
		this.received = kernel.allocate(MAX_FRAME);
		this.pollfd = kernel.allocate(LinuxSocket.POLLFD_SIZE)
			.putInt(LinuxSocket.POLLFD_FD, socket.value())
			.putShort(LinuxSocket.POLLFD_EVENTS, LinuxSocket.POLLIN);
	}

	/** Must run in the namespace of the interface. */
	static PacketSocket open(Kernel kernel, int interfaceIndex, boolean capture) {
		int protocol = capture ? ETH_P_ALL : 0;
		// no protocol yet: nothing of other interfaces may arrive before the bind
		FileDescriptor socket = FileDescriptor.own(kernel,
				check(kernel.socket(AF_PACKET, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0), "socket"));
		check(kernel.setsockopt(socket.value(), SOL_PACKET, PACKET_IGNORE_OUTGOING,
				kernel.allocate(Integer.BYTES).putInt(0, 1)), "PACKET_IGNORE_OUTGOING");
		check(kernel.bind(socket.value(),
				kernel.allocate(SOCKADDR_LL_SIZE)
					.putShort(0, AF_PACKET)
					.putShort(2, protocol)
					.putInt(4, interfaceIndex)),
				"bind");
		return new PacketSocket(kernel, socket);
	}

	/**
	 * Send a frame out of the interface, as it is.
	 * @param frame the frame, from its Ethernet header on
	 */
	public synchronized void send(byte[] frame) {
		NativeMemory memory = this.kernel.allocate(frame.length).putBytes(0, frame);
		check(this.kernel.sendto(this.socket.value(), memory, frame.length, 0), "sendto");
	}

	/**
	 * Wait for the next frame.
	 * @param timeout how long
	 * @return the frame, empty when none came in time
	 */
	public Optional<byte[]> receive(Duration timeout) {
		return receive((frame) -> true, timeout);
	}

	/**
	 * Wait for the next frame that is wanted, and drop the others.
	 * @param wanted which frames to take
	 * @param timeout how long
	 * @return the frame, empty when none came in time
	 */
	public synchronized Optional<byte[]> receive(Predicate<byte[]> wanted, Duration timeout) {
		long deadline = System.nanoTime() + timeout.toNanos();
		do {
			long millis = Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
			if (check(this.kernel.poll(this.pollfd, 1, (int) millis), "poll") > 0) {
				int length = check(this.kernel.recvfrom(this.socket.value(), this.received, LinuxSocket.MSG_DONTWAIT),
						"recvfrom");
				byte[] frame = new byte[length];
				this.received.buffer().get(frame);
				if (wanted.test(frame)) {
					return Optional.of(frame);
				}
			}
		}
		while (System.nanoTime() < deadline);
		return Optional.empty();
	}

	/**
	 * Take all frames that have arrived, without waiting.
	 * @return the frames in their order
	 */
	public List<byte[]> drain() {
		List<byte[]> frames = new ArrayList<>();
		Optional<byte[]> frame = receive(Duration.ZERO);
		while (frame.isPresent()) {
			frames.add(frame.get());
			frame = receive(Duration.ZERO);
		}
		return frames;
	}

	private static int check(int result, String call) {
		if (result < 0) {
			throw new IllegalStateException("packet socket: " + call + " failed: " + Errno.symbol(-result));
		}
		return result;
	}

	@Override
	public void close() {
		this.socket.close();
	}

}
