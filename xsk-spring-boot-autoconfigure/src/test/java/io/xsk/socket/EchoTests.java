package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests of {@link Receiver} and {@link Transmitter} together: frames go round through all
 * four rings, whose indices wrap around on the way. The tests play the kernel.
 */
class EchoTests {

	private static final int FD = 77;

	private static final int FRAMES = 4;

	private static final int FRAME_SIZE = 2048;

	private final Kernel kernel = mock(Kernel.class);

	private final RingMemory rx = RingMemory.ofDescriptors(FRAMES);

	private final RingMemory fill = RingMemory.ofAddresses(FRAMES);

	private final RingMemory tx = RingMemory.ofDescriptors(2);

	private final RingMemory completion = RingMemory.ofAddresses(2);

	private final ByteBuffer memory = ByteBuffer.allocateDirect((FRAMES + 2) * FRAME_SIZE);

	private final List<Integer> sent = new ArrayList<>();

	private Rings rings;

	private XdpSocketConfig config;

	private ConsumerWakeUp wakeUp;

	private Receiver receiver;

	private Transmitter transmitter;

	private Sender sender;

	@BeforeEach
	void setUp() {
		given(this.kernel.allocate(anyInt()))
			.willAnswer((call) -> new NativeMemory(ByteBuffer.allocateDirect(call.getArgument(0)), 0));
		for (int frame = 0; frame < FRAMES; frame++) {
			this.fill.produce((long) frame * FRAME_SIZE);
		}
		this.config = XdpSocketConfig.builder()
			.fillRingSize(FRAMES)
			.frameCount(FRAMES + 2)
			.txRingSize(2)
			.multiBuffer(true)
			.build();
		this.rings = new Rings(this.rx.consumer(), this.tx.producer(), this.fill.producer(),
				this.completion.consumer());
		Umem umem = new Umem(this.memory, this.config);
		KernelKick kick = new KernelKick(this.kernel, FD);
		this.wakeUp = new ConsumerWakeUp(this.kernel, FD, FD + 1);
		SocketGuard guard = new SocketGuard();
		this.transmitter = new Transmitter(this.rings, umem, kick, this.config, false);
		this.sender = new Sender(this.transmitter, umem, guard, () -> {
		});
		this.receiver = new Receiver(this.rings, umem, kick, this.wakeUp, guard, this.transmitter, new ReturnedPackets(
				new PacketOrigin("rx", "eth0", 0), umem, guard, this.wakeUp, this.transmitter, null), this.config);
	}

	@Test
	void framesGoRoundThroughAllRings() {
		this.tx.needWakeup(true);
		given(this.kernel.sendto(FD, null, 0, LinuxSocket.MSG_DONTWAIT)).willAnswer((call) -> {
			send();
			return 0;
		});
		List<Integer> expected = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			deliver(3 * i, false);
			deliver(3 * i + 1, true);
			deliver(3 * i + 2, false);
			assertThat(this.receiver.receive(XdpPacket::transmit, 10)).isEqualTo(2);
			expected.addAll(List.of(3 * i, 3 * i + 1, 3 * i + 2));
			assertThat(this.sent).isEqualTo(expected);
			assertThat(census()).isEqualTo(new FrameCensus(2, FRAMES, 0, 0, 0, 0, 0, FRAMES + 2));
		}
		assertThat(this.tx.producerIndex()).as("has wrapped around").isEqualTo(RingMemory.START + 300);
	}

	@Test
	void whatTheTxRingDoesNotTakeWaitsInOrder() {
		// a driver that works by itself, and slowly
		this.tx.needWakeup(false);
		for (int i = 0; i < FRAMES; i++) {
			deliver(i, false);
		}
		assertThat(this.receiver.receiveBatch((batch) -> {
			for (int i = 0; i < batch.size(); i++) {
				batch.get(i).transmit();
			}
		}, 10)).isEqualTo(FRAMES);
		assertThat(census()).isEqualTo(new FrameCensus(2, 0, 0, 0, 2, 2, 0, FRAMES + 2));
		assertThat(send(9)).as("nobody overtakes").isFalse();
		send();
		assertThat(this.receiver.await(Duration.ZERO)).isFalse();
		assertThat(census()).isEqualTo(new FrameCensus(2, 2, 0, 0, 0, 2, 0, FRAMES + 2));
		send();
		assertThat(send(9)).isTrue();
		send();
		assertThat(this.sent).containsExactly(0, 1, 2, 3, 9);
		assertThat(this.receiver.await(Duration.ZERO)).isFalse();
		assertThat(census()).isEqualTo(new FrameCensus(2, FRAMES, 0, 0, 0, 0, 0, FRAMES + 2));
	}

	@Test
	void aPacketInMoreFramesThanTheTxRingTakesIsRefused() {
		deliver(0, true);
		deliver(1, true);
		deliver(2, false);
		this.receiver.receive((packet) -> assertThatIllegalStateException().isThrownBy(packet::transmit)
			.withMessageContaining("in 3 frames, and 2 can be sent")
			.withMessageContaining("tx-ring-size"), 1);
		assertThat(this.sent).isEmpty();
		assertThat(census()).isEqualTo(new FrameCensus(2, FRAMES, 0, 0, 0, 0, 0, FRAMES + 2));
	}

	@Test
	void packetsAreCountedAndNotTheirFragments() {
		deliver(0, true);
		deliver(1, false);
		deliver(2, false);
		this.receiver.receive(XdpPacket::transmit, 10);
		assertThat(this.receiver.receivedPackets()).isEqualTo(2);
		assertThat(this.receiver.receivedBytes()).isEqualTo(180);
		send();
		this.sender.flush(Duration.ZERO);
		assertThat(this.transmitter.sentPackets()).isEqualTo(2);
		assertThat(this.transmitter.sentBytes()).isEqualTo(180);
	}

	private boolean send(int number) {
		return this.sender.send(number, 60, (source, frame) -> frame.putInt(0, source).limit(), Duration.ZERO);
	}

	private FrameCensus census() {
		return this.rings.census(this.config, this.receiver, this.transmitter);
	}

	private void deliver(int number, boolean continued) {
		long address = this.fill.consume() + LinuxIfXdp.XDP_PACKET_HEADROOM;
		this.memory.putInt((int) address, number);
		this.rx.produce(address, 60, continued);
	}

	/** The kernel sends as much as the completion ring takes. */
	private void send() {
		while (!this.tx.isEmpty() && this.completion.consumer().usage().used() < 2) {
			long address = this.tx.consume();
			this.sent.add(this.memory.getInt((int) address));
			this.completion.produce(address);
		}
	}

}
