package io.xsk.socket;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

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
 * Tests of {@link XdpPacket}: what a handler may do with a packet, and what it may not.
 */
@KernelTest
class XdpPacketTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private static final FrameCensus QUIET = new FrameCensus(64, 64, 0, 0, 0, 0, 0, 128);

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	private final ExecutorService executor = Executors.newSingleThreadExecutor();

	private final List<XdpPacket> kept = new ArrayList<>();

	private OpenResources before;

	private VethPair veth;

	private XdpSocket socket;

	private Redirection redirection;

	private PacketSocket peer;

	@BeforeEach
	void setUp() {
		this.before = OpenResources.snapshot();
		this.veth = VethPair.create();
		open(TestFrames.small());
		this.peer = this.veth.capturePeer();
	}

	@AfterEach
	void tearDown() {
		this.executor.shutdownNow();
		this.redirection.close();
		this.socket.close();
		this.veth.close();
		this.before.assertUnchanged();
	}

	private void open(XdpSocketConfig.Builder config) {
		this.socket = XdpSocket.open(this.kernel, this.veth.info(), 0, config.build());
		this.redirection = new Redirection(this.kernel, this.veth.info());
		this.redirection.to(this.socket);
	}

	private void reopen(XdpSocketConfig.Builder config) {
		this.redirection.close();
		this.socket.close();
		open(config);
	}

	@Test
	void aPacketIsTransmittedAsItNowIs() {
		receive(1, (packet) -> {
			ByteBuffer data = packet.data();
			byte[] text = "changed".getBytes(StandardCharsets.US_ASCII);
			data.put(42, text);
			data.position(20).limit(42 + text.length);
			packet.transmit();
		});
		byte[] expected = Arrays.copyOf(TestFrames.numbered(1), 49);
		System.arraycopy("changed".getBytes(StandardCharsets.US_ASCII), 0, expected, 42, 7);
		assertThat(this.peer.receive(TIMEOUT)).hasValue(expected);
		assertQuiet();
	}

	@Test
	void aPacketCanGrowBeforeItIsTransmitted() {
		byte[] longer = TestFrames.ofLength(1500);
		receive(1, (packet) -> {
			packet.data().limit(longer.length).put(0, longer);
			packet.transmit();
		});
		assertThat(this.peer.receive(TIMEOUT)).hasValue(longer);
		assertQuiet();
	}

	@Test
	void aPacketIsTransmittedOnceAndThenTouchedNoMore() {
		receive(1, (packet) -> {
			packet.transmit();
			assertThatIllegalStateException().isThrownBy(packet::transmit).withMessageContaining("transmitted");
			assertThatIllegalStateException().isThrownBy(packet::data).withMessageContaining("transmitted");
			assertThatIllegalStateException().isThrownBy(packet::length).withMessageContaining("transmitted");
			assertThatIllegalStateException().isThrownBy(packet::retain).withMessageContaining("transmitted");
		});
		assertThat(this.peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(1));
		assertQuiet();
	}

	@Test
	void aPacketThatIsTooShortIsNotTransmitted() {
		receive(1, (packet) -> {
			packet.data().limit(13);
			assertThatIllegalStateException().isThrownBy(packet::transmit).withMessageContaining("13 bytes");
			assertThat(packet.data().limit()).isEqualTo(13);
		});
		assertQuiet();
	}

	@Test
	void aPacketOfASocketThatOnlyReceivesIsNotTransmitted() {
		reopen(TestFrames.small().direction(Direction.RECEIVE).bindTimeout(TIMEOUT));
		receive(1, (packet) -> assertThatIllegalStateException().isThrownBy(packet::transmit)
			.withMessageContaining("only receives"));
		assertQuiet();
	}

	@Test
	void aPacketIsReleasedAtTheEndOfItsCall() {
		receive(1, this.kept::add);
		XdpPacket packet = this.kept.get(0);
		assertThatIllegalStateException().isThrownBy(packet::data).withMessageContaining("released");
		assertThatIllegalStateException().isThrownBy(packet::length).withMessageContaining("released");
		assertThatIllegalStateException().isThrownBy(packet::fragmentCount).withMessageContaining("released");
		assertThatIllegalStateException().isThrownBy(() -> packet.fragment(0)).withMessageContaining("released");
		assertThatIllegalStateException().isThrownBy(() -> packet.copyTo(ByteBuffer.allocate(9)))
			.withMessageContaining("released");
		assertThatIllegalStateException().isThrownBy(packet::toByteArray).withMessageContaining("released");
		assertThatIllegalStateException().isThrownBy(packet::retain).withMessageContaining("released");
		assertThatIllegalStateException().isThrownBy(packet::release).withMessageContaining("released");
		assertThatIllegalStateException().isThrownBy(packet::transmit).withMessageContaining("released");
		assertQuiet();
	}

	@Test
	void aPacketThatWasNotRetainedIsNotReleased() {
		receive(1, (packet) -> {
			assertThatIllegalStateException().isThrownBy(packet::release).withMessageContaining("not retained");
			packet.retain().release();
			assertThatIllegalStateException().isThrownBy(packet::release).withMessageContaining("not retained");
			assertThat(packet.data().limit()).isPositive();
		});
		assertQuiet();
	}

	@Test
	void copiesAPacketOut() {
		receive(1, (packet) -> {
			ByteBuffer target = ByteBuffer.allocate(200).position(3);
			packet.copyTo(target);
			assertThat(target.position()).isEqualTo(3 + packet.length());
			assertThat(packet.toByteArray()).isEqualTo(TestFrames.numbered(1));
			assertThat(target.slice(3, packet.length())).isEqualTo(ByteBuffer.wrap(TestFrames.numbered(1)));
			assertThat(packet.data().position()).isZero();
			assertThat(packet.fragmentCount()).isEqualTo(1);
			assertThat(packet.fragment(0)).isSameAs(packet.data());
			assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> packet.fragment(1))
				.withMessageContaining("Fragment 1 of a packet in 1");
			assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> packet.fragment(-1));
			assertThatExceptionOfType(BufferOverflowException.class)
				.isThrownBy(() -> packet.copyTo(ByteBuffer.allocate(packet.length() - 1)));
		});
		assertQuiet();
	}

	@Test
	void retainedPacketsAreReleasedByAnotherThread() throws Exception {
		// more than the fill ring has, so that frames must come home in between
		for (int round = 0; round < 50; round++) {
			int first = round * 40;
			for (int i = first; i < first + 40; i++) {
				this.veth.sendFrame(TestFrames.numbered(i));
			}
			receiveAll(40, (packet) -> this.kept.add(packet.retain()));
			assertThat(this.socket.frames()).isEqualTo(new FrameCensus(64, 24, 0, 0, 40, 0, 0, 128));
			this.executor.submit(() -> {
				for (int i = 0; i < 40; i++) {
					assertThat(this.kept.get(i).toByteArray()).isEqualTo(TestFrames.numbered(first + i));
					this.kept.get(i).release();
				}
			}).get(5, TimeUnit.SECONDS);
			assertThat(this.socket.frames().isBalanced()).isTrue();
			assertThat(this.socket.receive(this.kept::add, 1)).isZero();
			assertQuiet();
			this.kept.clear();
		}
	}

	@Test
	void aReleaseFeedsAConsumerThatWaitsWithoutFrames() throws Exception {
		for (int i = 0; i < 64; i++) {
			this.veth.sendFrame(TestFrames.numbered(i));
		}
		receiveAll(64, (packet) -> this.kept.add(packet.retain()));
		assertThat(this.socket.fill().used()).isZero();
		Future<Boolean> waiting = this.executor.submit(() -> this.socket.await(Duration.ofHours(1)));
		Awaitility.await().until(() -> this.socket.statistics().txRingEmpty() > 2);
		this.kept.forEach(XdpPacket::release);
		Awaitility.await().until(() -> this.socket.fill().used() == 64);
		assertThat(waiting.isDone()).as("a frame that comes back is no packet").isFalse();
		assertThat(this.kernel.calls()).as("its wait is not over by itself")
			.anyMatch((call) -> call.startsWith("write"));
		this.veth.sendFrame(TestFrames.numbered(64));
		assertThat(waiting.get(5, TimeUnit.SECONDS)).isTrue();
		this.socket.receive((packet) -> assertThat(TestFrames.number(packet)).isEqualTo(64), 1);
		assertQuiet();
	}

	@Test
	void aPacketThatTwoHaveRetainedComesHomeAfterTheSecondRelease() {
		receive(1, (packet) -> this.kept.add(packet.retain().retain()));
		XdpPacket packet = this.kept.get(0);
		packet.release();
		assertThat(TestFrames.number(packet)).isEqualTo(1);
		packet.release();
		assertThatIllegalStateException().isThrownBy(packet::release);
		this.socket.await(Duration.ZERO);
		assertQuiet();
	}

	@Test
	void aRetainedPacketIsTransmittedByAnotherThreadInPlaceOfItsRelease() throws Exception {
		for (int i = 0; i < 200; i++) {
			receive(i, (packet) -> this.kept.add(packet.retain()));
			XdpPacket packet = this.kept.get(i);
			this.executor.submit(packet::transmit).get(5, TimeUnit.SECONDS);
			assertThat(this.peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(i));
			assertThatIllegalStateException().isThrownBy(packet::release);
			assertThat(this.socket.frames().isBalanced()).isTrue();
		}
		assertQuiet();
	}

	@Test
	void aPacketThatAnotherReadsIsSentAfterItsRelease() {
		receive(7, (packet) -> {
			this.kept.add(packet.retain());
			packet.transmit();
			assertThat(this.executor.submit(packet::toByteArray)).succeedsWithin(TIMEOUT)
				.isEqualTo(TestFrames.numbered(7));
		});
		assertThat(this.peer.receive(Duration.ofMillis(50))).isEmpty();
		assertThat(TestFrames.number(this.kept.get(0))).isEqualTo(7);
		assertThatIllegalStateException().isThrownBy(this.kept.get(0)::transmit).withMessageContaining("transmitted");
		assertThatIllegalStateException().isThrownBy(this.kept.get(0)::retain).withMessageContaining("transmitted");
		this.kept.get(0).release();
		assertThatIllegalStateException().isThrownBy(this.kept.get(0)::length).withMessageContaining("transmitted");
		assertThat(this.peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(7));
		assertQuiet();
	}

	@Test
	void aPacketThatAnotherThreadTransmitsDuringTheCallIsSentAfterIt() {
		receive(8, (packet) -> {
			packet.retain();
			assertThat(this.executor.submit(packet::transmit)).succeedsWithin(TIMEOUT);
			assertThat(this.peer.receive(Duration.ofMillis(50))).isEmpty();
			assertThat(TestFrames.number(packet)).as("the call still holds it").isEqualTo(8);
		});
		assertThat(this.peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(8));
		assertQuiet();
	}

	@Test
	void anotherThreadNeitherTransmitsNorReleasesWhatTheCallAloneHolds() {
		receive(9, (packet) -> {
			for (Runnable step : List.<Runnable>of(packet::transmit, packet::release)) {
				assertThat(this.executor.submit(step)).failsWithin(TIMEOUT)
					.withThrowableOfType(ExecutionException.class)
					.withMessageContaining("not retained");
			}
			packet.retain();
			assertThat(this.executor.submit(packet::release)).succeedsWithin(TIMEOUT);
			assertThat(this.executor.submit(packet::release)).failsWithin(TIMEOUT)
				.withThrowableOfType(ExecutionException.class)
				.withMessageContaining("not retained");
			packet.transmit();
		});
		assertThat(this.peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(9));
		assertQuiet();
	}

	@Test
	void theMemoryOfARetainedPacketOutlivesItsSocket() {
		for (int i = 0; i < 2; i++) {
			receive(i, (packet) -> this.kept.add(packet.retain()));
		}
		this.redirection.close();
		this.socket.close();
		assertThat(OpenResources.snapshot().count("AF_XDP")).isZero();
		XdpPacket first = this.kept.get(0);
		assertThatIllegalStateException().isThrownBy(first::transmit).withMessageContaining("closed");
		first.release();
		assertThat(TestFrames.number(this.kept.get(1))).isEqualTo(1);
		this.kept.get(1).release();
		this.socket.close();
	}

	@Test
	void framesComeBackAlsoWhenAHandlerThrowsInTheMiddleOfEverything() {
		for (int i = 0; i < 6; i++) {
			this.veth.sendFrame(TestFrames.numbered(i));
		}
		PacketHandler handler = (packet) -> {
			int number = TestFrames.number(packet);
			if (number % 3 == 1) {
				packet.transmit();
			}
			else if (number % 3 == 2) {
				this.kept.add(packet.retain());
			}
			throw new UnsupportedOperationException();
		};
		for (int i = 0; i < 6; i++) {
			assertThatExceptionOfType(UnsupportedOperationException.class)
				.isThrownBy(() -> this.socket.receive(handler, 10));
		}
		assertThat(this.peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(1));
		assertThat(this.peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(4));
		this.kept.forEach(XdpPacket::release);
		assertThat(this.socket.receive(handler, 10)).isZero();
		assertQuiet();
	}

	@Test
	void aBatchThatIsBrokenOffCountsAsReceived() {
		for (int i = 0; i < 5; i++) {
			this.veth.sendFrame(TestFrames.numbered(i));
		}
		List<XdpPacketBatch> batches = new ArrayList<>();
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> this.socket.receiveBatch((batch) -> {
				assertThat(batch.size()).isEqualTo(3);
				batch.get(0).transmit();
				this.kept.add(batch.get(2).retain());
				batches.add(batch);
				throw new UnsupportedOperationException();
			}, 3));
		assertThat(this.peer.receive(TIMEOUT)).hasValue(TestFrames.numbered(0));
		assertThat(batches.get(0).size()).isZero();
		assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> batches.get(0).get(0))
			.withMessageContaining("empty after its call");
		assertThat(TestFrames.number(this.kept.get(0))).isEqualTo(2);
		this.kept.get(0).release();
		assertThat(this.socket.receiveBatch((batch) -> assertThat(TestFrames.number(batch.get(0))).isEqualTo(3), 9))
			.isEqualTo(2);
		assertThat(this.socket.receiveBatch((batch) -> assertThat(batch).isNull(), 9)).isZero();
		assertQuiet();
	}

	private void receive(int number, PacketHandler handler) {
		this.veth.sendFrame(TestFrames.numbered(number));
		receiveAll(1, handler);
	}

	private void receiveAll(int count, PacketHandler handler) {
		int received = 0;
		while (received < count) {
			assertThat(this.socket.await(TIMEOUT)).isTrue();
			received += this.socket.receive(handler, count - received);
		}
	}

	private void assertQuiet() {
		// completions come when the peer has consumed
		Awaitility.await().untilAsserted(() -> {
			this.socket.await(Duration.ZERO);
			FrameCensus census = this.socket.frames();
			assertThat(census.isBalanced()).as("%s", census).isTrue();
			assertThat(new FrameCensus(census.free() + census.completion(), census.fill(), census.kernel(), census.rx(),
					census.application(), census.tx(), 0, census.total()))
				.isEqualTo(QUIET);
		});
	}

}
