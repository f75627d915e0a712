package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
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
 * it was unmapped, except by a buffer that was kept without its packet being
 * {@linkplain XdpPacket#retain() retained}.
 *
 * @since 0.1.0
 * @see <a href="https://docs.kernel.org/networking/af_xdp.html">AF_XDP</a>
 */
public final class XdpSocket implements Xsk, PacketSender, AutoCloseable {

	private final Kernel kernel;

	private final NetworkInterface networkInterface;

	private final int queueId;

	private final XdpSocketConfig config;

	private final SocketOpener.OpenSocket socket;

	private final Signals signals;

	private final @Nullable LockedReceiver receiver;

	private final @Nullable Transmitter transmitter;

	private final @Nullable Sender sender;

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
		WakeUp wakeUp = socket.wakeUp();
		this.transmitter = (rings.tx() != null)
				? new Transmitter(rings, socket.umem(), this.signals, config, socket.zeroCopy()) : null;
		this.sender = (this.transmitter != null)
				? new Sender(this.transmitter, socket.umem(), this.guard, (wakeUp != null) ? wakeUp::ring : () -> {
				}) : null;
		this.receiver = (wakeUp != null) ? receiver(socket, wakeUp, this.transmitter) : null;
	}

	private LockedReceiver receiver(SocketOpener.OpenSocket socket, WakeUp wakeUp, @Nullable Transmitter transmitter) {
		PacketTracker tracker = (this.config.leakListener() != null)
				? new PacketTracker(this.config.leakListener(), interfaceName(), this.queueId) : null;
		ReturnedPackets returned = new ReturnedPackets(socket.umem(), this.guard, wakeUp, transmitter, tracker);
		Receiver receiver = new Receiver(socket.rings(), socket.umem(), this.signals, this.guard, transmitter, returned,
				this.config);
		return new LockedReceiver(receiver, wakeUp, this.guard);
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
	 * Ask whether the socket can still receive and send. It cannot for ever once its
	 * interface was deleted, even when one of the same name comes back; an interface that
	 * is down only rests.
	 * @return {@code false} when the interface is gone, or the socket is closed
	 */
	public boolean isAlive() {
		return this.guard.ask(() -> isOpen() && this.signals.wakeReceiving() != -Errno.ENXIO);
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
		return this.transmitter != null && this.transmitter.abroad() > 0;
	}

	/**
	 * Count what this socket has sent and received so far, also when it is closed.
	 * @return the packets and bytes since it was opened
	 */
	public XdpTraffic traffic() {
		Receiver receiving = (this.receiver != null) ? this.receiver.receiver() : null;
		Transmitter sending = this.transmitter;
		return new XdpTraffic((receiving != null) ? receiving.receivedPackets() : 0,
				(receiving != null) ? receiving.receivedBytes() : 0, (sending != null) ? sending.sentPackets() : 0,
				(sending != null) ? sending.sentBytes() : 0, (sending != null) ? sending.droppedPackets() : 0);
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
	 * @throws IllegalStateException when the socket is closed, and when a
	 * {@link FrameWriter} that writes for it calls this
	 */
	public FrameCensus frames() {
		// keeps a close waiting, too
		this.guard.enterSender();
		try {
			return this.socket.rings()
				.census(this.config, (this.receiver != null) ? this.receiver.receiver() : null, this.transmitter);
		}
		finally {
			this.guard.leaveSender();
		}
	}

	/**
	 * Hand the packets that are there to a handler, and give the frames of those that it
	 * does not retain back to the fill ring, also when it throws: that packet then counts
	 * as received, those behind it wait for the next call. Does not block. For the
	 * consumer thread.
	 * @param handler takes each packet; must not close this socket
	 * @param budget how many packets at most, not negative
	 * @return how many packets were handed over
	 * @throws IllegalStateException when the socket is closed or only sends, and when a
	 * {@link PacketHandler} of this socket calls it
	 * @throws XskSystemException when the kernel, which asked to be woken, refuses
	 */
	public int receive(PacketHandler handler, int budget) {
		return requireReceiver().receive(handler, budget);
	}

	/**
	 * Hand the packets that are there to a handler all at once; otherwise as
	 * {@link #receive}. When the handler throws, the whole batch counts as received.
	 * @param handler takes the packets, and is not called when there are none; must not
	 * close this socket
	 * @param budget how many packets at most, not negative
	 * @return how many packets were handed over
	 * @throws IllegalStateException when the socket is closed or only sends
	 * @throws XskSystemException when the kernel, which asked to be woken, refuses
	 */
	public int receiveBatch(PacketBatchHandler handler, int budget) {
		return requireReceiver().receiveBatch(handler, budget);
	}

	/**
	 * Wait until there is something to receive ({@code poll(2)}), and meanwhile send what
	 * was transmitted and could not go out at once. For the consumer thread.
	 * @param timeout how long to wait
	 * @return whether there is something to receive; {@code false} also after a
	 * {@link #wakeup}, when the socket is closed meanwhile, when the thread is
	 * interrupted (its flag stays set), and when the socket is dead
	 * @throws IllegalStateException when the socket only sends
	 * @throws XskSystemException when the kernel refuses to wait
	 */
	public boolean await(Duration timeout) {
		return requireReceiver().await(timeout);
	}

	/**
	 * Let the kernel poll the queue now, where {@link BusyPoll} is set, for as long as
	 * that says at most; else wake it. For the consumer thread, when there is nothing to
	 * receive.
	 */
	public void busyPoll() {
		this.guard.enterConsumer();
		try {
			if (isOpen()) {
				this.signals.wakeReceiving();
			}
		}
		finally {
			this.guard.leaveConsumer();
		}
	}

	/**
	 * Return whether the calling thread is the consumer: the one that last called
	 * {@link #receive} or {@link #receiveBatch}.
	 * @return {@code false} for every other thread, and where the socket only sends
	 */
	public boolean isConsumer() {
		return this.receiver != null && this.receiver.receiver().isConsumer();
	}

	/**
	 * End the consumer's {@link #await} at once, or the next one when it is not waiting.
	 * Does nothing when the socket is closed. From any thread.
	 * @throws IllegalStateException when the socket only sends
	 */
	public void wakeup() {
		requireReceiver().wakeup();
	}

	@Override
	public int maxPacketLength() {
		return requireSender().maxLength();
	}

	@Override
	public int mtu() {
		return this.networkInterface.mtu();
	}

	@Override
	public <S> boolean send(S source, int maximumLength, PacketWriter<? super S> writer, Duration timeout) {
		return requireSender().send(source, maximumLength, writer, timeout);
	}

	@Override
	public int send(List<ByteBuffer> packets, Duration timeout) {
		return requireSender().send(packets, timeout);
	}

	@Override
	public boolean flush(Duration timeout) {
		return requireSender().flush(timeout);
	}

	/**
	 * Close the socket: unmap the rings, close the descriptor, which takes it out of
	 * every XSKMAP, and unmap the UMEM, which waits for the release of packets that are
	 * still retained. A second call does nothing. Packets that have not been received or
	 * sent by then are lost: {@link #flush(Duration)} before. From any thread; where the
	 * consumer is in a call, this waits for it to leave.
	 * @throws IllegalStateException when a handler of this socket calls it
	 * @throws XskException when a thread does not leave its call in time, a second or a
	 * few: the socket is closed then as far as others see, and released when that thread
	 * leaves
	 * @throws XskSystemException when the kernel refuses; everything else is released
	 */
	@Override
	public void close() {
		if (this.receiver != null) {
			this.receiver.close(this.socket.resources());
		}
		else {
			this.guard.close(this.socket.resources()::close);
		}
	}

	private LockedReceiver requireReceiver() {
		if (this.receiver == null) {
			throw new IllegalStateException("%s only sends. Set its direction to both.".formatted(this));
		}
		return this.receiver;
	}

	private Sender requireSender() {
		if (this.sender == null) {
			throw new IllegalStateException("%s only receives. Set its direction to both.".formatted(this));
		}
		return this.sender;
	}

	@Override
	public String toString() {
		return "XdpSocket[interface=%s, queue=%d, %s]".formatted(interfaceName(), this.queueId,
				isOpen() ? "fd=" + this.socket.fd() : "closed");
	}

}
