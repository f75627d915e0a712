package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.IntFunction;

import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import org.jspecify.annotations.Nullable;

/**
 * An XDP socket ({@code AF_XDP}) of this process, bound to one queue of one interface,
 * with a UMEM of its own. Its fill ring is filled when it is opened, so that it can go
 * into an XSKMAP at once.
 * <p>
 * The frames are split when the socket is opened. The first ones go into the fill ring,
 * as many as it has entries, and are given back to it after each received packet; a
 * socket that only sends puts those in that its TX ring leaves over. All others wait in
 * the pool for sending.
 * <p>
 * {@link #receive} and {@link #await} are for one thread, the consumer; everything else
 * may be called from any. Whoever closes the socket while another thread uses it waits
 * until that thread has left the call, and later calls fail: memory is never used after
 * it was unmapped, except by a buffer that a {@link PacketHandler} kept.
 *
 * @since 0.1.0
 * @see <a href="https://docs.kernel.org/networking/af_xdp.html">AF_XDP</a>
 */
public final class XdpSocket implements Xsk, AutoCloseable {

	/** How long {@link #await} may hold up {@link #close}. */
	private static final long WAIT_SLICE_MILLIS = 50;

	/** The shortest packet: an Ethernet header. */
	private static final int ETHERNET_HEADER = 14;

	private final Kernel kernel;

	private final NetworkInterface networkInterface;

	private final int queueId;

	private final XdpSocketConfig config;

	private final SocketOpener.OpenSocket socket;

	private final Signals signals;

	private final @Nullable Receiver receiver;

	private final @Nullable Transmitter transmitter;

	private final SocketGuard guard = new SocketGuard();

	private XdpSocket(Kernel kernel, NetworkInterface networkInterface, int queueId, XdpSocketConfig config,
			SocketOpener.OpenSocket socket) {
		this.kernel = kernel;
		this.networkInterface = networkInterface;
		this.queueId = queueId;
		this.config = config;
		this.socket = socket;
		this.signals = new Signals(kernel, socket.fd());
		Rings rings = socket.rings();
		this.receiver = (rings.rx() != null)
				? new Receiver(rings.rx(), rings.fill(), socket.umem(), this.signals, config.multiBuffer()) : null;
		this.transmitter = (rings.tx() != null)
				? new Transmitter(rings.tx(), rings.completion(), socket.umem(), this.signals, config.fillFrames())
				: null;
	}

	/**
	 * Open a socket and bind it. Needs CAP_NET_RAW, and for its UMEM enough
	 * RLIMIT_MEMLOCK or CAP_IPC_LOCK; Linux 5.4 or later. Works on an interface that is
	 * down.
	 * @param kernel the kernel
	 * @param networkInterface the interface, as it was just looked up
	 * @param queueId the RX queue, from 0 to below the interface's number of queues and
	 * at most 65535
	 * @param config sizes and policies
	 * @return the bound socket, its fill ring filled
	 * @throws IllegalArgumentException when the queue or values of the configuration
	 * break a rule; lists them all
	 * @throws QueueInUseException when another socket holds the queue until
	 * {@link XdpSocketConfig#bindTimeout()} is over, or the thread is interrupted
	 * meanwhile
	 * @throws XskSystemException when another call fails
	 * @throws XskException when the kernel is too old
	 */
	public static XdpSocket open(Kernel kernel, NetworkInterface networkInterface, int queueId,
			XdpSocketConfig config) {
		return new XdpSocket(kernel, networkInterface, queueId, config,
				new SocketOpener(kernel, networkInterface, queueId, config).open());
	}

	@Override
	public int interfaceIndex() {
		return this.networkInterface.index();
	}

	@Override
	public int queueId() {
		return this.queueId;
	}

	@Override
	public int fd() {
		this.guard.requireOpen();
		return this.socket.fd();
	}

	@Override
	public <T> T withFd(IntFunction<T> use) {
		return this.guard.ask(() -> {
			this.guard.requireOpen();
			return use.apply(this.socket.fd());
		});
	}

	/**
	 * Return the name of the interface.
	 * @return its name when the socket was opened
	 */
	public String interfaceName() {
		return this.networkInterface.name();
	}

	/**
	 * Return what the socket was opened with.
	 * @return the configuration
	 */
	public XdpSocketConfig config() {
		return this.config;
	}

	/**
	 * Return whether the socket is open.
	 * @return {@code false} after {@link #close()}
	 */
	public boolean isOpen() {
		return this.guard.isOpen();
	}

	/**
	 * Return the mode that the kernel chose ({@code XDP_OPTIONS}).
	 * @return whether the driver works without a copy
	 */
	public boolean isZeroCopy() {
		return this.socket.zeroCopy();
	}

	/**
	 * Return why the kernel copies although zero-copy was preferred.
	 * @return the failed bind and what it means, {@code null} where nothing fell back
	 */
	public @Nullable String zeroCopyFallback() {
		return this.socket.zeroCopyFallback();
	}

	/**
	 * Ask whether the socket can still receive and send. It cannot for ever once its
	 * interface was deleted, even when one of the same name comes back; an interface that
	 * is down only rests.
	 * @return {@code false} when the interface is gone, or the socket is closed
	 */
	public boolean isAlive() {
		return this.guard.ask(() -> isOpen() && this.signals.wakeReceiving() != -Errno.ENXIO);
	}

	/**
	 * Read what the kernel counts for this socket ({@code XDP_STATISTICS}).
	 * @return the counters since it was opened
	 * @throws XskSystemException when the kernel does not answer
	 * @throws IllegalStateException when the socket is closed
	 */
	public XdpStatistics statistics() {
		return this.guard.ask(() -> {
			this.guard.requireOpen();
			return new XdpOptions(this.kernel, this.socket.fd()).statistics();
		});
	}

	/**
	 * Return how full the RX ring is.
	 * @return its usage; size 0 where the socket only sends, and when it is closed
	 */
	public RingUsage rx() {
		return usage(this.socket.rings().rx());
	}

	/**
	 * Return how full the TX ring is.
	 * @return its usage; size 0 where the socket only receives, and when it is closed
	 */
	public RingUsage tx() {
		return usage(this.socket.rings().tx());
	}

	/**
	 * Return how full the fill ring is.
	 * @return its usage; size 0 when the socket is closed
	 */
	public RingUsage fill() {
		return usage(this.socket.rings().fill());
	}

	/**
	 * Return how full the completion ring is.
	 * @return its usage; size 0 when the socket is closed
	 */
	public RingUsage completion() {
		return usage(this.socket.rings().completion());
	}

	private RingUsage usage(@Nullable Ring ring) {
		return this.guard.ask(() -> (ring != null && isOpen()) ? ring.usage() : RingUsage.NONE);
	}

	/**
	 * Count who owns the frames.
	 * @return the owners, exact at a quiet moment
	 * @throws IllegalStateException when the socket is closed
	 */
	public FrameCensus frames() {
		return this.guard.ask(() -> {
			this.guard.enterSender();
			try {
				int free = (this.transmitter != null) ? this.transmitter.freeCount()
						: this.config.frameCount() - this.config.fillFrames();
				int application = (this.receiver != null) ? this.receiver.application() : 0;
				return this.socket.rings().census(free, application, this.config.frameCount());
			}
			finally {
				this.guard.leaveSender();
			}
		});
	}

	/**
	 * Hand the packets that are there to a handler, and give their frames back to the
	 * fill ring, also when the handler throws: that packet then counts as received, those
	 * behind it wait for the next call. Does not block. For the consumer thread.
	 * @param handler takes each packet; must neither keep it nor close this socket. A
	 * packet in several fragments is put together in a buffer of its own.
	 * @param budget how many packets at most, not negative
	 * @return how many packets were handed over
	 * @throws IllegalStateException when the socket is closed or only sends, and when a
	 * {@link PacketHandler} of this socket calls it
	 * @throws XskSystemException when the kernel, which asked to be woken, refuses
	 */
	public int receive(PacketHandler handler, int budget) {
		Receiver receiver = requireReceiver();
		if (budget < 0) {
			throw new IllegalArgumentException("'budget' must not be negative: " + budget);
		}
		this.guard.enterConsumer();
		try {
			this.guard.requireOpen();
			return receiver.receive(handler, budget);
		}
		finally {
			this.guard.leaveConsumer();
		}
	}

	/**
	 * Wait until there is something to receive ({@code poll(2)}). For the consumer
	 * thread.
	 * @param timeout how long to wait
	 * @return whether there is something to receive; {@code false} also when the socket
	 * is closed meanwhile, when the thread is interrupted (its flag stays set), and when
	 * the socket is dead
	 * @throws IllegalStateException when the socket only sends, and when a
	 * {@link PacketHandler} of this socket calls it
	 * @throws XskSystemException when the kernel refuses to wait
	 */
	public boolean await(Duration timeout) {
		Receiver receiver = requireReceiver();
		long start = System.nanoTime();
		Duration left = timeout;
		boolean last = false;
		// in slices, since nothing else ends a poll(2) when the socket is to be closed
		while (!last) {
			last = left.toMillis() <= WAIT_SLICE_MILLIS;
			int slice = (int) Math.max(0, Math.min(left.toMillis(), WAIT_SLICE_MILLIS));
			this.guard.enterConsumer();
			try {
				if (!isOpen() || Thread.currentThread().isInterrupted()) {
					return false;
				}
				if (receiver.hasPackets()) {
					return true;
				}
				this.signals.await(slice);
				if (receiver.hasPackets()) {
					return true;
				}
			}
			finally {
				this.guard.leaveConsumer();
			}
			left = timeout.minusNanos(System.nanoTime() - start);
		}
		return false;
	}

	/**
	 * Send a packet: copy it into a free frame, and wake the kernel where it asks for
	 * that. From any thread.
	 * @param packet its bytes from the Ethernet header on, between position and limit,
	 * which stay as they are
	 * @return {@code false} when the TX ring is full or no frame is free, because the
	 * interface sends more slowly: try again later, or drop the packet
	 * @throws IllegalArgumentException when the packet is shorter than an Ethernet
	 * header, or longer than the room of a frame, its size less the headroom
	 * @throws IllegalStateException when the socket is closed or only receives
	 * @throws XskSystemException when the interface is down (the packet then waits in the
	 * TX ring and goes out when the interface is up and the next one is sent) or gone
	 */
	public boolean send(ByteBuffer packet) {
		Transmitter transmitter = requireTransmitter();
		int room = this.socket.umem().room();
		if (packet.remaining() < ETHERNET_HEADER || packet.remaining() > room) {
			throw new IllegalArgumentException(("A packet of %d bytes cannot be sent: it must have %d to %d. A larger"
					+ " frame-size or a smaller headroom gives more room.")
				.formatted(packet.remaining(), ETHERNET_HEADER, room));
		}
		this.guard.enterSender();
		try {
			return transmitter.send(packet);
		}
		finally {
			this.guard.leaveSender();
		}
	}

	/**
	 * Let the kernel send what still waits in the TX ring because it could not take it at
	 * once, and take back the frames of what was sent. From any thread.
	 * @return whether nothing waits in the TX ring any more
	 * @throws IllegalStateException when the socket is closed or only receives
	 * @throws XskSystemException when the interface is down or gone
	 */
	public boolean flush() {
		Transmitter transmitter = requireTransmitter();
		this.guard.enterSender();
		try {
			return transmitter.flush();
		}
		finally {
			this.guard.leaveSender();
		}
	}

	/**
	 * Close the socket: unmap the rings, close the descriptor, which takes it out of
	 * every XSKMAP, and unmap the UMEM. A second call does nothing. From any thread,
	 * after the consumer has ended; where it has not, this waits for it to leave its
	 * call.
	 * @throws IllegalStateException when a {@link PacketHandler} of this socket calls it
	 * @throws XskException when a thread does not leave its call within a second: the
	 * socket is closed then as far as others see, and released when that thread leaves
	 * @throws XskSystemException when the kernel refuses; everything else is released
	 */
	@Override
	public void close() {
		this.guard.close(this.socket.resources()::close);
	}

	private Receiver requireReceiver() {
		if (this.receiver == null) {
			throw new IllegalStateException("%s only sends. Set its direction to both.".formatted(this));
		}
		return this.receiver;
	}

	private Transmitter requireTransmitter() {
		if (this.transmitter == null) {
			throw new IllegalStateException("%s only receives. Set its direction to both.".formatted(this));
		}
		return this.transmitter;
	}

	@Override
	public String toString() {
		return "XdpSocket[interface=%s, queue=%d, %s]".formatted(interfaceName(), this.queueId,
				isOpen() ? "fd=" + this.socket.fd() : "closed");
	}

}
