package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.Commands;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link XdpSocket}: many numbered packets between two sockets on the running
 * kernel. The sender never has more of them on the way than the receiver has frames, so
 * that none is lost.
 */
@KernelTest
class XdpSocketTrafficTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private static final int NUMBER = 42;

	private static final int MTU = 9000;

	private final Kernel kernel = JnaKernel.load();

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private OpenResources before;

	private VethPair veth;

	@BeforeEach
	void setUp() {
		this.before = OpenResources.snapshot();
		this.veth = VethPair.create();
	}

	@AfterEach
	void tearDown() throws Exception {
		this.executor.shutdown();
		assertThat(this.executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		this.veth.close();
		this.before.assertUnchanged();
	}

	@ParameterizedTest
	@CsvSource({ "60,false", "60,true", "64,true", "1000,false", "1514,false", "1514,true" })
	void everyPacketArrivesOnceAndInOrder(int length, boolean batches) throws Exception {
		delivers(config(), length, batches, 20_000);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void everyPacketInSeveralFragmentsArrivesOnceAndInOrder(boolean batches) throws Exception {
		mtu();
		delivers(config().multiBuffer(true), MTU, batches, 3000);
	}

	private void delivers(XdpSocketConfig.Builder config, int length, boolean batches, int count) throws Exception {
		try (XdpSocket socket = open(config);
				Redirection redirection = redirection(config);
				PeerSocket peer = PeerSocket.open(this.kernel, this.veth, config.build())) {
			redirection.to(socket);
			Numbers numbers = new Numbers(length);
			PacketBatchHandler handler = (batch) -> {
				for (int i = 0; i < batch.size(); i++) {
					numbers.onPacket(batch.get(i));
				}
			};
			// what is on the way, in fragments, fits into the rings
			int window = 128 / fragments(config, length);
			Future<?> sender = this.executor.submit(() -> numbers.send(peer, count, window));
			while (numbers.received < count && socket.await(TIMEOUT)) {
				int received = batches ? socket.receiveBatch(handler, 32) : socket.receive(numbers, 32);
				assertThat(received).isBetween(1, 32);
			}
			sender.get(5, TimeUnit.SECONDS);
			assertThat(numbers.received).isEqualTo(count);
			XdpStatistics statistics = socket.statistics();
			assertThat(statistics).isEqualTo(new XdpStatistics(0, 0, 0, 0, 0, statistics.txRingEmpty()));
			assertThat(peer.socket().statistics().txInvalidDescriptors()).isZero();
			assertQuiet(socket);
			assertQuiet(peer.socket());
		}
	}

	@ParameterizedTest
	@CsvSource({ "60,false", "60,true", "1514,false", "9000,false", "9000,true" })
	void everyPacketIsEchoed(int length, boolean batches) throws Exception {
		XdpSocketConfig.Builder config = config().multiBuffer(length > 1514);
		if (length > 1514) {
			mtu();
		}
		int count = (length > 1514) ? 2000 : 10_000;
		try (XdpSocket socket = open(config);
				Redirection redirection = redirection(config);
				PeerSocket peer = PeerSocket.open(this.kernel, this.veth, config.build())) {
			redirection.to(socket);
			Numbers numbers = new Numbers(length);
			int window = 128 / fragments(config, length);
			Future<?> sender = this.executor.submit(() -> numbers.send(peer, count, window));
			Future<?> echo = this.executor.submit(() -> echo(socket, count, batches));
			while (numbers.received < count && peer.socket().await(TIMEOUT)) {
				peer.socket().receive(numbers, 64);
			}
			assertThat(numbers.received).isEqualTo(count);
			sender.get(5, TimeUnit.SECONDS);
			echo.get(5, TimeUnit.SECONDS);
			assertThat(socket.statistics().txInvalidDescriptors()).isZero();
			assertQuiet(socket);
			assertQuiet(peer.socket());
		}
	}

	private void echo(XdpSocket socket, int count, boolean batches) {
		PacketBatchHandler handler = (batch) -> {
			for (int i = 0; i < batch.size(); i++) {
				batch.get(i).transmit();
			}
		};
		int echoed = 0;
		while (echoed < count && socket.await(TIMEOUT)) {
			echoed += batches ? socket.receiveBatch(handler, 64) : socket.receive(XdpPacket::transmit, 64);
		}
		// what did not go out at once
		Awaitility.await().until(socket::flush);
	}

	@Test
	void moreIsTransmittedThanTheTxRingTakes() {
		XdpSocketConfig.Builder config = config().txRingSize(2).completionRingSize(2);
		try (XdpSocket socket = open(config);
				Redirection redirection = redirection(config);
				PeerSocket peer = PeerSocket.open(this.kernel, this.veth, config().build())) {
			redirection.to(socket);
			Numbers numbers = new Numbers(60);
			for (int i = 0; i < 100; i++) {
				peer.send(numbers.frame(i));
			}
			Awaitility.await().until(() -> socket.rx().used() == 100);
			assertThat(socket.receiveBatch((batch) -> {
				for (int i = 0; i < batch.size(); i++) {
					batch.get(i).transmit();
				}
			}, 100)).isEqualTo(100);
			assertThat(socket.frames().isBalanced()).as("%s", socket.frames()).isTrue();
			Awaitility.await().until(() -> {
				socket.await(Duration.ZERO);
				peer.socket().receive(numbers, 100);
				return numbers.received == 100;
			});
			assertQuiet(socket);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "buffer", "array", "writer", "list" })
	void eightThreadsSendAtOnce(String how) throws Exception {
		int threads = 8;
		int each = 2000;
		XdpSocketConfig.Builder config = TestFrames.small();
		// the receiver takes all that one turn of the senders has
		try (XdpSocket socket = open(config);
				PeerSocket peer = PeerSocket.open(this.kernel, this.veth,
						config().frameCount(32_768).fillRingSize(16_384).rxRingSize(16_384).build())) {
			List<Callable<Integer>> senders = new ArrayList<>();
			for (int thread = 0; thread < threads; thread++) {
				int first = thread * each;
				senders.add(() -> send(socket, how, first, each));
			}
			for (Future<Integer> sent : this.executor.invokeAll(senders)) {
				assertThat(sent.get()).isEqualTo(each);
			}
			Awaitility.await().until(socket::flush);
			BitSet numbers = new BitSet();
			int[] last = new int[threads];
			Arrays.fill(last, -1);
			PacketHandler handler = (packet) -> {
				int number = packet.data().getInt(NUMBER);
				assertThat(numbers.get(number)).as("%d comes once", number).isFalse();
				numbers.set(number);
				assertThat(number).as("the order of one sender").isGreaterThan(last[number / each]);
				last[number / each] = number;
			};
			Awaitility.await().until(() -> {
				peer.socket().receive(handler, 1000);
				return numbers.cardinality() == threads * each;
			});
			assertThat(socket.statistics().txInvalidDescriptors()).isZero();
			assertQuiet(socket);
			assertQuiet(peer.socket());
		}
	}

	private static int send(XdpSocket socket, String how, int first, int count) {
		Numbers numbers = new Numbers(60);
		if (how.equals("list")) {
			List<ByteBuffer> packets = new ArrayList<>();
			for (int i = first; i < first + count; i++) {
				packets.add(ByteBuffer.wrap(numbers.frame(i)));
			}
			return socket.send(packets, TIMEOUT);
		}
		int sent = 0;
		for (int i = first; i < first + count; i++) {
			byte[] frame = numbers.frame(i);
			boolean taken = switch (how) {
				case "buffer" -> socket.send(ByteBuffer.wrap(frame), TIMEOUT);
				case "array" -> socket.send(frame, TIMEOUT);
				default -> socket.send(100, (buffer) -> buffer.put(frame).position(), TIMEOUT);
			};
			sent += taken ? 1 : 0;
		}
		return sent;
	}

	@Test
	void packetsInSeveralFragmentsAreSentEveryWay() {
		mtu();
		XdpSocketConfig.Builder config = config().multiBuffer(true).headroom(48);
		try (XdpSocket socket = open(config);
				PeerSocket peer = PeerSocket.open(this.kernel, this.veth, config.build())) {
			assertThat(socket.maxPacketLength()).isEqualTo(18 * 2000);
			Numbers numbers = new Numbers(8999);
			assertThat(socket.send(ByteBuffer.allocateDirect(9003).position(4).put(numbers.frame(0)).position(4)))
				.isTrue();
			assertThat(socket.send(numbers.frame(1))).isTrue();
			assertThat(socket.send(9000, (buffer) -> buffer.put(numbers.frame(2)).position())).isTrue();
			assertThat(socket.send(List.of(ByteBuffer.wrap(numbers.frame(3)), ByteBuffer.wrap(numbers.frame(4)))))
				.isEqualTo(2);
			assertThatIllegalArgumentException().isThrownBy(() -> socket.send(ByteBuffer.allocate(36_001)))
				.withMessageContaining("14 to 36000");
			Awaitility.await().until(() -> {
				peer.socket().receive(numbers, 10);
				return numbers.received == 5;
			});
			assertThat(socket.statistics().txInvalidDescriptors()).isZero();
			assertQuiet(socket);
			assertQuiet(peer.socket());
		}
	}

	@Test
	void aPacketInSeveralFragmentsIsReadByThem() {
		mtu();
		XdpSocketConfig.Builder config = config().multiBuffer(true);
		try (XdpSocket socket = open(config);
				Redirection redirection = redirection(config);
				PeerSocket peer = PeerSocket.open(this.kernel, this.veth, config.build())) {
			redirection.to(socket);
			byte[] frame = new Numbers(MTU).frame(0);
			peer.send(frame);
			assertThat(socket.await(TIMEOUT)).isTrue();
			List<XdpPacket> kept = new ArrayList<>();
			socket.receive((packet) -> {
				assertThat(packet.length()).isEqualTo(MTU);
				assertThat(packet.fragmentCount()).isGreaterThan(1);
				assertThatIllegalStateException().isThrownBy(packet::data)
					.withMessageContaining("fragments")
					.withMessageContaining("fragment(0)");
				ByteBuffer all = ByteBuffer.allocate(MTU);
				for (int i = 0; i < packet.fragmentCount(); i++) {
					all.put(packet.fragment(i));
				}
				assertThat(all.array()).isEqualTo(frame);
				kept.add(packet.retain());
			}, 1);
			assertThat(socket.frames().application()).isGreaterThan(1);
			assertThat(socket.frames().isBalanced()).isTrue();
			assertThat(kept.get(0).toByteArray()).isEqualTo(frame);
			kept.get(0).release();
			assertQuiet(socket);
		}
	}

	@Test
	void aPacketInSeveralFragmentsThatIsRetainedOutlivesItsSocket() {
		mtu();
		XdpSocketConfig.Builder config = config().multiBuffer(true);
		byte[] frame = new Numbers(MTU).frame(0);
		List<XdpPacket> kept = new ArrayList<>();
		List<ByteBuffer> buffers = new ArrayList<>();
		try (XdpSocket socket = open(config);
				Redirection redirection = redirection(config);
				PeerSocket peer = PeerSocket.open(this.kernel, this.veth, config.build())) {
			redirection.to(socket);
			peer.send(frame);
			peer.send(frame);
			Awaitility.await().until(() -> {
				socket.receive((packet) -> {
					kept.add(packet.retain());
					buffers.add(packet.fragment(packet.fragmentCount() - 1));
				}, 2);
				return kept.size() == 2;
			});
			kept.get(0).release();
		}
		assertThat(kept.get(1).toByteArray()).isEqualTo(frame);
		kept.get(1).release();
		assertThat(buffers).hasSize(2)
			.allSatisfy((buffer) -> assertThatExceptionOfType(IndexOutOfBoundsException.class)
				.isThrownBy(() -> buffer.get(0)));
	}

	@Test
	void aFullTxRingRefusesUntilTheTimeIsOverAndTakesEverythingLater() {
		XdpSocketConfig.Builder config = TestFrames.small();
		try (XdpSocket socket = open(config);
				PeerSocket peer = PeerSocket.open(this.kernel, this.veth, config().build())) {
			// an interface that is down takes nothing, and says so
			Commands.run("ip", "link", "set", this.veth.name(), "down");
			Numbers numbers = new Numbers(60);
			int queued = 0;
			while (socket.tx().used() < 64) {
				byte[] frame = numbers.frame(queued);
				assertThatException().isThrownBy(() -> socket.send(frame)).withMessageContaining("interface is down");
				queued++;
			}
			byte[] next = numbers.frame(queued);
			assertThat(socket.send(next)).isFalse();
			assertThat(socket.send(next, Duration.ofMillis(5))).isFalse();
			assertThat(socket.send(ByteBuffer.wrap(next))).isFalse();
			assertThat(socket.send(next.length, (buffer) -> buffer.put(next).position())).isFalse();
			assertThat(socket.send(List.of(ByteBuffer.wrap(next)))).isZero();
			assertThat(socket.frames()).isEqualTo(new FrameCensus(0, 64, 0, 0, 0, 64, 0, 128));
			Commands.run("ip", "link", "set", this.veth.name(), "up");
			assertThat(socket.flush()).isTrue();
			Awaitility.await().until(() -> {
				peer.socket().receive(numbers, 100);
				return numbers.received == 64;
			});
			assertQuiet(socket);
		}
	}

	@Test
	void framesThatAreHeldAreMissingAndComeBack() {
		XdpSocketConfig.Builder config = config().fillRingSize(32).rxRingSize(16);
		try (XdpSocket socket = open(config);
				Redirection redirection = redirection(config);
				PeerSocket peer = PeerSocket.open(this.kernel, this.veth, config().build())) {
			redirection.to(socket);
			Numbers numbers = new Numbers(60);
			List<XdpPacket> kept = new ArrayList<>();
			for (int i = 0; i < 60; i++) {
				peer.send(numbers.frame(i));
			}
			// 16 wait in the RX ring, for the others it is full
			Awaitility.await().until(() -> socket.statistics().rxRingFull() == 44);
			assertThat(socket.receive((packet) -> kept.add(packet.retain()), 100)).isEqualTo(16);
			for (int i = 0; i < 60; i++) {
				peer.send(numbers.frame(i));
			}
			Awaitility.await()
				.until(() -> socket.statistics().rxRingFull() + socket.statistics().rxFillRingEmpty() == 88);
			assertThat(socket.receive((packet) -> kept.add(packet.retain()), 100)).isEqualTo(16);
			assertThat(socket.frames()).isEqualTo(new FrameCensus(480, 0, 0, 0, 32, 0, 0, 512));
			peer.send(numbers.frame(0));
			Awaitility.await().until(() -> socket.statistics().rxFillRingEmpty() > 0);
			kept.forEach(XdpPacket::release);
			assertQuiet(socket);
			peer.send(numbers.frame(0));
			assertThat(socket.await(TIMEOUT)).isTrue();
			assertThat(socket.receive(numbers, 1)).isEqualTo(1);
			assertQuiet(socket);
		}
	}

	private void mtu() {
		Commands.run("ip", "link", "set", this.veth.name(), "mtu", Integer.toString(MTU));
		this.veth.exec("ip", "link", "set", this.veth.peerName(), "mtu", Integer.toString(MTU));
	}

	private static XdpSocketConfig.Builder config() {
		return XdpSocketConfig.builder()
			.frameCount(512)
			.fillRingSize(256)
			.rxRingSize(256)
			.txRingSize(256)
			.completionRingSize(256);
	}

	private static int fragments(XdpSocketConfig.Builder config, int length) {
		return config.build().multiBuffer() ? 2 + length / 1500 : 1;
	}

	private XdpSocket open(XdpSocketConfig.Builder config) {
		return XdpSocket.open(this.kernel, this.veth.info(), 0, config.build());
	}

	private Redirection redirection(XdpSocketConfig.Builder config) {
		return new Redirection(this.kernel, this.veth.info(), config.build().multiBuffer());
	}

	/** Completions come when the other side has consumed. */
	private static void assertQuiet(XdpSocket socket) {
		Awaitility.await().untilAsserted(() -> {
			socket.await(Duration.ZERO);
			socket.flush();
			FrameCensus census = socket.frames();
			assertThat(census).as("all are home, none is lost or doubled")
				.isEqualTo(new FrameCensus(socket.config().frameCount() - socket.config().fillFrames(),
						socket.config().fillFrames(), 0, 0, 0, 0, 0, socket.config().frameCount()));
		});
	}

	/** Numbered packets of one length and flow, whose order and content are checked. */
	private static final class Numbers implements PacketHandler {

		private final byte[] template;

		private volatile int received;

		private Numbers(int length) {
			this.template = TestFrames.ofLength(length);
		}

		private byte[] frame(int number) {
			byte[] frame = this.template.clone();
			ByteBuffer.wrap(frame).putInt(NUMBER, number);
			return frame;
		}

		private void send(PeerSocket peer, int count, int window) {
			long end = System.nanoTime() + TIMEOUT.toNanos() * 4;
			for (int i = 0; i < count; i++) {
				while (i - this.received >= window) {
					assertThat(System.nanoTime()).as("packet %d, of which %d came", i, this.received).isLessThan(end);
					Thread.onSpinWait();
				}
				peer.send(frame(i));
			}
		}

		@Override
		public void onPacket(XdpPacket packet) {
			byte[] bytes = packet.toByteArray();
			assertThat(packet.length()).isEqualTo(this.template.length);
			assertThat(ByteBuffer.wrap(bytes).getInt(NUMBER)).isEqualTo(this.received);
			ByteBuffer.wrap(bytes).putInt(NUMBER, ByteBuffer.wrap(this.template).getInt(NUMBER));
			assertThat(bytes).isEqualTo(this.template);
			this.received++;
		}

	}

}
