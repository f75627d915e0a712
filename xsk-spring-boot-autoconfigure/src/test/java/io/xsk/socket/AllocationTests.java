package io.xsk.socket;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;

import com.sun.management.ThreadMXBean;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that nothing is allocated per packet, by the bytes that the JVM counts for the
 * thread.
 */
@KernelTest
class AllocationTests {

	private static final int BATCH = 32;

	private static final int WARM_UP = 1500;

	private static final int MEASURED = 300;

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private final Kernel kernel = JnaKernel.load();

	private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private OpenResources before;

	private VethPair veth;

	private XdpSocket socket;

	private PeerSocket peer;

	private Redirection redirection;

	@BeforeEach
	void setUp() {
		this.before = OpenResources.snapshot();
		this.veth = VethPair.create();
		this.socket = XdpSocket.open(this.kernel, this.veth.info(), 0, TestFrames.small().build());
		this.redirection = new Redirection(this.kernel, this.veth.info());
		this.redirection.to(this.socket);
		this.peer = PeerSocket.open(this.kernel, this.veth, TestFrames.small().build());
	}

	@AfterEach
	void tearDown() {
		this.peer.close();
		this.redirection.close();
		this.socket.close();
		this.veth.close();
		this.before.assertUnchanged();
	}

	@Test
	void receivingOneByOneAllocatesNothing() {
		long[] sum = new long[1];
		PacketHandler handler = (packet) -> sum[0] += packet.data().getInt(42) + packet.length();
		assertAllocatesNothing(() -> this.socket.receive(handler, BATCH));
	}

	@Test
	void receivingInBatchesAllocatesNothing() {
		long[] sum = new long[1];
		PacketBatchHandler handler = (batch) -> {
			for (int i = 0; i < batch.size(); i++) {
				sum[0] += batch.get(i).data().getInt(42);
			}
		};
		assertAllocatesNothing(() -> this.socket.receiveBatch(handler, BATCH));
	}

	@Test
	void transmittingAllocatesNothing() {
		PacketHandler handler = XdpPacket::transmit;
		assertAllocatesNothing(() -> this.socket.receive(handler, BATCH));
	}

	@Test
	void retainingAndReleasingAllocatesNothing() {
		XdpPacket[] kept = new XdpPacket[1];
		PacketHandler handler = (packet) -> {
			if (kept[0] != null) {
				kept[0].release();
			}
			kept[0] = packet.retain();
		};
		assertAllocatesNothing(() -> this.socket.receive(handler, BATCH));
		kept[0].release();
	}

	@Test
	void sendingAllocatesNothing() {
		ByteBuffer packet = ByteBuffer.wrap(TestFrames.numbered(1));
		List<ByteBuffer> packets = List.of(packet, packet, packet, packet);
		byte[] array = TestFrames.numbered(2);
		FrameWriter writer = (frame) -> frame.putInt(42, 7).limit();
		assertAllocatesNothing(() -> {
			require(this.socket.send(packet));
			require(this.socket.send(array));
			require(this.socket.send(60, writer));
			require(this.socket.send(packets) == packets.size());
			return this.socket.receive(XdpPacket::length, BATCH);
		});
	}

	/** As an assertion would, which allocates. */
	private static void require(boolean condition) {
		if (!condition) {
			throw new AssertionError();
		}
	}

	private void assertAllocatesNothing(IntSupplier work) {
		long allocated = 0;
		long thread = Thread.currentThread().getId();
		ByteBuffer packet = ByteBuffer.wrap(TestFrames.numbered(1));
		PacketHandler drop = XdpPacket::length;
		for (int round = 0; round < WARM_UP + MEASURED; round++) {
			for (int i = 0; i < BATCH; i++) {
				require(this.peer.socket().send(packet, TIMEOUT));
			}
			long start = this.threads.getThreadAllocatedBytes(thread);
			int received = 0;
			while (received < BATCH) {
				require(this.socket.await(TIMEOUT));
				received += work.getAsInt();
			}
			long bytes = this.threads.getThreadAllocatedBytes(thread) - start;
			allocated += (round < WARM_UP) ? 0 : bytes;
			this.peer.socket().receive(drop, BATCH * 2);
		}
		// what the compilers of the JVM and a rare slow path leave is far below a byte
		assertThat((double) allocated / MEASURED / BATCH).as("bytes per packet").isLessThan(0.5);
	}

}
