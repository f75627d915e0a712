package io.xsk.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.xsk.XskException;
import io.xsk.core.BindingState;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;
import io.xsk.listener.XskListenerContainer.State;
import io.xsk.socket.BusyPoll;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.Commands;
import io.xsk.test.PacketSocket;
import io.xsk.test.Packets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests of {@link SocketListenerContainer} on the running kernel.
 */
class SocketListenerContainerTests extends AbstractListenerTests {

	@Test
	void handsOverEveryPacketInItsOrder() {
		ListenerFixture fixture = fixture();
		fixture.registry().register("rx", this::record);
		fixture.start();
		fixture.sendPaced(0, 5000);
		awaitNumbers(5000);
		assertThat(this.numbers).isEqualTo(upTo(5000));
		assertThat(fixture.container().received()).isEqualTo(5000);
		assertThat(fixture.container().errors()).isZero();
		assertThat(fixture.dropped()).isZero();
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void handsOverBatches() {
		ListenerFixture fixture = fixture();
		fixture.batchSize(16);
		List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
		fixture.registry().registerBatch("rx", (batch) -> {
			sizes.add(batch.size());
			for (int i = 0; i < batch.size(); i++) {
				record(batch.get(i));
			}
		});
		fixture.start();
		fixture.sendPaced(0, 3000);
		awaitNumbers(3000);
		assertThat(this.numbers).isEqualTo(upTo(3000));
		assertThat(sizes).allMatch((size) -> size >= 1 && size <= 16);
		assertThat(fixture.container().received()).isEqualTo(3000);
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void aStopWaitsUntilWhatWasTransmittedIsSent() {
		ListenerFixture fixture = fixture();
		PacketSocket peer = fixture.veth().capturePeer();
		Gate inside = new Gate();
		fixture.registry().register("rx", (packet) -> {
			inside.pass();
			packet.data().putInt(ListenerFixture.NUMBER, 77);
			packet.transmit();
		});
		fixture.start();
		fixture.send(0, 1);
		inside.awaitEntered();
		// the packet goes into the TX ring, and the kernel does not take it
		Commands.run("ip", "link", "set", fixture.veth().name(), "down");
		inside.open();
		await().until(() -> fixture.xsk().tx().used() == 1);
		CompletableFuture<Void> stop = ListenerFixture.async(fixture.container()::stop);
		await().until(() -> !fixture.operations().bindings().get(0).state().equals(BindingState.ACTIVE));
		assertThat(stop).isNotDone();
		Commands.run("ip", "link", "set", fixture.veth().name(), "up");
		stop.join();
		assertThat(fixture.xsk().tx().used()).isZero();
		assertThat(peer.receive(ListenerFixture.TIMEOUT)
			.map((frame) -> ByteBuffer.wrap(frame).getInt(ListenerFixture.NUMBER))).hasValue(77);
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void eachQueueHasAThreadOfItsOwn() {
		ListenerFixture fixture = fixture(4, ListenerFixture.small(), null);
		AtomicReference<@Nullable String> wrong = new AtomicReference<>();
		fixture.registry().register("rx", (packet) -> {
			if (!Thread.currentThread().getName().startsWith("xsk-" + fixture.veth().name() + "-")) {
				wrong.set(Thread.currentThread().getName());
			}
			record(packet);
		});
		fixture.start();
		String prefix = "xsk-" + fixture.veth().name() + "-";
		assertThat(ListenerFixture.consumerThreads()).containsExactly(prefix + 0, prefix + 1, prefix + 2, prefix + 3);
		fixture.sendPaced(0, 1000);
		awaitNumbers(1000);
		assertThat(this.numbers).hasSize(1000).doesNotHaveDuplicates();
		assertThat(wrong.get()).isNull();
		fixture.container().stop();
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(IdleStrategies.class)
	void everyIdleStrategyDeliversAndStops(IdleStrategies strategy) {
		ListenerFixture fixture = fixture();
		fixture.idleStrategy(strategy);
		fixture.registry().register("rx", this::record);
		fixture.start();
		for (int i = 0; i < 20; i++) {
			fixture.send(i * 10, 10);
			awaitNumbers((i + 1) * 10);
		}
		assertThat(this.numbers).isEqualTo(upTo(200));
		fixture.container().stop();
		assertThat(fixture.container().state()).isEqualTo(State.STOPPED);
	}

	@Test
	void anIdleStrategyOfTheApplicationIsUsed() {
		ListenerFixture fixture = fixture();
		AtomicInteger idles = new AtomicInteger();
		fixture.idleStrategy((socket) -> (work) -> {
			idles.incrementAndGet();
			Thread.yield();
		});
		fixture.registry().register("rx", this::record);
		fixture.start();
		fixture.send(0, 10);
		awaitNumbers(10);
		assertThat(idles).hasPositiveValue();
	}

	@Test
	void aPauseAndAStopEndAnEndlessWaitAtOnce() {
		ListenerFixture fixture = fixture();
		fixture.drainTimeout(Duration.ofMinutes(2));
		fixture.idleStrategy((socket) -> (work) -> {
			if (work == 0) {
				socket.await(Duration.ofMinutes(2));
			}
		});
		fixture.registry().register("rx", this::record);
		fixture.start();
		fixture.send(0, 1);
		awaitNumbers(1);
		for (Runnable control : List.<Runnable>of(fixture.container()::pause, fixture.container()::resume,
				fixture.container()::stop)) {
			CompletableFuture<Void> done = ListenerFixture.async(control);
			await().atMost(ListenerFixture.TIMEOUT).until(done::isDone);
			done.join();
		}
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
	}

	@Test
	void aStoppedContainerLeavesThePacketsToTheKernel() {
		ListenerFixture fixture = fixture();
		fixture.registry().register("rx", this::record);
		fixture.start();
		fixture.container().stop();
		fixture.assertState(BindingState.INACTIVE);
		PacketSocket stack = fixture.veth().capture();
		fixture.send(7, 1);
		assertThat(stack.receive(ListenerFixture.TIMEOUT)).isPresent();
		fixture.container().start();
		fixture.assertState(BindingState.ACTIVE);
		fixture.send(8, 1);
		awaitNumbers(1);
		assertThat(this.numbers).containsExactly(8);
	}

	@Test
	void nothingIsLostOrDoubledByStopsAndStartsUnderLoad() {
		assertNothingIsLost(XskListenerContainer::stop, XskListenerContainer::start);
	}

	@Test
	void nothingIsLostOrDoubledByPausesUnderLoad() {
		assertNothingIsLost(XskListenerContainer::pause, XskListenerContainer::resume);
	}

	private void assertNothingIsLost(Consumer<XskListenerContainer> end, Consumer<XskListenerContainer> begin) {
		ListenerFixture fixture = fixture();
		fixture.registry().register("rx", this::record);
		fixture.start();
		PacketSocket stack = fixture.veth().capture();
		List<Integer> passed = Collections.synchronizedList(new ArrayList<>());
		AtomicBoolean done = new AtomicBoolean();
		AtomicBoolean counted = new AtomicBoolean();
		AtomicInteger sent = new AtomicInteger();
		CompletableFuture<Void> sender = ListenerFixture.async(() -> {
			while (!done.get()) {
				// no more on the way than the buffer of the capturing socket holds
				if (sent.get() - this.numbers.size() - passed.size() < 100) {
					fixture.send(sent.get(), 4);
					sent.addAndGet(4);
				}
				LockSupport.parkNanos(500_000);
			}
		});
		CompletableFuture<Void> counter = ListenerFixture.async(() -> {
			while (!counted.get()) {
				stack.drain().forEach((frame) -> passed.add(ListenerFixture.number(ByteBuffer.wrap(frame))));
				LockSupport.parkNanos(200_000);
			}
		});
		for (int round = 0; round < 20; round++) {
			int now = this.numbers.size();
			awaitNumbers(now + 20);
			end.accept(fixture.container());
			int resting = this.numbers.size();
			int before = sent.get();
			await().atMost(ListenerFixture.TIMEOUT).until(() -> sent.get() > before + 50);
			assertThat(this.numbers).hasSize(resting);
			begin.accept(fixture.container());
		}
		done.set(true);
		sender.join();
		fixture.assertState(BindingState.ACTIVE);
		await().atMost(ListenerFixture.TIMEOUT)
			.untilAsserted(
					() -> assertThat(this.numbers.size() + passed.size() + fixture.dropped()).isEqualTo(sent.get()));
		counted.set(true);
		counter.join();
		assertThat(this.numbers).isSorted().doesNotHaveDuplicates().doesNotContainAnyElementsOf(passed);
		assertThat(passed).isNotEmpty();
		assertThat(fixture.dropped()).isZero();
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void aPauseThatHoldsKeepsThePacketsInTheRing() {
		ListenerFixture fixture = fixture(1, ListenerFixture.small(), null);
		fixture.pauseMode(PauseMode.HOLD);
		fixture.registry().register("rx", this::record);
		fixture.start();
		fixture.container().pause();
		assertThat(fixture.container().state()).isEqualTo(State.PAUSED);
		fixture.assertState(BindingState.ACTIVE);
		fixture.send(0, 100);
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.xsk().rx().used() == 64);
		assertThat(this.numbers).isEmpty();
		fixture.container().resume();
		awaitNumbers(64);
		assertThat(this.numbers).isEqualTo(upTo(64));
		assertThat(fixture.dropped()).isEqualTo(36);
		fixture.send(100, 1);
		awaitNumbers(65);
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void aContainerThatHoldsHandsOverWhatItHasWhenItIsStopped() {
		ListenerFixture fixture = fixture();
		fixture.pauseMode(PauseMode.HOLD);
		fixture.registry().register("rx", this::record);
		fixture.start();
		fixture.container().pause();
		fixture.send(0, 50);
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.xsk().rx().used() == 50);
		fixture.container().stop();
		assertThat(this.numbers).isEqualTo(upTo(50));
	}

	@Test
	void aContextStopHandsOverWhatWasReceived() throws Exception {
		ListenerFixture fixture = fixture();
		CountDownLatch inside = new CountDownLatch(1);
		CountDownLatch released = new CountDownLatch(1);
		fixture.registry().register("rx", (packet) -> {
			record(packet);
			inside.countDown();
			awaitUninterruptibly(released);
		});
		fixture.start();
		fixture.send(0, 200);
		inside.await();
		CompletableFuture<Void> stop = ListenerFixture.async(fixture::stop);
		try {
			await().atMost(ListenerFixture.TIMEOUT)
				.until(() -> fixture.operations().inspect(fixture.xsk()).state() == BindingState.INACTIVE);
			assertThat(this.numbers).hasSize(1);
		}
		finally {
			released.countDown();
		}
		stop.join();
		assertThat(this.numbers).isEqualTo(upTo(200));
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException("interrupted", ex);
		}
	}

	@Test
	void aListenerThatHangsIsInterruptedWhenTheDrainTimeoutIsOver(CapturedOutput output) throws Exception {
		ListenerFixture fixture = fixture();
		fixture.drainTimeout(Duration.ofMillis(50));
		CountDownLatch inside = new CountDownLatch(1);
		AtomicBoolean interrupted = new AtomicBoolean();
		fixture.registry().register("rx", (packet) -> {
			inside.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				interrupted.set(true);
			}
		});
		fixture.start();
		fixture.send(0, 1);
		inside.await();
		fixture.send(1, 5);
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.xsk().rx().used() >= 5);
		fixture.container().stop();
		assertThat(interrupted).isTrue();
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
		assertThat(output).contains("stay in the RX ring");
	}

	@Test
	void threadsThatHangAreInterruptedTogether(CapturedOutput output) {
		ListenerFixture fixture = fixture(4, ListenerFixture.small(), null);
		fixture.drainTimeout(Duration.ofMillis(50));
		CountDownLatch inside = new CountDownLatch(4);
		CountDownLatch interrupted = new CountDownLatch(4);
		fixture.registry().register("rx", (packet) -> {
			inside.countDown();
			boolean waiting = true;
			while (waiting) {
				try {
					interrupted.await();
					waiting = false;
				}
				catch (InterruptedException ex) {
					// leaves only when all of them were interrupted
					interrupted.countDown();
				}
			}
		});
		fixture.start();
		AtomicInteger sent = new AtomicInteger();
		await().atMost(ListenerFixture.TIMEOUT).until(() -> {
			fixture.send(sent.getAndIncrement(), 1);
			return inside.getCount() == 0;
		});
		fixture.container().stop();
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
		assertThat(output).doesNotContain("is still in the listener");
	}

	@Test
	void aListenerThatIgnoresTheInterruptIsToldAndKeepsTheContainerFromStarting(CapturedOutput output) {
		ListenerFixture fixture = fixture();
		fixture.drainTimeout(Duration.ofMillis(50));
		Gate stuck = new Gate();
		fixture.registry().register("rx", (packet) -> stuck.pass());
		fixture.start();
		fixture.send(0, 1);
		stuck.awaitEntered();
		fixture.container().stop();
		assertThat(output)
			.containsPattern("is still in the listener after PT0.05S, at \\S*io\\.xsk\\.listener\\.Gate\\.pass\\(");
		assertThat(fixture.container().state()).isEqualTo(State.STOPPED);
		fixture.assertState(BindingState.INACTIVE);
		assertThatExceptionOfType(XskListenerException.class).isThrownBy(fixture.container()::start)
			.withMessageContaining("is still in the listener since the last stop");
		fixture.assertState(BindingState.INACTIVE);
		stuck.open();
		await().atMost(ListenerFixture.TIMEOUT).until(() -> ListenerFixture.consumerThreads().isEmpty());
		fixture.container().start();
		fixture.assertState(BindingState.ACTIVE);
	}

	@Test
	void aThreadThatIsInterruptedEndsTheThreadsAllTheSame() {
		ListenerFixture fixture = fixture();
		fixture.drainTimeout(Duration.ofMinutes(2));
		CountDownLatch inside = new CountDownLatch(1);
		fixture.registry().register("rx", (packet) -> {
			inside.countDown();
			awaitUninterruptibly(new CountDownLatch(1));
		});
		fixture.start();
		fixture.send(0, 1);
		awaitUninterruptibly(inside);
		Thread.currentThread().interrupt();
		fixture.container().stop();
		assertThat(Thread.interrupted()).as("the interrupt is not swallowed").isTrue();
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
		assertThat(fixture.container().state()).isEqualTo(State.STOPPED);
	}

	@Test
	void aDrainTimeoutMayBeForEver() {
		ListenerFixture fixture = fixture();
		fixture.drainTimeout(Duration.ofSeconds(Long.MAX_VALUE));
		fixture.registry().register("rx", this::record);
		fixture.start();
		fixture.container().pause();
		fixture.container().resume();
		fixture.send(0, 1);
		awaitNumbers(1);
		fixture.container().stop();
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
	}

	@Test
	void restartsWithTheSockets() {
		ListenerFixture fixture = fixture();
		fixture.registry().register("rx", this::record);
		for (int round = 0; round < 3; round++) {
			fixture.start();
			fixture.send(round, 1);
			awaitNumbers(round + 1);
			fixture.stop();
			assertThat(fixture.registry().isRunning()).isFalse();
			assertThat(fixture.container().state()).isEqualTo(State.STOPPED);
		}
		assertThat(this.numbers).containsExactly(0, 1, 2);
	}

	@Test
	void aListenerMayStopItsOwnContainer() {
		ListenerFixture fixture = fixture();
		fixture.registry().register("rx", (packet) -> {
			record(packet);
			fixture.container().stop();
		});
		fixture.start();
		fixture.send(0, 1);
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.container().state() == State.STOPPED);
		assertThat(this.numbers).containsExactly(0);
	}

	@Test
	void aListenerMayPauseItsOwnContainer() {
		ListenerFixture fixture = fixture();
		fixture.registry().register("rx", (packet) -> {
			record(packet);
			fixture.container().pause();
		});
		fixture.start();
		fixture.send(0, 1);
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.container().state() == State.PAUSED);
		fixture.container().resume();
		fixture.send(1, 1);
		awaitNumbers(2);
	}

	@Test
	void whatAListenerAsksOfItsContainerIsDoneInItsOrder() {
		ListenerFixture fixture = fixture();
		List<String> calls = Collections.synchronizedList(new ArrayList<>());
		fixture.registry().register("rx", (packet) -> {
			fixture.container().pause();
			fixture.container().resume();
			fixture.container().stop();
			fixture.container().start();
			fixture.container().pause();
		});
		fixture.start();
		fixture.hooks().beforeActivation((xsk) -> calls.add("activate"));
		fixture.hooks().beforeDeactivation((xsk) -> calls.add("deactivate"));
		for (int round = 0; round < 20; round++) {
			fixture.send(round, 1);
			await().atMost(ListenerFixture.TIMEOUT).until(() -> calls.size() >= 5);
			awaitState(fixture, State.PAUSED);
			assertThat(calls).containsExactly("deactivate", "activate", "deactivate", "activate", "deactivate");
			fixture.container().resume();
			calls.clear();
		}
	}

	@Test
	void callsInTheWrongStateDoNothing() {
		ListenerFixture fixture = fixture();
		XskListenerContainer container = fixture.registry().register("rx", this::record);
		container.stop();
		container.pause();
		container.resume();
		assertThat(container.state()).isEqualTo(State.STOPPED);
		assertThatExceptionOfType(XskException.class).isThrownBy(container::start).withMessageContaining("not open");
		fixture.start();
		container.start();
		container.resume();
		assertThat(container.state()).isEqualTo(State.RUNNING);
		assertThat(ListenerFixture.consumerThreads()).hasSize(1);
	}

	@Test
	void packetsAreRetainedAcrossCallsAndReleasedByAnotherThread() {
		ListenerFixture fixture = fixture(1, ListenerFixture.small(), null);
		List<XdpPacket> retained = Collections.synchronizedList(new ArrayList<>());
		fixture.registry().register("rx", (packet) -> retained.add(packet.retain()));
		fixture.start();
		for (int round = 0; round < 50; round++) {
			fixture.send(round * 20, 20);
			await().atMost(ListenerFixture.TIMEOUT).until(() -> retained.size() == 20);
			for (XdpPacket packet : retained) {
				record(packet);
				packet.release();
			}
			retained.clear();
		}
		assertThat(this.numbers).isEqualTo(upTo(1000));
		await().atMost(ListenerFixture.TIMEOUT).untilAsserted(fixture::assertFramesAreAccountedFor);
	}

	@Test
	void transmitsWhatItReceived() {
		ListenerFixture fixture = fixture();
		fixture.registry().register("rx", XdpPacket::transmit);
		PacketSocket peer = fixture.veth().capturePeer();
		fixture.start();
		for (int i = 0; i < 100; i++) {
			fixture.send(i, 1);
			assertThat(peer.receive(ListenerFixture.TIMEOUT)).hasValue(ListenerFixture.numbered(i));
		}
		fixture.container().stop();
		assertThat(fixture.xsk().flush()).isTrue();
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void handsOverPacketsThatAreLargerThanAFrame() {
		ListenerFixture fixture = fixture(1, XdpSocketConfig.builder().multiBuffer(true).build(), null);
		String peer = fixture.veth().peerName();
		fixture.veth().exec("ip", "link", "set", peer, "mtu", "9000");
		Commands.run("ip", "link", "set", fixture.veth().name(), "mtu", "9000");
		byte[] frame = Packets.between("198.51.100.1", "198.51.100.2").udp(1, 9, new byte[8900]);
		List<byte[]> packets = Collections.synchronizedList(new ArrayList<>());
		fixture.registry().register("rx", (packet) -> {
			assertThat(packet.fragmentCount()).isGreaterThan(1);
			packets.add(packet.toByteArray());
		});
		fixture.start();
		for (int i = 0; i < 10; i++) {
			fixture.veth().sendFrame(frame);
		}
		await().atMost(ListenerFixture.TIMEOUT).until(() -> packets.size() == 10);
		assertThat(packets).containsOnly(frame);
		assertThat(fixture.container().errors()).isZero();
		fixture.assertFramesAreAccountedFor();
	}

	@Test
	void threadsAreTiedToTheirCpus() {
		ListenerFixture fixture = fixture(2, ListenerFixture.small(), null);
		Map<String, String> allowed = new ConcurrentHashMap<>();
		fixture.cpus(CpuList.parse("0"));
		fixture.idleStrategy((socket) -> {
			allowed.put(Thread.currentThread().getName(), allowedCpus());
			return IdleStrategies.POLL.create(socket);
		});
		fixture.registry().register("rx", this::record);
		fixture.start();
		assertThat(allowed).hasSize(2).values().allMatch("0"::equals);
	}

	private static String allowedCpus() {
		try {
			return Files.readAllLines(Path.of("/proc/thread-self/status"))
				.stream()
				.filter((line) -> line.startsWith("Cpus_allowed_list:"))
				.map((line) -> line.substring(line.indexOf(':') + 1).strip())
				.findFirst()
				.orElseThrow();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Test
	void aCpuThatDoesNotExistFailsTheStartAndLeavesNoThread() {
		ListenerFixture fixture = fixture(2, ListenerFixture.small(), null);
		fixture.cpus(CpuList.parse("0,8000"));
		fixture.registry().register("rx", this::record);
		assertThatExceptionOfType(XskListenerException.class).isThrownBy(fixture::start)
			.withMessageContaining("sched_setaffinity")
			.withMessageContaining("cpu=8000")
			.withMessageContaining("EINVAL")
			.withMessageContaining("Cpus_allowed_list");
		assertThat(fixture.container().state()).isEqualTo(State.STOPPED);
		assertThat(ListenerFixture.consumerThreads()).isEmpty();
	}

	@Test
	void anIdleStrategyThatCannotBeMadeFailsTheStart() {
		ListenerFixture fixture = fixture();
		fixture.idleStrategy((socket) -> {
			throw new IllegalStateException("no strategy today");
		});
		fixture.registry().register("rx", this::record);
		assertThatExceptionOfType(XskListenerException.class).isThrownBy(fixture::start)
			.withMessageContaining("no strategy today");
	}

	@Test
	void busyPollingIsSetAndSaysThatAVethHasNoNapi(CapturedOutput output) {
		ListenerFixture fixture = fixture(1, ListenerFixture.small(), new BusyPoll(true, 30, 16));
		fixture.registry().register("rx", this::record);
		fixture.start();
		assertThat(option(fixture, LinuxSocket.SO_PREFER_BUSY_POLL)).isEqualTo(1);
		assertThat(option(fixture, LinuxSocket.SO_BUSY_POLL)).isEqualTo(30);
		assertThat(output).contains("has no NAPI id now");
		fixture.send(0, 10);
		awaitNumbers(10);
	}

	private int option(ListenerFixture fixture, int option) {
		NativeMemory value = this.kernel.allocate(Integer.BYTES);
		assertThat(this.kernel.getsockopt(fixture.xsk().fd(), LinuxSocket.SOL_SOCKET, option, value)).isPositive();
		return value.getInt(0);
	}

	@Test
	void theSocketCannotBeClosedFromItsListener() {
		ListenerFixture fixture = fixture();
		AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
		fixture.registry().register("rx", (packet) -> {
			assertThatIllegalStateException().isThrownBy(fixture.xsk()::close).satisfies(thrown::set);
			record(packet);
		});
		fixture.start();
		fixture.send(0, 1);
		awaitNumbers(1);
		assertThat(thrown.get()).isNotNull();
		assertThat(this.numbers).containsExactly(0);
	}

}
