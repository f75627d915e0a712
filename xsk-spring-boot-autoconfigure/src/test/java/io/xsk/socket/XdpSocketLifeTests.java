package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.ChildJvm;
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
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link XdpSocket}: interfaces that come and go, waiting, and close.
 */
@KernelTest
class XdpSocketLifeTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private static final Duration MOMENT = Duration.ofMillis(1);

	private final Kernel kernel = JnaKernel.load();

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private OpenResources before;

	private VethPair veth;

	private XdpSocket socket;

	@BeforeEach
	void setUp() {
		this.before = OpenResources.snapshot();
		this.veth = VethPair.create();
		this.socket = XdpSocket.open(this.kernel, this.veth.info(), 0, TestFrames.small().build());
	}

	@AfterEach
	void tearDown() {
		this.socket.close();
		this.executor.shutdownNow();
		this.veth.close();
		this.before.assertUnchanged();
	}

	@Test
	void anInterfaceThatGoesDownAndUpAgainInterruptsNothing() {
		PacketSocket peer = this.veth.capturePeer();
		try (Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			redirection.to(this.socket);
			Commands.run("ip", "link", "set", this.veth.name(), "down");
			assertThat(this.socket.isAlive()).isTrue();
			assertThat(this.socket.await(MOMENT)).isFalse();
			assertThatExceptionOfType(XskSystemException.class)
				.isThrownBy(() -> this.socket.send(ByteBuffer.wrap(TestFrames.numbered(1))))
				.withMessageContaining("interface is down; packets wait in the TX ring")
				.withMessageContaining("ip link set INTERFACE up")
				.satisfies((failure) -> assertThat(failure.getErrno()).isEqualTo(Errno.ENETDOWN));
			assertThat(this.socket.tx().used()).isEqualTo(1);
			Commands.run("ip", "link", "set", this.veth.name(), "up");
			assertThat(this.socket.isAlive()).isTrue();
			assertThat(this.socket.flush()).isTrue();
			assertThat(peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(1));
			// the peer's queueing discipline drops packets until it has noticed that the
			// link is back
			Awaitility.await().until(() -> {
				this.veth.sendFrame(TestFrames.numbered(2));
				return this.socket.await(Duration.ofMillis(50));
			});
			assertThat(this.socket.frames().isBalanced()).isTrue();
		}
	}

	@Test
	void anInterfaceThatIsDeletedLeavesADeadSocket() {
		assertThat(this.socket.isAlive()).isTrue();
		this.veth.delete();
		assertThat(this.socket.isAlive()).isFalse();
		assertThat(this.socket.isOpen()).isTrue();
		assertThat(this.socket.await(MOMENT)).isFalse();
		assertThat(this.socket.receive((packet) -> {
		}, 1)).isZero();
		assertThat(this.socket.statistics().rxDropped()).isZero();
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> this.socket.send(ByteBuffer.wrap(TestFrames.numbered(1))))
			.withMessageContaining("interface of this socket is gone")
			.satisfies((failure) -> assertThat(failure.getErrno()).isEqualTo(Errno.ENXIO));
		this.socket.close();
		assertThat(this.socket.isAlive()).isFalse();
	}

	@Test
	void closeReleasesEverythingOnce() {
		assertThat(OpenResources.snapshot().count("AF_XDP")).isEqualTo(1);
		assertThat(OpenResources.snapshot().count("mapped socket")).isEqualTo(4);
		this.socket.close();
		assertThat(OpenResources.snapshot().count("AF_XDP")).isZero();
		assertThat(OpenResources.snapshot().count("mapped socket")).isZero();
		this.socket.close();
	}

	@Test
	void aClosedSocketSaysSoAndTouchesNothing() {
		assertThat(this.socket).hasToString("XdpSocket[name=%1$s-0, interface=%1$s, queue=0, fd=%2$d]"
			.formatted(this.veth.name(), this.socket.fd()));
		this.socket.close();
		assertThat(this.socket.isOpen()).isFalse();
		assertThat(this.socket.isAlive()).isFalse();
		assertThat(this.socket.rx()).isEqualTo(new RingUsage(0, 0));
		assertThat(this.socket.tx()).isEqualTo(new RingUsage(0, 0));
		assertThat(this.socket.await(TIMEOUT)).isFalse();
		assertThat(this.socket)
			.hasToString("XdpSocket[name=%1$s-0, interface=%1$s, queue=0, closed]".formatted(this.veth.name()));
		assertThatIllegalStateException().isThrownBy(() -> this.socket.fd()).withMessageContaining("closed");
		assertThatIllegalStateException().isThrownBy(() -> this.socket.statistics()).withMessageContaining("closed");
		assertThatIllegalStateException().isThrownBy(() -> this.socket.frames()).withMessageContaining("closed");
		assertThatIllegalStateException().isThrownBy(() -> this.socket.flush()).withMessageContaining("closed");
		assertThatIllegalStateException().isThrownBy(() -> this.socket.send(ByteBuffer.allocate(60)))
			.withMessageContaining("closed");
		assertThatIllegalStateException().isThrownBy(() -> this.socket.receive((packet) -> {
		}, 1)).withMessageContaining("closed");
	}

	@Test
	void aHandlerCannotCloseItsSocket() {
		try (Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			redirection.to(this.socket);
			this.veth.sendFrame(TestFrames.numbered(1));
			assertThat(this.socket.await(TIMEOUT)).isTrue();
			assertThatIllegalStateException().isThrownBy(() -> this.socket.receive((packet) -> this.socket.close(), 1))
				.withMessageContaining("handler cannot close");
			assertThat(this.socket.isOpen()).isTrue();
		}
	}

	@Test
	void aHandlerCannotReceiveOrWaitWhileItsPacketIsInHand() {
		try (Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			redirection.to(this.socket);
			for (Runnable call : List.<Runnable>of(() -> this.socket.await(Duration.ZERO),
					() -> this.socket.receive((packet) -> {
					}, 1))) {
				this.veth.sendFrame(TestFrames.numbered(1));
				assertThat(this.socket.await(TIMEOUT)).isTrue();
				assertThatIllegalStateException().isThrownBy(() -> this.socket.receive((packet) -> call.run(), 1))
					.withMessageContaining("handler cannot receive");
			}
			assertThat(this.socket.await(Duration.ZERO)).isFalse();
			assertThat(this.socket.frames().isBalanced()).isTrue();
		}
	}

	@Test
	void closeEndsAWait() throws Exception {
		Future<Boolean> waiting = this.executor.submit(() -> this.socket.await(Duration.ofHours(1)));
		Awaitility.await().until(() -> this.socket.statistics().txRingEmpty() > 0);
		this.socket.close();
		assertThat(waiting.get(5, TimeUnit.SECONDS)).isFalse();
	}

	@Test
	void aCloseThatGaveUpIsMadeGoodWhenTheHandlerReturnsAndNotBefore() throws Exception {
		try (Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			redirection.to(this.socket);
			this.veth.sendFrame(TestFrames.numbered(1));
			assertThat(this.socket.await(TIMEOUT)).isTrue();
			CountDownLatch handling = new CountDownLatch(1);
			CountDownLatch finish = new CountDownLatch(1);
			Future<Integer> receiving = this.executor.submit(() -> this.socket.receive((packet) -> {
				handling.countDown();
				awaitUninterrupted(finish);
				assertThat(this.socket.isAlive()).isFalse();
				assertThat(TestFrames.number(packet)).as("is still mapped").isEqualTo(1);
			}, 1));
			assertThat(handling.await(5, TimeUnit.SECONDS)).isTrue();
			assertThatExceptionOfType(XskException.class).isThrownBy(this.socket::close)
				.withMessageContaining("not released");
			OpenResources unreleased = OpenResources.snapshot();
			assertThat(unreleased.count("AF_XDP")).isPositive();
			finish.countDown();
			assertThat(receiving.get(5, TimeUnit.SECONDS)).isOne();
			assertThat(OpenResources.snapshot().count("AF_XDP")).isEqualTo(unreleased.count("AF_XDP") - 1);
		}
	}

	@Test
	void closeWaitsForTheConsumerToLeaveItsCall() throws Exception {
		try (Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			redirection.to(this.socket);
			this.veth.sendFrame(TestFrames.numbered(1));
			assertThat(this.socket.await(TIMEOUT)).isTrue();
			CountDownLatch handling = new CountDownLatch(1);
			CountDownLatch finish = new CountDownLatch(1);
			Future<Integer> receiving = this.executor.submit(() -> this.socket.receive((packet) -> {
				handling.countDown();
				awaitUninterrupted(finish);
				assertThat(TestFrames.number(packet)).as("is still mapped").isEqualTo(1);
			}, 1));
			assertThat(handling.await(5, TimeUnit.SECONDS)).isTrue();
			Future<?> closing = this.executor.submit(this.socket::close);
			Awaitility.await().until(() -> !this.socket.isOpen());
			assertThat(closing.isDone()).isFalse();
			finish.countDown();
			assertThat(receiving.get(5, TimeUnit.SECONDS)).isEqualTo(1);
			closing.get(5, TimeUnit.SECONDS);
		}
	}

	@Test
	void awaitEndsWhenAPacketComes() throws Exception {
		try (Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			redirection.to(this.socket);
			Future<Boolean> waiting = this.executor.submit(() -> this.socket.await(Duration.ofSeconds(30)));
			Awaitility.await().until(() -> this.socket.statistics().txRingEmpty() > 0);
			this.veth.sendFrame(TestFrames.numbered(1));
			assertThat(waiting.get(5, TimeUnit.SECONDS)).isTrue();
			assertThat(this.socket.await(Duration.ZERO)).isTrue();
		}
	}

	@Test
	void wakeupEndsAWaitAtOnce() throws Exception {
		for (int i = 0; i < 20; i++) {
			long before = this.socket.statistics().txRingEmpty();
			Future<Boolean> waiting = this.executor.submit(() -> this.socket.await(Duration.ofHours(1)));
			while (this.socket.statistics().txRingEmpty() == before) {
				Thread.onSpinWait();
			}
			this.socket.wakeup();
			assertThat(waiting.get(5, TimeUnit.SECONDS)).isFalse();
		}
		assertThat(this.socket.await(Duration.ZERO)).isFalse();
	}

	@Test
	void wakeupEndsTheNextWaitWhenNobodyWaits() {
		this.socket.wakeup();
		this.socket.wakeup();
		assertThat(this.socket.await(Duration.ofHours(1))).isFalse();
		assertThat(this.socket.await(Duration.ofMillis(20))).isFalse();
		this.socket.wakeup();
		this.socket.close();
		this.socket.wakeup();
	}

	@Test
	void packetsComeBeforeAWakeup() {
		try (Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			redirection.to(this.socket);
			this.veth.sendFrame(TestFrames.numbered(1));
			this.socket.wakeup();
			assertThat(this.socket.await(TIMEOUT)).isTrue();
			assertThat(this.socket.receive(XdpPacket::length, 1)).isEqualTo(1);
			assertThat(this.socket.await(Duration.ofHours(1))).as("the wakeup is still due").isFalse();
		}
	}

	@Test
	void whatWaitsForTheInterfaceIsSentWhileTheConsumerWaits() {
		PacketSocket peer = this.veth.capturePeer();
		try (Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			redirection.to(this.socket);
			this.veth.sendFrame(TestFrames.numbered(1));
			assertThat(this.socket.await(TIMEOUT)).isTrue();
			Commands.run("ip", "link", "set", this.veth.name(), "down");
			assertThat(this.socket.receive(XdpPacket::transmit, 1)).as("it is no failure of the consumer").isEqualTo(1);
			assertThat(this.socket.frames().tx()).isEqualTo(1);
			assertThat(this.socket.frames().isBalanced()).isTrue();
			Commands.run("ip", "link", "set", this.veth.name(), "up");
			assertThat(this.socket.await(Duration.ofMillis(200))).isFalse();
			assertThat(peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(1));
			Awaitility.await().until(() -> {
				this.socket.await(MOMENT);
				return this.socket.fill().used() == 64;
			});
		}
	}

	@Test
	void whatWasSentWhileTheInterfaceWasDownLeavesWhileTheConsumerReceives() {
		PacketSocket peer = this.veth.capturePeer();
		Commands.run("ip", "link", "set", this.veth.name(), "down");
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> this.socket.send(TestFrames.numbered(1), TIMEOUT))
			.withMessageContaining("ENETDOWN");
		assertThat(this.socket.receive(XdpPacket::length, 1)).as("it is no failure of the consumer").isZero();
		assertThat(this.socket.tx().used()).isEqualTo(1);
		Commands.run("ip", "link", "set", this.veth.name(), "up");
		assertThat(this.socket.receive(XdpPacket::length, 1)).isZero();
		assertThat(this.socket.tx().used()).isZero();
		assertThat(peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(1));
	}

	@Test
	void whatAnotherThreadTransmitsWhileTheInterfaceIsDownIsTakenAndSentLater() {
		PacketSocket peer = this.veth.capturePeer();
		List<XdpPacket> kept = new ArrayList<>();
		try (Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			redirection.to(this.socket);
			this.veth.sendFrame(TestFrames.numbered(1));
			assertThat(this.socket.await(TIMEOUT)).isTrue();
			this.socket.receive((packet) -> kept.add(packet.retain()), 1);
			Commands.run("ip", "link", "set", this.veth.name(), "down");
			kept.get(0).transmit();
			assertThat(this.socket.frames().tx()).isEqualTo(1);
			Commands.run("ip", "link", "set", this.veth.name(), "up");
			assertThat(this.socket.flush(TIMEOUT)).isTrue();
			assertThat(peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(1));
			assertThat(this.socket.frames().isBalanced()).isTrue();
		}
	}

	@Test
	void awaitEndsAtItsTimeout() {
		assertThat(this.socket.await(Duration.ZERO)).isFalse();
		assertThat(this.socket.await(Duration.ofMillis(-1))).isFalse();
		assertThat(this.socket.await(Duration.ofMillis(120))).isFalse();
	}

	@Test
	void anIdleConsumerSleepsUntilItIsWoken() throws Exception {
		this.socket.close();
		FaultInjectingKernel counting = new FaultInjectingKernel();
		try (XdpSocket idle = XdpSocket.open(counting, this.veth.info(), 0, TestFrames.small().build())) {
			int before = counting.calls().size();
			Future<Boolean> waiting = this.executor.submit(() -> idle.await(Duration.ofHours(1)));
			Awaitility.await().until(() -> counting.calls().size() > before);
			Awaitility.await()
				.during(Duration.ofSeconds(1))
				.atMost(Duration.ofSeconds(5))
				.until(() -> counting.calls().size() == before + 1);
			idle.wakeup();
			assertThat(waiting.get(5, TimeUnit.SECONDS)).isFalse();
		}
	}

	@Test
	void aPacketTellsWhereItCameFrom() {
		try (Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			redirection.to(this.socket);
			this.veth.sendFrame(TestFrames.numbered(1));
			assertThat(this.socket.await(TIMEOUT)).isTrue();
			List<String> origins = new ArrayList<>();
			this.socket.receive(
					(packet) -> origins.add(packet.socket() + " " + packet.interfaceName() + " " + packet.queue()), 1);
			assertThat(origins).containsExactly("%1$s-0 %1$s 0".formatted(this.veth.name()));
		}
	}

	@Test
	void aBufferThatIsKeptFailsOnceTheSocketIsClosed() {
		this.socket.close();
		Process reader = ChildJvm.of(KeptBufferMain.class).start(this.veth.name());
		Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
			this.veth.sendFrame(TestFrames.numbered(1));
			return !reader.isAlive();
		});
		assertThat(reader.exitValue()).as("134 is a crash").isEqualTo(KeptBufferMain.REFUSED);
	}

	@Test
	void anInterruptEndsAWaitAndStaysSet() {
		Thread.currentThread().interrupt();
		assertThat(this.socket.await(Duration.ofHours(1))).isFalse();
		assertThat(Thread.interrupted()).isTrue();
	}

	private static void awaitUninterrupted(CountDownLatch latch) {
		try {
			assertThat(latch.await(5, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
