package io.xsk.listener;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.listener.XskListenerContainer.State;
import io.xsk.socket.BusyPoll;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.KernelTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.awaitility.Awaitility.await;

/**
 * What tests of listeners on the running kernel have in common: a fixture that leaves
 * neither threads nor anything in the kernel, and a listener that records the numbers of
 * packets.
 */
@KernelTest
@ExtendWith(OutputCaptureExtension.class)
abstract class AbstractListenerTests {

	final Kernel kernel = JnaKernel.load();

	final List<Integer> numbers = Collections.synchronizedList(new ArrayList<>());

	private @Nullable ListenerFixture open;

	@AfterEach
	void tearDown() {
		if (this.open != null) {
			this.open.close();
		}
	}

	final ListenerFixture fixture() {
		return fixture(1, XdpSocketConfig.builder().build(), null);
	}

	final ListenerFixture fixture(int queues, XdpSocketConfig config, @Nullable BusyPoll busyPoll) {
		this.open = new ListenerFixture(this.kernel, queues, config, busyPoll);
		return this.open;
	}

	final ListenerFixture fixture(Kernel kernel) {
		this.open = new ListenerFixture(kernel, 1, ListenerFixture.small(), null);
		return this.open;
	}

	final void record(XdpPacket packet) {
		this.numbers.add(ListenerFixture.number(packet));
	}

	final void awaitNumbers(int count) {
		await().atMost(ListenerFixture.TIMEOUT).until(() -> this.numbers.size() >= count);
	}

	static List<Integer> upTo(int count) {
		return IntStream.range(0, count).boxed().toList();
	}

	static void awaitState(ListenerFixture fixture, State state) {
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.container().state() == state);
	}

	static void awaitReceived(ListenerFixture fixture, int count) {
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.xsk().rx().used() >= count);
	}

}
