package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.PacketSocket;
import io.xsk.test.VethPair;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link XdpSocket}: sending on the running kernel.
 */
@KernelTest
class XdpSocketSendTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private final Kernel kernel = JnaKernel.load();

	private OpenResources before;

	private VethPair veth;

	@BeforeEach
	void setUp() {
		this.before = OpenResources.snapshot();
		this.veth = VethPair.create();
	}

	@AfterEach
	void tearDown() {
		this.veth.close();
		this.before.assertUnchanged();
	}

	@Test
	void sendsFramesThatThePeerReceives() {
		PacketSocket peer = this.veth.capturePeer();
		try (XdpSocket socket = open(small())) {
			for (int i = 0; i < 1000; i++) {
				ByteBuffer packet = ByteBuffer.wrap(TestFrames.numbered(i));
				assertThat(socket.send(packet)).isTrue();
				assertThat(packet.remaining()).as("is left as it was").isEqualTo(packet.capacity());
				assertThat(peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(i));
			}
			assertThat(socket.flush()).isTrue();
			assertThat(socket.statistics().txInvalidDescriptors()).isZero();
			assertThat(socket.frames()).isEqualTo(new FrameCensus(64, 64, 0, 0, 0, 0, 0, 128));
		}
	}

	@Test
	void aBatchOfManyPacketsGoesOutWhole() {
		try (XdpSocket socket = open(XdpSocketConfig.builder())) {
			List<ByteBuffer> packets = new ArrayList<>();
			for (int i = 0; i < 1000; i++) {
				packets.add(ByteBuffer.wrap(TestFrames.numbered(i)));
			}
			assertThat(socket.send(packets)).isEqualTo(1000);
			assertThat(socket.tx().used()).as("nobody has to come back for the rest").isZero();
		}
	}

	@Test
	void countsWhatTheInterfaceCounts() {
		long packets = sent("packets");
		long bytes = sent("bytes");
		try (XdpSocket socket = open(small())) {
			for (int i = 0; i < 100; i++) {
				byte[] frame = TestFrames.ofLength(60 + i);
				assertThat(socket.send(frame, TIMEOUT)).isTrue();
				assertThat(socket.send(List.of(ByteBuffer.wrap(frame), ByteBuffer.wrap(frame)), TIMEOUT)).isEqualTo(2);
				assertThat(socket.send(frame.length, (buffer) -> buffer.put(frame).position(), TIMEOUT)).isTrue();
			}
			assertThat(socket.flush(TIMEOUT)).isTrue();
			assertThat(sent("packets") - packets).isEqualTo(400);
			assertThat(socket.traffic()).isEqualTo(new XdpTraffic(0, 0, 400, sent("bytes") - bytes, 0));
		}
	}

	/** What the kernel counts for the interface, for all its users. */
	private long sent(String what) {
		String statistics = Commands.run("ip", "-json", "-statistics", "link", "show", this.veth.name());
		Matcher matcher = Pattern.compile("\"tx\":\\{[^}]*\"%s\":(\\d+)".formatted(what)).matcher(statistics);
		assertThat(matcher.find()).as(statistics).isTrue();
		return Long.parseLong(matcher.group(1));
	}

	@Test
	void nothingWaitsForAPacketToLeaveAndAFlushLetsItLeave() {
		PacketSocket peer = this.veth.capturePeer();
		FaultInjectingKernel busy = new FaultInjectingKernel();
		byte[] frame = TestFrames.numbered(1);
		Duration longer = Duration.ofHours(1);
		try (XdpSocket socket = XdpSocket.open(busy, this.veth.info(), 0, small().build())) {
			for (BooleanSupplier send : List.<BooleanSupplier>of(() -> socket.send(ByteBuffer.wrap(frame), longer),
					() -> socket.send(frame, longer),
					() -> socket.send(frame.length, (buffer) -> buffer.put(frame).position(), longer),
					() -> socket.send(frame, frame.length, (source, buffer) -> buffer.put(source).position(), longer),
					() -> socket.send(List.of(ByteBuffer.wrap(frame)), longer) == 1)) {
				busy.failing("sendto", Errno.EAGAIN);
				assertThat(send.getAsBoolean()).as("it is in the ring").isTrue();
				assertThat(socket.tx().used()).isEqualTo(1);
				assertThat(socket.flush()).isFalse();
				busy.failing("sendto", Errno.EAGAIN, 40);
				assertThat(socket.flush(TIMEOUT)).isTrue();
				assertThat(peer.receive(TIMEOUT)).hasValue(frame);
			}
			busy.failing("sendto", Errno.EAGAIN, 16);
			assertThat(socket.send(TestFrames.numbered(2))).isTrue();
			assertThat(socket.send(TestFrames.numbered(3))).as("takes the one before along").isTrue();
			assertThat(peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(2));
			assertThat(peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(3));
		}
	}

	@Test
	void whatOneThreadCouldNotSendTheWaitingConsumerSends() throws Exception {
		PacketSocket peer = this.veth.capturePeer();
		FaultInjectingKernel busy = new FaultInjectingKernel();
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (XdpSocket socket = XdpSocket.open(busy, this.veth.info(), 0, small().build())) {
			Future<Boolean> consumer = executor.submit(() -> socket.await(Duration.ofHours(1)));
			Awaitility.await().until(() -> busy.calls().contains("poll"));
			busy.failing("sendto", Errno.EAGAIN, 40);
			assertThat(socket.send(TestFrames.numbered(1), TIMEOUT)).isTrue();
			assertThat(busy.calls()).as("the consumer is told").contains("write");
			assertThat(peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(1));
			socket.wakeup();
			assertThat(consumer.get(5, TimeUnit.SECONDS)).isFalse();
		}
		finally {
			executor.shutdown();
		}
	}

	@Test
	void aFlushWaitsUntilTheTimeIsOver() {
		try (XdpSocket socket = open(small())) {
			Commands.run("ip", "link", "set", this.veth.name(), "down");
			assertThatExceptionOfType(XskSystemException.class)
				.isThrownBy(() -> socket.send(ByteBuffer.wrap(TestFrames.numbered(1))))
				.withMessageContaining("ENETDOWN");
			assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> socket.flush(Duration.ofMillis(1)))
				.withMessageContaining("ENETDOWN");
			Commands.run("ip", "link", "set", this.veth.name(), "up");
			assertThat(socket.flush(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
			assertThat(socket.traffic().sentPackets()).isEqualTo(1);
		}
	}

	@Test
	void aFlushDoesNotWaitForAWriterThatDoesNotReturn() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch leave = new CountDownLatch(1);
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (XdpSocket socket = open(small())) {
			Future<Boolean> sent = executor.submit(() -> socket.send(60, (frame) -> {
				entered.countDown();
				awaitUninterruptibly(leave);
				return 60;
			}));
			entered.await();
			assertThat(socket.flush(Duration.ofMillis(1))).isFalse();
			leave.countDown();
			assertThat(sent.get()).isTrue();
			assertThat(socket.flush(TIMEOUT)).isTrue();
		}
		finally {
			executor.shutdown();
		}
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void aWriterCannotCloseItsSocket() {
		try (XdpSocket socket = open(small())) {
			Runnable close = socket::close;
			assertThatIllegalStateException().isThrownBy(() -> socket.send(60, (frame) -> {
				close.run();
				return 60;
			})).withMessageContaining("cannot close");
			assertThat(socket.isOpen()).isTrue();
			assertThat(socket.frames().isBalanced()).isTrue();
		}
	}

	@Test
	void aWriterCannotSendByItsSocket() {
		PacketSocket peer = this.veth.capturePeer();
		byte[] outer = TestFrames.numbered(1);
		ByteBuffer inner = ByteBuffer.wrap(TestFrames.numbered(2));
		try (XdpSocket socket = open(small()); XdpSocket other = openPeer()) {
			for (Runnable call : List.<Runnable>of(() -> socket.send(inner), () -> socket.send(inner, TIMEOUT),
					() -> socket.send(inner.array()), () -> socket.send(60, (frame) -> 60),
					() -> socket.send(List.of(inner)), socket::flush, () -> socket.flush(TIMEOUT), socket::frames)) {
				assertThat(socket.send(outer.length, (frame) -> {
					assertThatIllegalStateException().isThrownBy(call::run)
						.withMessageContaining("frame writer")
						.withMessageContaining("Return from it first");
					assertThat(other.send(inner)).as("by another socket it can").isTrue();
					return frame.put(outer).position();
				})).isTrue();
				assertThat(peer.receive(TIMEOUT)).hasValue(outer);
			}
			assertThat(socket.flush()).isTrue();
			assertThat(socket.frames()).isEqualTo(new FrameCensus(64, 64, 0, 0, 0, 0, 0, 128));
		}
	}

	private XdpSocket openPeer() {
		return this.veth.inPeer(() -> XdpSocket.open(this.kernel,
				NetworkInterface.byIndex(this.kernel, this.veth.peerIndex()).orElseThrow(), 0, small().build()));
	}

	@Test
	void aPacketInSeveralFramesIsNotChangedByAnotherThatItsWriterWantsToSend() {
		mtu(9000);
		XdpSocketConfig.Builder config = small().multiBuffer(true);
		byte[] outer = TestFrames.ofLength(5000);
		byte[] inner = new byte[5000];
		try (XdpSocket socket = open(config);
				PeerSocket peer = PeerSocket.open(this.kernel, this.veth, config.build())) {
			assertThat(socket.send(outer.length, (frame) -> {
				frame.put(outer);
				assertThatIllegalStateException().isThrownBy(() -> socket.send(inner));
				return outer.length;
			})).isTrue();
			assertThat(peer.socket().await(TIMEOUT)).isTrue();
			List<byte[]> received = new ArrayList<>();
			peer.socket().receive((packet) -> received.add(packet.toByteArray()), 10);
			assertThat(received).containsExactly(outer);
		}
	}

	@Test
	void whatIsLongerThanTheInterfaceTakesIsPutIntoTheRingAndDropped() {
		PacketSocket peer = this.veth.capturePeer();
		try (XdpSocket socket = open(small())) {
			assertThat(socket.mtu()).isEqualTo(1500);
			assertThat(socket.maxPacketLength()).isEqualTo(2048);
			byte[] longest = TestFrames.ofLength(socket.mtu() + 14);
			assertThat(socket.send(longest)).isTrue();
			assertThat(peer.receive(TIMEOUT)).hasValue(longest);
			assertThat(socket.traffic().sendDrops()).isZero();
			assertThat(socket.send(TestFrames.ofLength(socket.mtu() + 19))).isTrue();
			assertThat(socket.traffic().sendDrops()).isOne();
		}
	}

	@Test
	void sendsAPartOfABuffer() {
		PacketSocket peer = this.veth.capturePeer();
		try (XdpSocket socket = open(small())) {
			byte[] frame = TestFrames.numbered(1);
			ByteBuffer buffer = ByteBuffer.allocateDirect(300).position(100).put(frame).flip().position(100);
			assertThat(socket.send(buffer.asReadOnlyBuffer())).isTrue();
			assertThat(peer.receive(TIMEOUT)).hasValue(frame);
		}
	}

	@Test
	void manyThreadsMaySendAtOnce() throws Exception {
		PacketSocket peer = this.veth.capturePeer();
		ExecutorService executor = Executors.newFixedThreadPool(4);
		try (XdpSocket socket = open(small())) {
			Set<Integer> numbers = new TreeSet<>();
			for (int round = 0; round < 20; round++) {
				List<Callable<Boolean>> senders = new ArrayList<>();
				for (int sender = 0; sender < 4; sender++) {
					int first = (round * 4 + sender) * 25;
					senders.add(() -> sendAll(socket, first, 25));
				}
				for (Future<Boolean> sent : executor.invokeAll(senders)) {
					assertThat(sent.get()).isTrue();
				}
				for (int i = 0; i < 100; i++) {
					numbers.add(TestFrames.number(ByteBuffer.wrap(peer.receive(TIMEOUT).orElseThrow())));
				}
			}
			assertThat(numbers).hasSize(2000);
			assertThat(socket.flush()).isTrue();
			assertThat(socket.frames()).isEqualTo(new FrameCensus(64, 64, 0, 0, 0, 0, 0, 128));
		}
		finally {
			executor.shutdown();
		}
	}

	private static boolean sendAll(XdpSocket socket, int first, int count) {
		boolean sent = true;
		for (int i = first; i < first + count; i++) {
			sent &= socket.send(ByteBuffer.wrap(TestFrames.numbered(i)));
		}
		return sent;
	}

	@Test
	void aPacketThatDoesNotFitIsRefusedWithTheRoomThatThereIs() {
		PacketSocket peer = this.veth.capturePeer();
		mtu(3000);
		try (XdpSocket socket = open(small().headroom(100))) {
			assertThatIllegalArgumentException().isThrownBy(() -> socket.send(ByteBuffer.allocate(1949)))
				.withMessageContaining("1949")
				.withMessageContaining("14 to 1948")
				.withMessageContaining("frame-size");
			assertThatIllegalArgumentException().isThrownBy(() -> socket.send(ByteBuffer.allocate(13)))
				.withMessageContaining("13");
			byte[] longest = TestFrames.ofLength(1948);
			assertThat(socket.send(ByteBuffer.wrap(longest))).isTrue();
			assertThat(peer.receive(TIMEOUT)).hasValue(longest);
		}
	}

	@Test
	void aSocketThatOnlySendsHasNoRxRing() {
		PacketSocket peer = this.veth.capturePeer();
		try (XdpSocket socket = open(small().direction(Direction.SEND))) {
			assertThat(socket.send(ByteBuffer.wrap(TestFrames.numbered(1)))).isTrue();
			assertThat(peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(1));
			assertThat(socket.rx()).isEqualTo(new RingUsage(0, 0));
			assertThat(socket.fill()).isEqualTo(new RingUsage(64, 64));
			assertThat(socket.frames().isBalanced()).isTrue();
			assertThat(socket.isAlive()).isTrue();
			assertThatIllegalStateException().isThrownBy(() -> socket.receive((packet) -> {
			}, 1)).withMessageContaining("only sends").withMessageContaining(this.veth.name());
			assertThatIllegalStateException().isThrownBy(() -> socket.await(TIMEOUT))
				.withMessageContaining("only sends");
		}
	}

	private void mtu(int mtu) {
		Commands.run("ip", "link", "set", this.veth.name(), "mtu", Integer.toString(mtu));
		this.veth.exec("ip", "link", "set", this.veth.peerName(), "mtu", Integer.toString(mtu));
	}

	private static XdpSocketConfig.Builder small() {
		return TestFrames.small();
	}

	private XdpSocket open(XdpSocketConfig.Builder config) {
		return XdpSocket.open(this.kernel, this.veth.info(), 0, config.build());
	}

}
