package io.xsk.listener;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

import io.xsk.core.BindingState;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.lifecycle.XskActivationLifecycle;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSockets;
import io.xsk.socket.BusyPoll;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.socket.XdpStatistics;
import io.xsk.test.OpenResources;
import io.xsk.test.Packets;
import io.xsk.test.VethPair;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A veth pair, the socket {@code rx} on all queues of our end that gets every packet, and
 * the beans that an application has for it, which are started and stopped as a context
 * does it.
 */
final class ListenerFixture implements AutoCloseable {

	static final String SOCKET = "rx";

	static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final int STEP = 8;

	private static final int WINDOW = 40;

	static final int NUMBER = 14 + 20 + 8;

	private final OpenResources before = OpenResources.snapshot();

	private final VethPair veth;

	private final XskSockets sockets;

	private final XskMapTemplate operations;

	private final HookedOperations hooks;

	private final XskListenerContainerFactory factory;

	private final XskListenerRegistry registry;

	private final XskActivationLifecycle activation;

	ListenerFixture(Kernel kernel, int queues, XdpSocketConfig config, @Nullable BusyPoll busyPoll) {
		this.veth = VethPair.create(queues);
		this.sockets = new XskSockets(kernel,
				List.of(XskInterfaceConfig.redirecting(this.veth.name(), RedirectRules.all())),
				List.of(new XskSocketConfig(SOCKET, this.veth.name(), QueueSelection.all(), config, true, busyPoll)));
		this.operations = new XskMapTemplate(this.sockets);
		this.hooks = new HookedOperations(this.operations);
		this.activation = new XskActivationLifecycle(this.sockets, this.hooks);
		this.factory = new XskListenerContainerFactory(this.sockets, this.hooks);
		drainTimeout(Duration.ofSeconds(10));
		this.registry = new XskListenerRegistry(this.factory);
	}

	/** Rings of 64 entries and 128 frames. */
	static XdpSocketConfig small() {
		return XdpSocketConfig.builder()
			.rxRingSize(64)
			.txRingSize(64)
			.fillRingSize(64)
			.completionRingSize(64)
			.frameCount(128)
			.build();
	}

	/** A UDP datagram with a number in it. */
	static byte[] numbered(int number) {
		return Packets.between("198.51.100.1", "198.51.100.2")
			.udp(1024 + number % 60_000, 9, ByteBuffer.allocate(64).putInt(number).array());
	}

	static int number(ByteBuffer packet) {
		return packet.getInt(NUMBER);
	}

	static int number(XdpPacket packet) {
		return number(packet.data());
	}

	VethPair veth() {
		return this.veth;
	}

	XskSockets sockets() {
		return this.sockets;
	}

	XskMapTemplate operations() {
		return this.operations;
	}

	/** Between the containers and the operations. */
	HookedOperations hooks() {
		return this.hooks;
	}

	XskActivationLifecycle activation() {
		return this.activation;
	}

	XskListenerContainerFactory factory() {
		return this.factory;
	}

	void idleStrategy(XskIdleStrategyFactory idleStrategy) {
		this.factory.setSettings(this.factory.getSettings().withIdleStrategy(idleStrategy));
	}

	void pauseMode(PauseMode pauseMode) {
		this.factory.setSettings(this.factory.getSettings().withPauseMode(pauseMode));
	}

	void batchSize(int batchSize) {
		this.factory.setSettings(this.factory.getSettings().withBatchSize(batchSize));
	}

	void drainTimeout(Duration drainTimeout) {
		this.factory.setSettings(this.factory.getSettings().withDrainTimeout(drainTimeout));
	}

	void errorHandler(XskListenerErrorHandler errorHandler) {
		this.factory.setSettings(this.factory.getSettings().withErrorHandler(errorHandler));
	}

	void cpus(CpuList cpus) {
		this.factory.setSettings(this.factory.getSettings().withCpus(cpus));
	}

	XskListenerRegistry registry() {
		return this.registry;
	}

	XskListenerContainer container() {
		return this.registry.container(SOCKET);
	}

	List<XdpSocket> xsks() {
		return this.sockets.group(SOCKET).orElseThrow().sockets();
	}

	XdpSocket xsk() {
		return xsks().get(0);
	}

	void start() {
		this.sockets.open();
		this.registry.start();
		this.activation.start();
	}

	void stop() {
		this.activation.stop();
		this.registry.stop();
		this.sockets.close();
	}

	void send(int from, int count) {
		for (int number = from; number < from + count; number++) {
			this.veth.sendFrame(numbered(number));
		}
	}

	/**
	 * Send, numbered from where the last call ended, as fast as the listener takes the
	 * packets: never more than the smallest ring has room for.
	 */
	void sendPaced(int from, int count) {
		long deadline = System.nanoTime() + TIMEOUT.toNanos();
		for (int number = from; number < from + count; number += STEP) {
			while (number - container().received() > WINDOW) {
				assertThat(System.nanoTime() - deadline).as("received %s of %s", container().received(), number)
					.isNegative();
				LockSupport.parkNanos(50_000);
			}
			send(number, Math.min(STEP, from + count - number));
		}
	}

	void assertState(BindingState state) {
		assertThat(xsks()).allSatisfy((xsk) -> assertThat(this.operations.inspect(xsk).state()).isEqualTo(state));
	}

	/** What the kernel counts as dropped, for whatever reason. */
	long dropped() {
		return xsks().stream().map(XdpSocket::statistics).mapToLong(ListenerFixture::dropped).sum();
	}

	private static long dropped(XdpStatistics statistics) {
		// those that find the fill ring empty are among the dropped ones
		return statistics.rxDropped() + statistics.rxRingFull();
	}

	/** The threads that receive, of whatever container. */
	static List<String> consumerThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter(ConsumerThread.class::isInstance)
			.map(Thread::getName)
			.sorted()
			.toList();
	}

	/** On a thread of its own: the common pool may have only one. */
	static CompletableFuture<Void> async(Runnable task) {
		return CompletableFuture.runAsync(task, (running) -> {
			Thread thread = new Thread(running, "test");
			thread.setDaemon(true);
			thread.start();
		});
	}

	/** Every frame has one owner, and none of them is the application. */
	void assertFramesAreAccountedFor() {
		assertThat(xsks()).allSatisfy((xsk) -> {
			assertThat(xsk.frames().isBalanced()).as("%s", xsk.frames()).isTrue();
			assertThat(xsk.frames().application()).isZero();
		});
	}

	@Override
	public void close() {
		stop();
		this.veth.close();
		this.before.assertUnchanged();
		assertThat(consumerThreads()).isEmpty();
	}

}
