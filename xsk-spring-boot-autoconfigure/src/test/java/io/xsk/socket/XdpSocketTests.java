package io.xsk.socket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.xsk.bpf.AttachMode;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.Commands;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.PacketSocket;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link XdpSocket}: receiving on the running kernel.
 */
@KernelTest
class XdpSocketTests {

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
	void receivesNumberedPacketsInTheirOrder() {
		try (XdpSocket socket = open(XdpSocketConfig.builder()); Redirection redirection = redirection()) {
			redirection.to(socket);
			List<Integer> received = new ArrayList<>();
			for (int i = 0; i < 5000; i++) {
				this.veth.sendFrame(TestFrames.numbered(i));
				if (i % 500 == 499) {
					receive(socket, received, i + 1);
				}
			}
			assertThat(received).hasSize(5000).isSorted().doesNotHaveDuplicates();
			assertThat(socket.statistics())
				.isEqualTo(new XdpStatistics(0, 0, 0, 0, 0, socket.statistics().txRingEmpty()));
			assertThat(socket.fill()).isEqualTo(new RingUsage(1024, 1024));
			assertThat(socket.frames()).isEqualTo(new FrameCensus(1024, 1024, 0, 0, 0, 0, 0, 2048));
		}
	}

	@Test
	void losesAndDoublesNothingWhileThePeerSends() throws Exception {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (XdpSocket socket = open(small()); Redirection redirection = redirection()) {
			redirection.to(socket);
			int count = 30_000;
			Future<?> sender = executor.submit(() -> sendNumbered(count));
			List<Integer> received = new ArrayList<>();
			while (socket.await(Duration.ofMillis(100)) || !sender.isDone()) {
				socket.receive((packet) -> received.add(TestFrames.number(packet)), 64);
			}
			sender.get();
			XdpStatistics statistics = socket.statistics();
			assertThat(received).isSorted().doesNotHaveDuplicates();
			// a sender that is faster than the receiver finds the rings full, and that is
			// counted
			assertThat(received.size() + statistics.rxRingFull() + statistics.rxFillRingEmpty()).isEqualTo(count);
			assertThat(socket.frames()).isEqualTo(new FrameCensus(64, 64, 0, 0, 0, 0, 0, 128));
		}
		finally {
			executor.shutdown();
		}
	}

	@Test
	void receivesTheDatagramThatThePeerSends() {
		try (XdpSocket socket = open(XdpSocketConfig.builder()); Redirection redirection = redirection()) {
			redirection.to(socket);
			this.veth.sendUdp(5353, new byte[] { 1, 2, 3 });
			List<byte[]> packets = receive(socket, 1);
			byte[] packet = packets.get(0);
			assertThat(packet).startsWith(this.veth.mac())
				.endsWith(1, 2, 3)
				.hasSizeGreaterThanOrEqualTo(14 + 20 + 8 + 3);
			assertThat(ByteBuffer.wrap(packet).getShort(36)).isEqualTo((short) 5353);
		}
	}

	@Test
	void worksInGenericModeToo() {
		try (XdpSocket socket = open(XdpSocketConfig.builder());
				Redirection redirection = new Redirection(this.kernel, this.veth.info(), AttachMode.GENERIC)) {
			redirection.to(socket);
			this.veth.sendFrame(TestFrames.numbered(7));
			assertThat(receive(socket, 1)).containsExactly(TestFrames.numbered(7));
		}
	}

	@Test
	void eachQueueHasItsSocket() {
		try (VethPair many = VethPair.create(4);
				XdpSocket first = XdpSocket.open(this.kernel, many.info(), 0, small().build());
				XdpSocket second = XdpSocket.open(this.kernel, many.info(), 1, small().build());
				Redirection redirection = new Redirection(this.kernel, many.info())) {
			assertThat(second.queueId()).isEqualTo(1);
			assertThat(second.interfaceIndex()).isEqualTo(many.index());
			assertThat(second.interfaceName()).isEqualTo(many.name());
			redirection.to(first);
			redirection.to(second);
			Set<Integer> numbers = new TreeSet<>();
			// the flows spread over the queues, the others of which pass them to the
			// stack
			for (int i = 0; i < 64; i++) {
				many.sendFrame(TestFrames.numbered(i));
			}
			int onFirst = drain(first, numbers);
			int onSecond = drain(second, numbers);
			assertThat(onFirst).isPositive();
			assertThat(onSecond).isPositive();
			assertThat(numbers).hasSize(onFirst + onSecond);
		}
	}

	@Test
	void handsOverNoMorePacketsThanTheBudget() {
		try (XdpSocket socket = open(XdpSocketConfig.builder()); Redirection redirection = redirection()) {
			redirection.to(socket);
			sendNumbered(10);
			List<Integer> numbers = new ArrayList<>();
			PacketHandler handler = (packet) -> numbers.add(TestFrames.number(packet));
			assertThat(socket.receive(handler, 0)).isZero();
			assertThat(socket.receive(handler, 3)).isEqualTo(3);
			assertThat(socket.rx()).isEqualTo(new RingUsage(1024, 7));
			assertThat(socket.receive(handler, 100)).isEqualTo(7);
			assertThat(socket.receive(handler, 100)).isZero();
			assertThat(numbers).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
			assertThatIllegalArgumentException().isThrownBy(() -> socket.receive(handler, -1))
				.withMessageContaining("-1");
		}
	}

	@Test
	void aFrameComesBackAlsoWhenTheHandlerThrows() {
		try (XdpSocket socket = open(small()); Redirection redirection = redirection()) {
			redirection.to(socket);
			sendNumbered(3);
			List<Integer> numbers = new ArrayList<>();
			PacketHandler handler = (packet) -> {
				numbers.add(TestFrames.number(packet));
				if (TestFrames.number(packet) == 1) {
					throw new UnsupportedOperationException("packet 1");
				}
			};
			assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> socket.receive(handler, 10))
				.withMessage("packet 1");
			assertThat(socket.rx().used()).isEqualTo(1);
			assertThat(socket.receive(handler, 10)).isEqualTo(1);
			assertThat(numbers).containsExactly(0, 1, 2);
			assertThat(socket.fill()).isEqualTo(new RingUsage(64, 64));
			assertThat(socket.frames().isBalanced()).isTrue();
		}
	}

	@Test
	void theFramesOfABatchAreTheApplicationsUntilItIsOver() {
		try (XdpSocket socket = open(small()); Redirection redirection = redirection()) {
			redirection.to(socket);
			sendNumbered(3);
			List<FrameCensus> censuses = new ArrayList<>();
			assertThat(socket.frames()).isEqualTo(new FrameCensus(64, 61, 0, 3, 0, 0, 0, 128));
			socket.receive((packet) -> censuses.add(socket.frames()), 10);
			assertThat(censuses).containsExactly(new FrameCensus(64, 61, 0, 2, 1, 0, 0, 128),
					new FrameCensus(64, 61, 0, 1, 2, 0, 0, 128), new FrameCensus(64, 61, 0, 0, 3, 0, 0, 128));
			assertThat(socket.frames()).isEqualTo(new FrameCensus(64, 64, 0, 0, 0, 0, 0, 128));
		}
	}

	@Test
	void aPacketIsGivenInNetworkOrderWhateverTheLastReaderDid() {
		try (XdpSocket socket = open(small().fillRingSize(1).headroom(128)); Redirection redirection = redirection()) {
			redirection.to(socket);
			for (int i = 0; i < 3; i++) {
				this.veth.sendFrame(TestFrames.numbered(i));
				int number = i;
				assertThat(socket.await(TIMEOUT)).isTrue();
				assertThat(socket.receive((lent) -> {
					ByteBuffer packet = lent.data();
					assertThat(packet.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
					assertThat(packet.position()).isZero();
					assertThat(packet.remaining()).isEqualTo(TestFrames.numbered(number).length);
					assertThat(TestFrames.number(packet)).isEqualTo(number);
					packet.position(3).limit(5).order(ByteOrder.LITTLE_ENDIAN);
				}, 1)).isEqualTo(1);
			}
		}
	}

	@Test
	void aSocketThatOnlyReceivesHasNoTxRing() {
		try (XdpSocket socket = open(small().direction(Direction.RECEIVE)); Redirection redirection = redirection()) {
			redirection.to(socket);
			sendNumbered(2);
			assertThat(receive(socket, 2)).containsExactly(TestFrames.numbered(0), TestFrames.numbered(1));
			assertThat(socket.tx()).isEqualTo(new RingUsage(0, 0));
			assertThat(socket.completion()).isEqualTo(new RingUsage(64, 0));
			assertThat(socket.frames()).isEqualTo(new FrameCensus(64, 64, 0, 0, 0, 0, 0, 128));
			assertThatIllegalStateException().isThrownBy(() -> socket.send(ByteBuffer.allocate(60)))
				.withMessageContaining("only receives");
			assertThatIllegalStateException().isThrownBy(socket::flush).withMessageContaining("only receives");
		}
	}

	@Test
	void countsPacketsThatFoundTheRxRingFull() {
		try (XdpSocket socket = open(small().rxRingSize(4)); Redirection redirection = redirection()) {
			redirection.to(socket);
			sendNumbered(10);
			assertThat(socket.statistics().rxRingFull()).isEqualTo(6);
			assertThat(socket.rx()).isEqualTo(new RingUsage(4, 4));
			assertThat(socket.frames().isBalanced()).as("%s", socket.frames()).isTrue();
			assertThat(receive(socket, 4)).hasSize(4);
			assertThat(socket.frames().isBalanced()).as("%s", socket.frames()).isTrue();
		}
	}

	@Test
	void countsPacketsThatFoundTheFillRingEmpty() {
		try (XdpSocket socket = open(small().fillRingSize(4)); Redirection redirection = redirection()) {
			redirection.to(socket);
			sendNumbered(10);
			assertThat(socket.statistics().rxFillRingEmpty()).isEqualTo(6);
			assertThat(socket.fill()).isEqualTo(new RingUsage(4, 0));
			assertThat(receive(socket, 4)).hasSize(4);
			sendNumbered(1);
			assertThat(receive(socket, 1)).as("goes on with the frames that came back").hasSize(1);
			assertThat(socket.frames().isBalanced()).as("%s", socket.frames()).isTrue();
		}
	}

	@Test
	void dropsAndCountsPacketsThatAreLongerThanAFrame() {
		mtu(9000);
		try (XdpSocket socket = open(small());
				Redirection redirection = new Redirection(this.kernel, this.veth.info(), AttachMode.GENERIC)) {
			redirection.to(socket);
			this.veth.sendFrame(TestFrames.ofLength(5000));
			assertThat(socket.statistics().rxDropped()).isEqualTo(1);
			assertThat(socket.frames().isBalanced()).isTrue();
		}
	}

	@Test
	void receivesPacketsOfSeveralFragmentsInOnePiece() {
		mtu(9000);
		try (XdpSocket socket = open(small().multiBuffer(true));
				Redirection redirection = new Redirection(this.kernel, this.veth.info(), AttachMode.GENERIC)) {
			redirection.to(socket);
			for (int i = 0; i < 40; i++) {
				this.veth.sendFrame(TestFrames.numbered(i));
				this.veth.sendFrame(TestFrames.ofLength(5000 + i));
				assertThat(socket.rx().used()).isGreaterThan(2);
				// one packet at a time, whatever number of entries it has
				assertThat(receive(socket, 1)).containsExactly(TestFrames.numbered(i));
				assertThat(receive(socket, 1)).containsExactly(TestFrames.ofLength(5000 + i));
			}
			assertThat(socket.frames()).isEqualTo(new FrameCensus(64, 64, 0, 0, 0, 0, 0, 128));
		}
	}

	@Test
	void theSmallestSocketWorks() {
		PacketSocket peer = this.veth.capturePeer();
		XdpSocketConfig.Builder config = XdpSocketConfig.builder()
			.rxRingSize(1)
			.txRingSize(1)
			.fillRingSize(1)
			.completionRingSize(1)
			.frameCount(2);
		try (XdpSocket socket = open(config); Redirection redirection = redirection()) {
			redirection.to(socket);
			for (int i = 0; i < 10; i++) {
				this.veth.sendFrame(TestFrames.numbered(i));
				assertThat(receive(socket, 1)).containsExactly(TestFrames.numbered(i));
				assertThat(socket.send(ByteBuffer.wrap(TestFrames.numbered(i)))).isTrue();
				assertThat(peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(i));
			}
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

	private Redirection redirection() {
		return new Redirection(this.kernel, this.veth.info());
	}

	private void sendNumbered(int count) {
		for (int i = 0; i < count; i++) {
			this.veth.sendFrame(TestFrames.numbered(i));
		}
	}

	private static int drain(XdpSocket socket, Set<Integer> numbers) {
		return socket.receive((packet) -> numbers.add(TestFrames.number(packet)), 1000);
	}

	private static void receive(XdpSocket socket, List<Integer> numbers, int wanted) {
		while (numbers.size() < wanted && socket.await(TIMEOUT)) {
			socket.receive((packet) -> numbers.add(TestFrames.number(packet)), 64);
		}
	}

	private static List<byte[]> receive(XdpSocket socket, int wanted) {
		List<byte[]> packets = new ArrayList<>();
		while (packets.size() < wanted && socket.await(TIMEOUT)) {
			socket.receive((packet) -> {
				assertThat(packet.length()).isEqualTo(packet.toByteArray().length);
				packets.add(packet.toByteArray());
			}, wanted - packets.size());
		}
		return packets;
	}

}
