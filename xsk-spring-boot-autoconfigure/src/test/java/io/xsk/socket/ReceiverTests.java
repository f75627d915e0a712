package io.xsk.socket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;

/**
 * Tests of {@link Receiver}, whose kernel is played by the tests: the four frames that it
 * has go round between the fill ring and the RX ring.
 */
class ReceiverTests {

	private static final int FD = 77;

	private static final int FRAMES = 4;

	private static final int FRAME_SIZE = 2048;

	private static final int OFFSET = LinuxIfXdp.XDP_PACKET_HEADROOM;

	private ConsumerWakeUp wakeUp;

	private final Kernel kernel = mock(Kernel.class);

	private final RingMemory rx = RingMemory.ofDescriptors(FRAMES);

	private final RingMemory fill = RingMemory.ofAddresses(FRAMES);

	private final ByteBuffer memory = ByteBuffer.allocateDirect(FRAMES * FRAME_SIZE);

	private final List<String> packets = new ArrayList<>();

	@BeforeEach
	void setUp() {
		given(this.kernel.allocate(anyInt()))
			.willAnswer((call) -> new NativeMemory(ByteBuffer.allocateDirect(call.getArgument(0)), 0));
		for (int frame = 0; frame < FRAMES; frame++) {
			this.fill.produce((long) frame * FRAME_SIZE);
		}
	}

	@Test
	void framesGoRoundForEver() {
		Receiver receiver = receiver(false);
		for (int i = 0; i < 100; i++) {
			deliver("packet " + i);
			deliver("another " + i);
			assertThat(receiver.await(Duration.ZERO)).isTrue();
			assertThat(receiver.receive(this::take, 10)).isEqualTo(2);
			assertThat(this.packets).containsExactly("packet " + i, "another " + i);
			this.packets.clear();
			assertThat(receiver.await(Duration.ZERO)).isFalse();
		}
		then(this.kernel).should(never()).recvfrom(anyInt(), any(), anyInt());
	}

	@Test
	void aFrameIsKeptWhileTheKernelHasNotShownItsPlaceInTheFillRing() {
		Receiver receiver = receiver(false);
		// the kernel shows the packet before it shows that it took the frame
		long address = 0;
		put(address + OFFSET, "early");
		this.rx.produce(address + OFFSET, "early".length(), false);
		assertThat(receiver.receive(this::take, 10)).isEqualTo(1);
		assertThat(receiver.frames().spareCount()).isEqualTo(1);
		assertThat(receiver.await(Duration.ZERO)).as("it is not handed over again").isFalse();
		assertThat(receiver.receive(this::take, 10)).isZero();
		assertThat(this.fill.consume()).isEqualTo(address);
		assertThat(receiver.receive(this::take, 10)).isZero();
		assertThat(receiver.frames().spareCount()).isZero();
		assertThat(this.rx.isEmpty()).isTrue();
		assertThat(this.fill.producer().usage().used()).isEqualTo(FRAMES);
		assertThat(this.packets).containsExactly("early");
	}

	@Test
	void packetsBehindOneThatIsKeptAreHandedOver() {
		Receiver receiver = receiver(false);
		put(OFFSET, "early");
		this.rx.produce(OFFSET, "early".length(), false);
		assertThat(receiver.receive(this::take, 1)).isEqualTo(1);
		put(FRAME_SIZE + OFFSET, "next");
		this.rx.produce(FRAME_SIZE + OFFSET, "next".length(), false);
		assertThat(receiver.receive(this::take, 1)).isEqualTo(1);
		assertThat(receiver.frames().spareCount()).isEqualTo(2);
		this.fill.consume();
		this.fill.consume();
		assertThat(receiver.await(Duration.ZERO)).isFalse();
		assertThat(receiver.frames().spareCount()).isZero();
		assertThat(this.packets).containsExactly("early", "next");
	}

	@Test
	void aPacketWhoseStartTheProgramMovedIsFoundWhereItIs() {
		Receiver receiver = receiver(false);
		long address = this.fill.consume() + OFFSET - 20;
		put(address, "moved");
		this.rx.produce(address, "moved".length(), false);
		assertThat(receiver.receive(this::take, 1)).isEqualTo(1);
		assertThat(this.packets).containsExactly("moved");
		assertThat(this.fill.producer().usage().used()).isEqualTo(FRAMES);
		for (int i = 0; i < FRAMES; i++) {
			assertThat(this.fill.consume() % FRAME_SIZE).as("the frame goes back, not the place of its packet")
				.isZero();
		}
	}

	@Test
	void aPacketIsHandedOverOnceAllItsFragmentsAreThere() {
		Receiver receiver = receiver(true);
		deliver("one, ", true);
		assertThat(receiver.receive(this::take, 1)).isZero();
		deliver("two, ", true);
		assertThat(receiver.receive(this::take, 1)).isZero();
		assertThat(this.rx.consumer().usage().used()).isEqualTo(2);
		deliver("three", false);
		deliver("single", false);
		assertThat(receiver.receive(this::take, 1)).isEqualTo(1);
		assertThat(receiver.receive(this::take, 1)).isEqualTo(1);
		assertThat(this.packets).containsExactly("one, two, three", "single");
		assertThat(this.fill.producer().usage().used()).isEqualTo(FRAMES);
	}

	@Test
	void theKernelIsWokenWhenTheFillRingAsksForIt() {
		Receiver receiver = receiver(false);
		this.fill.needWakeup(true);
		receiver.receive(this::take, 1);
		then(this.kernel).should(times(1)).recvfrom(FD, null, LinuxSocket.MSG_DONTWAIT);
		this.fill.needWakeup(false);
		receiver.receive(this::take, 1);
		then(this.kernel).should(times(1)).recvfrom(FD, null, LinuxSocket.MSG_DONTWAIT);
	}

	@ParameterizedTest
	@ValueSource(ints = { Errno.EAGAIN, Errno.EBUSY, Errno.ENOBUFS, Errno.EINTR, Errno.ENETDOWN, Errno.ENXIO })
	void aKernelThatCannotBeWokenNowIsNoFailure(int errno) {
		this.fill.needWakeup(true);
		given(this.kernel.recvfrom(FD, null, LinuxSocket.MSG_DONTWAIT)).willReturn(-errno);
		deliver("packet");
		assertThat(receiver(false).receive(this::take, 1)).isEqualTo(1);
	}

	@Test
	void aKernelThatRefusesToBeWokenIsAFailure() {
		this.fill.needWakeup(true);
		given(this.kernel.recvfrom(FD, null, LinuxSocket.MSG_DONTWAIT)).willReturn(-Errno.EOPNOTSUPP);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> receiver(false).receive(this::take, 1))
			.withMessageContaining("recvfrom");
	}

	@Test
	void theFailureOfAHandlerIsNotReplacedByALaterOne() {
		this.fill.needWakeup(true);
		given(this.kernel.recvfrom(FD, null, LinuxSocket.MSG_DONTWAIT)).willReturn(-Errno.EOPNOTSUPP);
		deliver("packet");
		assertThatIllegalArgumentException().isThrownBy(() -> receiver(false).receive((packet) -> {
			throw new IllegalArgumentException("of the handler");
		}, 1))
			.withMessage("of the handler")
			.satisfies((failure) -> assertThat(failure.getSuppressed()).singleElement()
				.isInstanceOf(XskSystemException.class));
	}

	private Receiver receiver(boolean multiBuffer) {
		XdpSocketConfig config = XdpSocketConfig.builder()
			.direction(Direction.RECEIVE)
			.fillRingSize(FRAMES)
			.frameCount(FRAMES)
			.multiBuffer(multiBuffer)
			.build();
		Rings rings = new Rings(this.rx.consumer(), null, this.fill.producer(), RingMemory.ofAddresses(1).consumer());
		this.wakeUp = new ConsumerWakeUp(this.kernel, FD, FD + 1);
		SocketGuard guard = new SocketGuard();
		Umem umem = new Umem(this.memory, config);
		return new Receiver(rings, umem, new KernelKick(this.kernel, FD), this.wakeUp, guard, null,
				new ReturnedPackets(new PacketOrigin("rx", "eth0", 0), umem, guard, this.wakeUp, null, null), config);
	}

	private void deliver(String content) {
		deliver(content, false);
	}

	private void deliver(String content, boolean continued) {
		long address = this.fill.consume() + OFFSET;
		put(address, content);
		this.rx.produce(address, content.length(), continued);
	}

	private void put(long address, String content) {
		for (int i = 0; i < content.length(); i++) {
			this.memory.put((int) address + i, (byte) content.charAt(i));
		}
	}

	private void take(XdpPacket packet) {
		this.packets.add(new String(packet.toByteArray(), StandardCharsets.US_ASCII));
	}

}
