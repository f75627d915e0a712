package io.xsk.socket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;

import io.xsk.kernel.LinuxIfXdp;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Entries through a ring, a batch at a time, in ordinary memory: one object is our side,
 * the other plays the kernel. In the package of the rings because they are nobody else's;
 * both jars are on the class path, where that is allowed.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RingBenchmark {

	private static final int SIZE = 1024;

	private static final int BATCH = 64;

	private static final int LENGTH = 60;

	/** As Linux 6.18 lays a ring out. */
	private static final RingOffsets OFFSETS = new RingOffsets(0, 128, 320, 196);

	private final ByteBuffer addresses = memory(LinuxIfXdp.UMEM_ADDR_SIZE);

	private final ProducerRing addressProducer = new ProducerRing(this.addresses, OFFSETS, SIZE,
			LinuxIfXdp.UMEM_ADDR_SIZE);

	private final ConsumerRing addressConsumer = new ConsumerRing(this.addresses, OFFSETS, SIZE,
			LinuxIfXdp.UMEM_ADDR_SIZE);

	private final ByteBuffer descriptors = memory(LinuxIfXdp.XDP_DESC_SIZE);

	private final ProducerRing descriptorProducer = new ProducerRing(this.descriptors, OFFSETS, SIZE,
			LinuxIfXdp.XDP_DESC_SIZE);

	private final ConsumerRing descriptorConsumer = new ConsumerRing(this.descriptors, OFFSETS, SIZE,
			LinuxIfXdp.XDP_DESC_SIZE);

	private static ByteBuffer memory(int entrySize) {
		return ByteBuffer.allocateDirect((int) OFFSETS.length(SIZE, entrySize)).order(ByteOrder.nativeOrder());
	}

	/**
	 * Put addresses into a ring and take them out, as the fill and completion rings do.
	 * @return something of what was read
	 */
	@Benchmark
	@OperationsPerInvocation(BATCH)
	public long addresses() {
		int room = this.addressProducer.free(BATCH);
		for (int i = 0; i < BATCH && i < room; i++) {
			this.addressProducer.add((long) i << 11);
		}
		this.addressProducer.publish();
		int count = this.addressConsumer.available(BATCH);
		long sum = 0;
		for (int i = 0; i < count; i++) {
			sum += this.addressConsumer.address(i);
		}
		this.addressConsumer.release(count);
		return sum;
	}

	/**
	 * Put descriptors into a ring and take them out, as the TX and RX rings do.
	 * @return something of what was read
	 */
	@Benchmark
	@OperationsPerInvocation(BATCH)
	public long descriptors() {
		int room = this.descriptorProducer.free(BATCH);
		for (int i = 0; i < BATCH && i < room; i++) {
			this.descriptorProducer.add((long) i << 11, LENGTH, false);
		}
		this.descriptorProducer.publish();
		int count = this.descriptorConsumer.available(BATCH);
		long sum = 0;
		for (int i = 0; i < count; i++) {
			sum += this.descriptorConsumer.address(i) + this.descriptorConsumer.length(i);
		}
		this.descriptorConsumer.release(count);
		return sum;
	}

	/**
	 * Ask whether the kernel wants to be woken: a full fence.
	 * @return whether it does
	 */
	@Benchmark
	public boolean needsWakeup() {
		return this.addressProducer.needsWakeup();
	}

}
