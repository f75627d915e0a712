package io.xsk.socket;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.Commands;
import io.xsk.test.KernelTest;
import io.xsk.test.VethPair;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that no frame is lost when everything happens at once: packets of all lengths are
 * dropped, transmitted and retained, handlers throw, other threads release, transmit and
 * send, and all rings are too small.
 */
@KernelTest
class XdpSocketMixTests {

	private static final int PACKETS = 20_000;

	private static final Duration MOMENT = Duration.ofMillis(2);

	private final Kernel kernel = JnaKernel.load();

	private final AtomicBoolean stopped = new AtomicBoolean();

	private final BlockingQueue<XdpPacket> retained = new ArrayBlockingQueue<>(100);

	private final Random random = new Random(42);

	@ParameterizedTest
	@CsvSource({ "false, false", "true, false", "false, true", "true, true" })
	void everyFrameIsAccountedFor(boolean multiBuffer, boolean leakDetection) throws Exception {
		List<PacketLeak> leaks = new CopyOnWriteArrayList<>();
		XdpSocketConfig config = XdpSocketConfig.builder()
			.frameCount(512)
			.rxRingSize(128)
			.txRingSize(64)
			.fillRingSize(256)
			.completionRingSize(64)
			.multiBuffer(multiBuffer)
			.leakListener(leakDetection ? leaks::add : null)
			.build();
		ExecutorService executor = Executors.newCachedThreadPool();
		try (VethPair veth = VethPair.create()) {
			mtu(veth, multiBuffer ? 9000 : 1500);
			try (XdpSocket socket = XdpSocket.open(this.kernel, veth.info(), 0, config);
					Redirection redirection = new Redirection(this.kernel, veth.info(), multiBuffer);
					PeerSocket peer = PeerSocket.open(this.kernel, veth, config)) {
				redirection.to(socket);
				List<Future<?>> others = new ArrayList<>();
				for (Callable<Void> other : others(socket, peer.socket(), multiBuffer ? 8900 : 1400)) {
					others.add(executor.submit(other));
				}
				consume(socket, others);
				this.stopped.set(true);
				for (Future<?> other : others) {
					other.get(10, TimeUnit.SECONDS);
				}
				assertQuiet(socket);
				assertQuiet(peer.socket());
				assertThat(leaks).isEmpty();
			}
		}
		finally {
			this.stopped.set(true);
			executor.shutdown();
			assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		}
	}

	private static void mtu(VethPair veth, int mtu) {
		Commands.run("ip", "link", "set", veth.name(), "mtu", Integer.toString(mtu));
		veth.exec("ip", "link", "set", veth.peerName(), "mtu", Integer.toString(mtu));
	}

	private List<Callable<Void>> others(XdpSocket socket, XdpSocket peer, int longest) {
		byte[][] frames = { TestFrames.ofLength(60), TestFrames.ofLength(700), TestFrames.ofLength(longest) };
		return List.of(repeating((i) -> peer.send(frames[i % 3], MOMENT)), repeating((i) -> {
			peer.await(MOMENT);
			peer.receive(XdpPacket::length, 64);
		}), repeating((i) -> socket.send(frames[i % 3], MOMENT)), repeating(this::giveBack), repeating(this::giveBack));
	}

	private Callable<Void> repeating(Step step) {
		return () -> {
			for (int i = 0; !this.stopped.get() || !this.retained.isEmpty(); i++) {
				step.run(i);
			}
			return null;
		};
	}

	private void giveBack(int number) throws InterruptedException {
		XdpPacket packet = this.retained.poll(1, TimeUnit.MILLISECONDS);
		if (packet != null) {
			assertThat(packet.length()).isPositive();
			if (number % 3 == 0) {
				packet.transmit();
			}
			else {
				packet.release();
			}
		}
	}

	private void consume(XdpSocket socket, List<Future<?>> others) {
		int[] count = new int[1];
		PacketHandler handler = (packet) -> {
			count[0]++;
			handle(packet);
		};
		for (int i = 0; count[0] < PACKETS; i++) {
			assertThat(others).noneMatch(Future::isDone);
			try {
				if (i % 2 == 0) {
					socket.receive(handler, 32);
				}
				else {
					socket.receiveBatch((batch) -> {
						for (int packet = 0; packet < batch.size(); packet++) {
							handler.onPacket(batch.get(packet));
						}
					}, 32);
				}
			}
			catch (UnsupportedOperationException ex) {
				assertThat(ex).hasMessage("on purpose");
			}
			socket.await(MOMENT);
		}
	}

	private void handle(XdpPacket packet) {
		switch (this.random.nextInt(5)) {
			case 0 -> packet.transmit();
			case 1, 2 -> retain(packet);
			case 3 -> {
				retain(packet);
				throw new UnsupportedOperationException("on purpose");
			}
			default -> assertThat(packet.length()).isPositive();
		}
	}

	private void retain(XdpPacket packet) {
		packet.retain();
		if (!this.retained.offer(packet)) {
			packet.release();
		}
	}

	private static void assertQuiet(XdpSocket socket) {
		Awaitility.await().untilAsserted(() -> {
			socket.await(Duration.ZERO);
			socket.receive(XdpPacket::length, 1000);
			socket.flush();
			assertThat(socket.frames()).isEqualTo(new FrameCensus(256, 256, 0, 0, 0, 0, 0, 512));
		});
	}

	/** What a thread does again and again. */
	private interface Step {

		void run(int number) throws Exception;

	}

}
