package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link XdpSocketConfig#leakListener()}.
 */
@KernelTest
class PacketLeakTests {

	private final Kernel kernel = JnaKernel.load();

	private final List<PacketLeak> leaks = new CopyOnWriteArrayList<>();

	private OpenResources before;

	private VethPair veth;

	private XdpSocket socket;

	private Redirection redirection;

	@BeforeEach
	void setUp() {
		this.before = OpenResources.snapshot();
		this.veth = VethPair.create();
		this.socket = XdpSocket.open(this.kernel, this.veth.info(), 0,
				TestFrames.small().leakListener(this.leaks::add).build());
		this.redirection = new Redirection(this.kernel, this.veth.info());
		this.redirection.to(this.socket);
	}

	@AfterEach
	void tearDown() {
		this.redirection.close();
		this.socket.close();
		this.veth.close();
		this.before.assertUnchanged();
	}

	@Test
	void aForgottenPacketIsReportedWithThePlaceThatRetainedIt() {
		send(3);
		this.socket.receiveBatch((batch) -> {
			batch.get(0).retain();
			batch.get(1).retain().release();
			forget(batch.get(2));
		}, 3);
		Awaitility.await().until(() -> {
			System.gc();
			this.socket.receive(XdpPacket::retain, 1);
			return this.leaks.size() == 2;
		});
		assertThat(this.leaks).allSatisfy((leak) -> {
			assertThat(leak.interfaceName()).isEqualTo(this.veth.name());
			assertThat(leak.queueId()).isZero();
			assertThat(leak.reason()).isEqualTo(PacketLeak.Reason.FORGOTTEN);
			assertThat(leak.retainedAt()).hasStackTraceContaining("PacketLeakTests");
			assertThat(leak).asString()
				.contains("retained at " + PacketLeakTests.class.getName() + ".", "never released", this.veth.name());
		});
		assertThat(this.leaks).anySatisfy((leak) -> assertThat(leak).asString().contains("PacketLeakTests.forget("));
		assertThat(this.socket.frames().application()).isEqualTo(2);
		assertThat(this.socket.frames().isBalanced()).isTrue();
	}

	@Test
	void aListenerThatThrowsDoesNotEndWhatReceives() throws Exception {
		List<Throwable> uncaught = new CopyOnWriteArrayList<>();
		this.socket.close();
		this.socket = XdpSocket.open(this.kernel, this.veth.info(), 0, TestFrames.small().leakListener((leak) -> {
			throw new IllegalStateException("thrown at " + leak);
		}).build());
		this.redirection.to(this.socket);
		send(2);
		Thread consumer = new Thread(() -> {
			this.socket.receive(PacketLeakTests::forget, 1);
			Awaitility.await().until(() -> {
				System.gc();
				this.socket.receive(XdpPacket::length, 1);
				return !uncaught.isEmpty() && this.socket.traffic().receivedPackets() == 2;
			});
		});
		consumer.setUncaughtExceptionHandler((thread, ex) -> uncaught.add(ex));
		consumer.start();
		consumer.join();
		assertThat(uncaught).singleElement(InstanceOfAssertFactories.THROWABLE)
			.hasMessageContaining("thrown at A packet from interface " + this.veth.name());
	}

	private static void forget(XdpPacket packet) {
		packet.retain();
	}

	@Test
	void aPacketThatIsHeldWhenItsSocketIsClosedIsReported() {
		List<XdpPacket> kept = new ArrayList<>();
		send(2);
		this.socket.receive((packet) -> kept.add(packet.retain()), 2);
		kept.get(0).release();
		this.socket.close();
		assertThat(this.leaks).singleElement()
			.satisfies((leak) -> assertThat(leak.reason()).isEqualTo(PacketLeak.Reason.CLOSED))
			.asString()
			.contains("socket was closed before");
		assertThat(kept.get(1).length()).isPositive();
		kept.get(1).release();
	}

	@Test
	void packetsThatComeBackAreNoLeaks() {
		List<XdpPacket> kept = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			send(6);
			this.socket.receive((packet) -> {
				if (kept.size() % 3 == 0) {
					packet.transmit();
				}
				kept.add((kept.size() % 3 == 0) ? packet : packet.retain());
			}, 6);
			kept.get(1).release();
			kept.get(2).transmit();
			kept.get(4).transmit();
			kept.get(5).release();
			kept.clear();
		}
		System.gc();
		Awaitility.await().untilAsserted(() -> {
			this.socket.await(Duration.ZERO);
			assertThat(this.socket.frames()).isEqualTo(new FrameCensus(64, 64, 0, 0, 0, 0, 0, 128));
		});
		this.socket.close();
		assertThat(this.leaks).isEmpty();
	}

	@Test
	void whatWasReleasedFailsEvenWhenItsFrameHasAnotherPacket() {
		List<XdpPacket> kept = new ArrayList<>();
		List<ByteBuffer> buffers = new ArrayList<>();
		for (int i = 0; i < 200; i++) {
			send(1);
			this.socket.receive((packet) -> {
				kept.add(packet);
				buffers.add(packet.data());
			}, 1);
		}
		assertThat(kept).doesNotHaveDuplicates()
			.allSatisfy((packet) -> assertThatIllegalStateException().isThrownBy(packet::data)
				.withMessageContaining("released"));
		assertThat(buffers).allSatisfy(
				(buffer) -> assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> buffer.get(0)));
	}

	private void send(int count) {
		for (int i = 0; i < count; i++) {
			this.veth.sendFrame(TestFrames.numbered(i));
		}
		assertThat(this.socket.rx().used()).isEqualTo(count);
	}

}
