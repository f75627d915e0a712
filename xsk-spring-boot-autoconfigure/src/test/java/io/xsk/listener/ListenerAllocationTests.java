package io.xsk.listener;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.management.ThreadMXBean;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.send.XskTemplate;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.XdpPacketBatch;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.KernelTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a packet costs in bytes of the heap: nothing. Measured per thread, by the JVM's
 * own count, after everything was called often enough.
 */
@KernelTest
class ListenerAllocationTests {

	private static final int WARM_UP = 20_000;

	private static final int MEASURED = 20_000;

	/** What the JVM does once, when a path is first taken, is no cost of a packet. */
	private static final int ROUNDS = 5;

	private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	@ParameterizedTest
	@ValueSource(strings = { "transmit", "read", "batch", "buffer" })
	void aReceivedPacketAllocatesNothing(String method) {
		assertThat(allocated(method, IdleStrategies.POLL)).isZero();
	}

	@ParameterizedTest
	@EnumSource(IdleStrategies.class)
	void idlingAllocatesNothing(IdleStrategies strategy) {
		assertThat(allocated("transmit", strategy)).isZero();
	}

	private long allocated(String name, IdleStrategies strategy) {
		try (ListenerFixture fixture = new ListenerFixture(JnaKernel.load(), 1, XdpSocketConfig.builder().build(),
				null)) {
			Listener bean = new Listener();
			fixture.idleStrategy(strategy);
			fixture.registry().register(bean.endpoint(name));
			fixture.start();
			exchange(fixture, 0, WARM_UP);
			long allocated = Long.MAX_VALUE;
			for (int round = 0; round < ROUNDS && allocated > 0; round++) {
				long before = allocatedByConsumer();
				exchange(fixture, WARM_UP + round * MEASURED, MEASURED);
				allocated = allocatedByConsumer() - before;
			}
			assertThat(fixture.container().errors()).isZero();
			return allocated;
		}
	}

	private static void exchange(ListenerFixture fixture, int from, int count) {
		fixture.sendPaced(from, count);
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.container().received() >= from + count);
	}

	private long allocatedByConsumer() {
		long id = Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter(ConsumerThread.class::isInstance)
			.findFirst()
			.orElseThrow()
			.getId();
		return this.threads.getThreadAllocatedBytes(id);
	}

	@Test
	void aSentPacketAllocatesNothing() {
		try (ListenerFixture fixture = new ListenerFixture(JnaKernel.load(), 2, XdpSocketConfig.builder().build(),
				null)) {
			fixture.start();
			XskTemplate template = new XskTemplate(fixture.sockets());
			ByteBuffer packet = ByteBuffer.allocateDirect(60);
			byte[] array = new byte[60];
			List<ByteBuffer> batch = new ArrayList<>(List.of(packet, packet, packet, packet));
			AtomicInteger sent = new AtomicInteger();
			send(template, packet, array, batch, sent, WARM_UP);
			long allocated = Long.MAX_VALUE;
			for (int round = 0; round < ROUNDS && allocated > 0; round++) {
				sent.set(0);
				long before = this.threads.getCurrentThreadAllocatedBytes();
				send(template, packet, array, batch, sent, MEASURED);
				allocated = this.threads.getCurrentThreadAllocatedBytes() - before;
				assertThat(sent).hasValue(MEASURED * 7);
			}
			assertThat(allocated).isZero();
		}
	}

	private static void send(XskTemplate template, ByteBuffer packet, byte[] array, List<ByteBuffer> batch,
			AtomicInteger sent, int times) {
		for (int i = 0; i < times; i++) {
			sent.addAndGet(template.send("rx", packet) ? 1 : 0);
			sent.addAndGet(template.send("rx", array) ? 1 : 0);
			sent.addAndGet(template.send("rx", 60, (frame) -> 60) ? 1 : 0);
			sent.addAndGet(template.send("rx", batch));
		}
	}

	/** Listens in every way that allocates nothing. */
	private static final class Listener {

		private long sum;

		XskListenerEndpoint endpoint(String name) {
			ListenerMethod method = Arrays.stream(Listener.class.getDeclaredMethods())
				.filter((candidate) -> candidate.getName().equals(name))
				.map((candidate) -> ListenerMethod.of(this, candidate))
				.findFirst()
				.orElseThrow();
			return new XskListenerEndpoint("rx", name, method.handler(), method.batchHandler(), null);
		}

		void transmit(XdpPacket packet) {
			packet.transmit();
		}

		void read(XdpPacket packet) {
			this.sum += packet.length() + packet.data().getInt(0);
		}

		void batch(XdpPacketBatch batch) {
			for (int i = 0; i < batch.size(); i++) {
				this.sum += batch.get(i).data().get(0);
			}
		}

		void buffer(ByteBuffer packet) {
			this.sum += packet.getLong(0);
		}

	}

}
