package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.invocation.InvocationOnMock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;

/**
 * Tests of {@link Sender} and {@link Transmitter}, whose kernel is played by the tests.
 * They have six frames, a TX ring of four and a completion ring of two.
 */
class TransmitterTests {

	private static final int FD = 77;

	private static final int FRAME_SIZE = 2048;

	private static final int FIRST_FRAME = 2;

	private static final int FRAMES = 6;

	private static final int TX_SIZE = 4;

	private static final int COMPLETION_SIZE = 2;

	private final Kernel kernel = mock(Kernel.class);

	private final RingMemory tx = RingMemory.ofDescriptors(TX_SIZE);

	private final RingMemory completion = RingMemory.ofAddresses(COMPLETION_SIZE);

	private final ByteBuffer memory = ByteBuffer.allocateDirect((FIRST_FRAME + FRAMES) * FRAME_SIZE);

	private final AtomicInteger stalls = new AtomicInteger();

	private Transmitter transmitter;

	private Sender sender;

	@BeforeEach
	void setUp() {
		given(this.kernel.allocate(anyInt()))
			.willAnswer((call) -> new NativeMemory(ByteBuffer.allocateDirect(call.getArgument(0)), 0));
		XdpSocketConfig config = XdpSocketConfig.builder()
			.fillRingSize(FIRST_FRAME)
			.txRingSize(TX_SIZE)
			.frameCount(FIRST_FRAME + FRAMES)
			.headroom(100)
			.build();
		Rings rings = new Rings(null, this.tx.producer(), RingMemory.ofAddresses(FIRST_FRAME).producer(),
				this.completion.consumer());
		Umem umem = new Umem(this.memory, config);
		this.transmitter = new Transmitter(rings, umem, new KernelKick(this.kernel, FD), config, false);
		this.sender = new Sender(this.transmitter, umem, new SocketGuard(), this.stalls::incrementAndGet);
	}

	@Test
	void sendsForEverWithTheFramesThatComeBack() {
		this.tx.needWakeup(true);
		given(kick()).willAnswer(this::sendAll);
		for (int i = 0; i < 100; i++) {
			assertThat(send(i)).isTrue();
			assertThat(this.tx.isEmpty()).isTrue();
		}
		assertThat(flush()).isTrue();
		assertThat(this.transmitter.freeCount()).isEqualTo(FRAMES);
	}

	@Test
	void aPacketIsWrittenBehindTheHeadroomOfAFreeFrame() {
		assertThat(send(42)).isTrue();
		assertThat(this.tx.nextLength()).isEqualTo(60);
		long address = this.tx.consume();
		assertThat(address).isEqualTo(FIRST_FRAME * FRAME_SIZE + 100);
		assertThat(this.memory.getInt((int) address)).isEqualTo(42);
	}

	@Test
	void aDriverThatWorksByItselfIsNotWoken() {
		this.tx.needWakeup(false);
		assertThat(send(1)).isTrue();
		assertThat(flush()).as("it has not taken it yet").isFalse();
		then(this.kernel).should(never()).sendto(FD, null, 0, LinuxSocket.MSG_DONTWAIT);
		this.tx.consume();
		assertThat(flush()).isTrue();
	}

	@Test
	void aFullTxRingRefusesAndAcceptsAgainWhenTheKernelHasTaken() {
		fill();
		assertThat(send(9)).isFalse();
		assertThat(this.transmitter.freeCount()).as("no frame is lost").isEqualTo(FRAMES - TX_SIZE);
		this.tx.consume();
		assertThat(send(9)).isTrue();
	}

	@Test
	void withoutAFreeFrameItRefusesUntilOneWasSent() {
		fill();
		long first = this.tx.consume();
		this.tx.consume();
		assertThat(send(5)).isTrue();
		assertThat(send(6)).isTrue();
		this.tx.consume();
		assertThat(this.transmitter.freeCount()).isZero();
		assertThat(send(7)).isFalse();
		this.completion.produce(first);
		assertThat(send(7)).isTrue();
	}

	@Test
	void aFullTxRingIsKickedBeforeItRefuses() {
		fill();
		this.tx.needWakeup(true);
		given(kick()).willAnswer(this::sendAll);
		assertThat(send(9)).isTrue();
	}

	@Test
	void aFullCompletionRingIsEmptiedWhileTheKernelWaitsForIt() {
		fill();
		this.tx.needWakeup(true);
		// stops where the completion ring is full, as the kernel does
		given(kick()).willAnswer((call) -> {
			int room = COMPLETION_SIZE - this.completion.consumer().usage().used();
			for (int i = 0; i < room && !this.tx.isEmpty(); i++) {
				this.completion.produce(this.tx.consume());
			}
			return this.tx.isEmpty() ? 0 : -Errno.EAGAIN;
		});
		assertThat(flush()).isTrue();
		assertThat(this.transmitter.freeCount()).isEqualTo(FRAMES);
	}

	@ParameterizedTest
	@ValueSource(ints = { Errno.EAGAIN, Errno.EBUSY, Errno.ENOBUFS, Errno.ENOMEM, Errno.EINTR })
	void aKernelThatIsBusyIsAskedAgainForABoundedTimeAndThePacketStaysQueued(int errno) {
		this.tx.needWakeup(true);
		given(kick()).willReturn(-errno);
		assertThat(send(1)).isTrue();
		then(this.kernel).should(times(16)).sendto(FD, null, 0, LinuxSocket.MSG_DONTWAIT);
		assertThat(this.tx.isEmpty()).isFalse();
		assertThat(flush()).isFalse();
	}

	@Test
	void anOlderKernelThatIsStoppedByAFullCompletionRingAndSaysNothingIsAskedAgain() {
		fill();
		this.tx.needWakeup(true);
		given(kick()).willAnswer(this::sendAll);
		assertThat(flush()).isTrue();
		assertThat(this.transmitter.freeCount()).isEqualTo(FRAMES);
	}

	@Test
	void whatTheKernelDoesNotTakeStallsUntilItIsAskedAgain() {
		this.tx.needWakeup(true);
		given(kick()).willReturn(-Errno.EAGAIN);
		assertThat(send(1)).isTrue();
		assertThat(this.transmitter.isStalled()).isTrue();
		given(kick()).willAnswer(this::sendAll);
		assertThat(flush()).isTrue();
		assertThat(this.transmitter.isStalled()).isFalse();
		assertThat(this.transmitter.freeCount()).isEqualTo(FRAMES);
	}

	@Test
	void theConsumerIsToldOnceForEachStall() {
		this.tx.needWakeup(true);
		given(kick()).willReturn(-Errno.EAGAIN);
		assertThat(send(1)).isTrue();
		assertThat(this.stalls).hasValue(1);
		assertThat(this.sender.send(List.of(ByteBuffer.allocate(60)), Duration.ZERO)).isOne();
		assertThat(flush()).isFalse();
		assertThat(this.stalls).as("he looks after it already").hasValue(1);
		given(kick()).willAnswer(this::sendAll);
		assertThat(flush()).isTrue();
		assertThat(this.stalls).hasValue(1);
		given(kick()).willReturn(-Errno.EAGAIN);
		assertThat(send(2)).isTrue();
		assertThat(this.stalls).hasValue(2);
	}

	@Test
	void whatTheKernelDropsIsCounted() {
		this.tx.needWakeup(true);
		// in copy mode a packet that the driver drops is completed, and the call ends
		given(kick()).willAnswer((call) -> {
			this.completion.produce(this.tx.consume());
			return -Errno.EBUSY;
		}).willAnswer(this::sendAll);
		assertThat(send(1)).isTrue();
		assertThat(send(2)).isTrue();
		assertThat(flush()).isTrue();
		assertThat(this.transmitter.sentPackets()).isEqualTo(2);
		assertThat(this.transmitter.sentBytes()).isEqualTo(120);
		assertThat(this.transmitter.droppedPackets()).isEqualTo(1);
		assertThat(this.transmitter.freeCount()).isEqualTo(FRAMES);
	}

	@Test
	void aKernelThatRefusesIsAFailure() {
		this.tx.needWakeup(true);
		given(kick()).willReturn(-Errno.EOPNOTSUPP);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> send(1))
			.withMessageContaining("sendto")
			.satisfies((failure) -> assertThat(failure.getErrno()).isEqualTo(Errno.EOPNOTSUPP));
	}

	private int kick() {
		return this.kernel.sendto(FD, null, 0, LinuxSocket.MSG_DONTWAIT);
	}

	/** The kernel sends what there is, at most as much as the completion ring takes. */
	private int sendAll(InvocationOnMock call) {
		while (!this.tx.isEmpty() && this.completion.consumer().usage().used() < COMPLETION_SIZE) {
			this.completion.produce(this.tx.consume());
		}
		return 0;
	}

	private void fill() {
		for (int i = 0; i < TX_SIZE; i++) {
			assertThat(send(i)).isTrue();
		}
	}

	private boolean send(int number) {
		return this.sender.send(number, 60, (source, frame) -> frame.putInt(0, source).limit(), Duration.ZERO);
	}

	private boolean flush() {
		return this.sender.flush(Duration.ZERO);
	}

}
