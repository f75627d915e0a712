package io.xsk.socket;

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
 * As many frames as the fill ring has entries go round between it and the RX ring; a
 * socket that only sends puts those in that its TX ring leaves over. All others are for
 * sending.
 * <p>
 * {@link #receive} and {@link #await} are for one thread, the consumer; everything else
 * may be called from any. Whoever closes the socket while another thread uses it waits
 * until that thread has left the call, and later calls fail. A buffer of a packet that
 * was not {@linkplain XdpPacket#retain() retained} fails after the close, but a slice or
 * duplicate of it ends the JVM.
 *
 * @since 0.1.0
 * @see <a href="https://docs.kernel.org/networking/af_xdp.html">AF_XDP</a>
 */
public final class XdpSocket extends AbstractPacketSender implements Xsk, AutoCloseable {

	private final Kernel kernel;

	private final NetworkInterface networkInterface;

	private final int queueId;

	private final XdpSocketConfig config;

	private final SocketOpener.OpenSocket socket;

	private final SocketGuard guard = new SocketGuard();

	private final SocketParts parts;

	private XdpSocket(Kernel kernel, NetworkInterface networkInterface, int queueId, XdpSocketConfig config,
			SocketOpener.OpenSocket socket) {
		this.kernel = kernel;
		this.networkInterface = networkInterface;
		this.queueId = queueId;
		this.config = config;
		this.socket = socket;
		this.parts = new SocketParts(kernel, socket, this.guard, config,
				new PacketOrigin(name(), interfaceName(), queueId));
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
	 * @throws QueueInUseException when another socket holds the queue until the bind
	 * timeout is over, or the thread is interrupted meanwhile
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
	 * Return the name of the socket.
	 * @return the one that it was given, else {@code eth1-0} for interface and queue
	 */
	public String name() {
		String name = this.config.name();
		return (name != null) ? name : interfaceName() + "-" + this.queueId;
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
	@Override
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
	 * Ask whether the socket can still receive and send. It never can again once its
	 * interface was deleted; an interface that is down only rests.
	 * @return {@code false} when the interface is gone, or the socket is closed
	 */
	public boolean isAlive() {
		return this.guard.ask(() -> isOpen() && this.parts.kick().wakeReceiving() != -Errno.ENXIO);
	}

	@Override
	public boolean isAlive(Kernel kernel) {
		return isAlive();
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
	 * Return whether packets that this socket received and that were
	 * {@linkplain XdpPacket#transmit() transmitted} have not all been sent yet.
	 * @return {@code false} when all are, as far as the consumer has looked
	 */
	public boolean isTransmitting() {
		return this.parts.isTransmitting();
	}

	/**
	 * Count what this socket has sent and received so far, also when it is closed.
	 * @return the packets and bytes since it was opened
	 */
	public XdpTraffic traffic() {
		return this.parts.traffic();
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
	 * @throws IllegalStateException when the socket is closed, or a writer of it asks
	 */
	public FrameCensus frames() {
		// keeps a close waiting, too
		this.guard.enterSender();
		try {
			return this.parts.census(this.config);
		}
		finally {
			this.guard.leaveSender();
		}
	}

	/**
	 * Hand the packets that are there to a handler, and give the frames of those that it
	 * does not retain back to the fill ring, also when it throws: those behind that
	 * packet wait for the next call. Does not block. For the consumer thread.
	 * @param handler takes each packet; must not close this socket
	 * @param budget how many packets at most, not negative
	 * @return how many packets were handed over
	 * @throws IllegalStateException when the socket is closed or only sends, and when a
	 * {@link PacketHandler} of this socket calls it
	 * @throws XskSystemException when the kernel, which asked to be woken, refuses
	 */
	public int receive(PacketHandler handler, int budget) {
		return this.parts.requireReceiver().receive(handler, budget);
	}

	/**
	 * Hand the packets that are there to a handler all at once; otherwise as
	 * {@link #receive}. Where the handler throws, all of them count as received.
	 * @param handler takes the packets, and is not called when there are none
	 * @param budget how many packets at most, not negative
	 * @return how many packets were handed over
	 */
	public int receiveBatch(PacketBatchHandler handler, int budget) {
		return this.parts.requireReceiver().receiveBatch(handler, budget);
	}

	/**
	 * Wait until there is something to receive, and meanwhile send what was transmitted
	 * and could not go out at once. For the consumer thread.
	 * @param timeout how long to wait
	 * @return whether there is something to receive; {@code false} also after a
	 * {@link #wakeup}, when the socket is dead or closed meanwhile, and when the thread
	 * is interrupted (its flag stays set); an interrupt that comes during the wait is
	 * only seen with a {@link #wakeup} after it
	 * @throws IllegalStateException when the socket only sends
	 * @throws XskSystemException when the kernel refuses to wait
	 */
	public boolean await(Duration timeout) {
		return this.parts.requireReceiver().await(timeout);
	}

	/**
	 * Let the kernel poll the queue now, where {@link BusyPoll} is set; else wake it. For
	 * the consumer thread, when there is nothing to receive.
	 * @throws IllegalStateException when the socket only sends
	 */
	public void busyPoll() {
		this.parts.requireReceiver().busyPoll();
	}

	/**
	 * Return whether the calling thread is the consumer: the one that last called
	 * {@link #receive} or {@link #receiveBatch}.
	 * @return {@code false} for every other thread, and where the socket only sends
	 */
	public boolean isConsumer() {
		return this.parts.isConsumer();
	}

	/**
	 * End the consumer's {@link #await} at once, or the next one when it is not waiting.
	 * Does nothing when the socket is closed. From any thread.
	 * @throws IllegalStateException when the socket only sends
	 */
	public void wakeup() {
		this.parts.requireReceiver().wakeup();
	}

	@Override
	Sender sender() {
		return this.parts.requireSender();
	}

	@Override
	public int mtu() {
		return this.networkInterface.mtu();
	}

	/**
	 * Close the socket: unmap the rings, close the descriptor, which takes it out of
	 * every XSKMAP, and unmap the UMEM, once no packet is retained any more. A second
	 * call does nothing. Packets that have not been received or sent by then are lost:
	 * {@link #flush(Duration)} before. From any thread; waits for who is in a call.
	 * @throws IllegalStateException when a handler of this socket calls it
	 * @throws XskException when a thread does not leave its call within a second or a
	 * few; the socket is released when it does
	 * @throws XskSystemException when the kernel refuses; everything else is released
	 */
	@Override
	public void close() {
		this.parts.close(this.socket.resources());
	}

	@Override
	public String toString() {
		return "XdpSocket[name=%s, interface=%s, queue=%d, %s]".formatted(name(), interfaceName(), this.queueId,
				isOpen() ? "fd=" + this.socket.fd() : "closed");
	}

}
