package io.xsk.socket;

import java.nio.ByteBuffer;

import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.NativeMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests of {@link Ring}, {@link ProducerRing} and {@link ConsumerRing}.
 */
class RingTests {

	private static final int SIZE = 4;

	@Test
	void producedAddressesReachTheKernelInOrderAcrossTheWrapAround() {
		RingMemory memory = RingMemory.ofAddresses(SIZE);
		ProducerRing ring = memory.producer();
		for (long address = 0; address < 100; address++) {
			assertThat(ring.free(1)).isPositive();
			ring.add(address);
			ring.publish();
			assertThat(memory.consume()).isEqualTo(address);
		}
		assertThat(memory.producerIndex()).isEqualTo(RingMemory.START + 100).isPositive();
	}

	@Test
	void aFullProducerRingHasRoomAgainWhenTheKernelHasTaken() {
		RingMemory memory = RingMemory.ofAddresses(SIZE);
		ProducerRing ring = memory.producer();
		for (int round = 0; round < 10; round++) {
			assertThat(ring.free(SIZE)).isEqualTo(SIZE);
			for (int i = 0; i < SIZE; i++) {
				ring.add(i);
			}
			ring.publish();
			assertThat(ring.free(1)).isZero();
			assertThat(ring.usage()).isEqualTo(new RingUsage(SIZE, SIZE));
			memory.consume();
			assertThat(ring.free(1)).isEqualTo(1);
			memory.consume();
			assertThat(ring.free(1)).as("known already, the kernel's index is not read").isEqualTo(1);
			assertThat(ring.free(2)).isEqualTo(2);
			memory.consume();
			memory.consume();
		}
	}

	@Test
	void addedEntriesAreInvisibleUntilTheyArePublishedTogether() {
		RingMemory memory = RingMemory.ofAddresses(SIZE);
		ProducerRing ring = memory.producer();
		ring.add(1);
		ring.add(2);
		assertThat(memory.isEmpty()).isTrue();
		assertThat(ring.free(SIZE)).as("added ones take their room").isEqualTo(SIZE - 2);
		ring.publish();
		assertThat(memory.consume()).isEqualTo(1);
		assertThat(memory.consume()).isEqualTo(2);
		assertThat(memory.isEmpty()).isTrue();
	}

	@Test
	void aDescriptorReplacesAllThatItsEntryHeld() {
		RingMemory memory = RingMemory.ofDescriptors(SIZE);
		ProducerRing ring = memory.producer();
		for (int i = 0; i < 20; i++) {
			memory.soilNextEntry();
			ring.add(i * 2048L, 60 + i, false);
			ring.publish();
			assertThat(memory.nextLength()).isEqualTo(60 + i);
			assertThat(memory.nextOptions()).isZero();
			assertThat(memory.consume()).isEqualTo(i * 2048L);
		}
	}

	@Test
	void receivedDescriptorsAreReadInOrderAcrossTheWrapAround() {
		RingMemory memory = RingMemory.ofDescriptors(SIZE);
		ConsumerRing ring = memory.consumer();
		for (int i = 0; i < 100; i += 2) {
			assertThat(ring.available(1)).isZero();
			memory.produce(i, 60 + i, true);
			memory.produce(i + 1, 61 + i, false);
			assertThat(ring.available(SIZE)).isEqualTo(2);
			assertThat(ring.address(0)).isEqualTo(i);
			assertThat(ring.length(0)).isEqualTo(60 + i);
			assertThat(ring.isContinued(0)).isTrue();
			assertThat(ring.address(1)).isEqualTo(i + 1);
			assertThat(ring.length(1)).isEqualTo(61 + i);
			assertThat(ring.isContinued(1)).isFalse();
			ring.release(2);
		}
		assertThat(memory.consumerIndex()).isEqualTo(RingMemory.START + 100).isPositive();
	}

	@Test
	void readEntriesStayTheirReadersUntilTheyAreReleased() {
		RingMemory memory = RingMemory.ofAddresses(SIZE);
		ConsumerRing ring = memory.consumer();
		for (int i = 0; i < SIZE; i++) {
			memory.produce(i);
		}
		assertThat(ring.available(1)).isEqualTo(SIZE);
		assertThat(ring.address(SIZE - 1)).isEqualTo(SIZE - 1);
		assertThat(memory.consumerIndex()).isEqualTo(RingMemory.START);
		ring.release(1);
		assertThat(memory.consumerIndex()).isEqualTo(RingMemory.START + 1);
		assertThat(ring.address(0)).isEqualTo(1);
		assertThat(ring.usage()).isEqualTo(new RingUsage(SIZE, SIZE - 1));
	}

	@Test
	void theKernelsIndexIsReadOnlyWhenMoreIsWantedThanIsKnown() {
		RingMemory memory = RingMemory.ofAddresses(SIZE);
		ConsumerRing ring = memory.consumer();
		memory.produce(1);
		assertThat(ring.available(1)).isEqualTo(1);
		memory.produce(2);
		assertThat(ring.available(1)).isEqualTo(1);
		assertThat(ring.available(2)).isEqualTo(2);
	}

	@Test
	void aRingThatIsTakenUpInTheMiddleGoesOnThere() {
		RingMemory memory = RingMemory.ofAddresses(SIZE);
		memory.produce(1);
		memory.produce(2);
		memory.consume();
		assertThat(memory.consumer().address(0)).isEqualTo(2);
		ProducerRing ring = memory.producer();
		assertThat(ring.free(SIZE)).isEqualTo(SIZE - 1);
		ring.add(3);
		ring.publish();
		assertThat(memory.consume()).isEqualTo(2);
		assertThat(memory.consume()).isEqualTo(3);
	}

	@Test
	void aRingOfOneEntryWorks() {
		RingMemory memory = RingMemory.ofAddresses(1);
		ProducerRing ring = memory.producer();
		for (int i = 0; i < 20; i++) {
			assertThat(ring.free(1)).isEqualTo(1);
			ring.add(i);
			ring.publish();
			assertThat(ring.free(1)).isZero();
			assertThat(memory.consume()).isEqualTo(i);
		}
	}

	@Test
	void theKernelSaysWhenItWantsToBeWoken() {
		RingMemory memory = RingMemory.ofAddresses(SIZE);
		ProducerRing ring = memory.producer();
		assertThat(ring.needsWakeup()).isFalse();
		memory.needWakeup(true);
		assertThat(ring.needsWakeup()).isTrue();
		memory.needWakeup(false);
		assertThat(ring.needsWakeup()).isFalse();
	}

	@Test
	void itsTextShowsTheIndicesAndConsumesNothing() {
		RingMemory memory = RingMemory.ofAddresses(SIZE);
		memory.produce(1);
		assertThat(memory.consumer()).hasToString("ConsumerRing[size=4, producer=4294967290, consumer=4294967289]");
		assertThat(memory.isEmpty()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, 3, 1000, Integer.MIN_VALUE })
	void aSizeThatIsNoPowerOfTwoIsRefused(int size) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ProducerRing(ByteBuffer.allocateDirect(1024), RingMemory.OFFSETS, size,
					LinuxIfXdp.UMEM_ADDR_SIZE))
			.withMessageContaining("power of two")
			.withMessageContaining(Integer.toString(size));
	}

	@Test
	void offsetsAreReadFromWhereTheKernelPutsThem() {
		ByteBuffer buffer = ByteBuffer.allocateDirect(LinuxIfXdp.XDP_MMAP_OFFSETS_SIZE);
		NativeMemory memory = new NativeMemory(buffer, 0);
		for (int i = 0; i < LinuxIfXdp.XDP_MMAP_OFFSETS_SIZE; i += Long.BYTES) {
			memory.putLong(i, i);
		}
		assertThat(RingOffsets.read(memory, LinuxIfXdp.XDP_MMAP_OFFSETS_RX)).isEqualTo(new RingOffsets(0, 8, 16, 24));
		assertThat(RingOffsets.read(memory, LinuxIfXdp.XDP_MMAP_OFFSETS_COMPLETION))
			.isEqualTo(new RingOffsets(96, 104, 112, 120));
		assertThat(RingMemory.OFFSETS.length(4, 8)).isEqualTo(352);
	}

}
