package io.xsk.socket;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a packet costs between the rings: it is lent, its bytes are read, and it is given
 * back. One packet after the other out of 1024, as in a ring, so that the caches count.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PacketBenchmark {

	private static final int FRAMES = 1024;

	private static final int FRAME_SIZE = 2048;

	private static final int OFFSET = 256;

	private static final int LENGTH = 60;

	private final ByteBuffer memory = ByteBuffer.allocateDirect(FRAMES * FRAME_SIZE);

	private final XdpPacket[] packets = new XdpPacket[FRAMES];

	private int next;

	/** Make the packets of the frames. */
	public PacketBenchmark() {
		PacketHome home = new Home(this.memory);
		for (int frame = 0; frame < FRAMES; frame++) {
			this.packets[frame] = new XdpPacket(home, frame * FRAME_SIZE, OFFSET);
		}
	}

	/**
	 * Lend, read, and give back.
	 * @return something of what was read
	 */
	@Benchmark
	public long lendAndRead() {
		XdpPacket packet = this.packets[this.next];
		this.next = (this.next + 1) & (FRAMES - 1);
		packet.lend(OFFSET, LENGTH);
		long read = packet.data().getLong(0) + packet.length();
		packet.endCall();
		return read;
	}

	/**
	 * Read the same bytes without packets.
	 * @return something of what was read
	 */
	@Benchmark
	public long baseline() {
		int frame = this.next;
		this.next = (this.next + 1) & (FRAMES - 1);
		return this.memory.getLong(frame * FRAME_SIZE + OFFSET) + LENGTH;
	}

	/** Where no packet ever comes back to. */
	private record Home(ByteBuffer memory) implements PacketHome {

		@Override
		public PacketOrigin origin() {
			return new PacketOrigin("bench", "none", 0);
		}

		@Override
		public ByteBuffer slice(long frameAddress, int offset) {
			return this.memory.slice((int) frameAddress + offset, FRAME_SIZE - offset);
		}

		@Override
		public boolean isConsumer() {
			return true;
		}

		@Override
		public void retained(XdpPacket packet) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void release(XdpPacket packet) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void transmit(XdpPacket packet) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void requireTransmitter(XdpPacket packet) {
			throw new UnsupportedOperationException();
		}

	}

}
