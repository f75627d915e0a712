package io.xsk.send;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Errno;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.PacketSocket;
import io.xsk.test.Packets;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of {@link XskTemplate} on the running kernel, whose {@code sendto} says "not now"
 * as in copy mode under load: who receives from a socket is not held up by what he sends.
 */
@KernelTest
class StalledSocketTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final int RING = 64;

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	private final AtomicBoolean stopped = new AtomicBoolean();

	private final AtomicInteger received = new AtomicInteger();

	private OpenResources before;

	private VethPair veth;

	private XskSockets sockets;

	private XskTemplate template;

	private PacketSocket peer;

	@BeforeEach
	void setUp() {
		this.before = OpenResources.snapshot();
		this.veth = VethPair.create();
		XdpSocketConfig config = XdpSocketConfig.builder()
			.rxRingSize(RING)
			.txRingSize(RING)
			.fillRingSize(RING)
			.completionRingSize(RING)
			.frameCount(2 * RING)
			.build();
		this.sockets = new XskSockets(this.kernel,
				List.of(XskInterfaceConfig.redirecting(this.veth.name(), RedirectRules.all())),
				List.of(new XskSocketConfig("echo", this.veth.name(), QueueSelection.all(), config, true)));
		this.sockets.open();
		new XskMapTemplate(this.sockets).activate(xsk());
		this.template = new XskTemplate(this.sockets);
		// whoever waits longer than for room fails the test by its own timeout
		this.template.setSendTimeout(Duration.ofHours(1));
		this.peer = this.veth.capturePeer();
	}

	@AfterEach
	void tearDown() {
		this.stopped.set(true);
		this.sockets.close();
		this.veth.close();
		this.before.assertUnchanged();
	}

	@Test
	void aConsumerThatAnswersReturnsAtOnceAndItsLoopSendsWhatIsLeft() throws Exception {
		stall();
		CompletableFuture<Void> consumer = consumer();
		for (int i = 0; i < RING / 2; i++) {
			this.veth.sendFrame(frame(i));
		}
		await().atMost(TIMEOUT).until(() -> this.received.get() == RING / 2);
		assertThat(xsk().tx().used()).as("the answers wait").isEqualTo(RING / 2);
		this.kernel.healthy();
		for (int i = 0; i < RING / 2; i++) {
			assertThat(this.peer.receive(TIMEOUT)).hasValue(frame(i));
		}
		stop(consumer);
	}

	@Test
	void aConsumerThatHasNoRoomIsToldSoAfterItsTimeout() throws Exception {
		stall();
		XskSender sender = this.template.sender("echo").timeout(Duration.ZERO);
		for (int i = 0; i < RING; i++) {
			assertThat(sender.send(frame(i))).isTrue();
		}
		this.template.setSendTimeout(Duration.ofMillis(1));
		CompletableFuture<Void> consumer = consumer();
		this.veth.sendFrame(frame(RING));
		await().atMost(TIMEOUT).until(() -> this.received.get() == 1);
		this.kernel.healthy();
		for (int i = 0; i < RING; i++) {
			assertThat(this.peer.receive(TIMEOUT)).hasValue(frame(i));
		}
		stop(consumer);
		assertThat(xsk().traffic().sentPackets()).as("the answer found no room").isEqualTo(RING);
	}

	@Test
	void anotherThreadReturnsAtOnceTooAndTheConsumerSendsWhatItLeft() throws Exception {
		stall();
		CompletableFuture<Void> consumer = consumer();
		CompletableFuture<Boolean> sent = CompletableFuture
			.supplyAsync(() -> this.template.send("echo", frame(1)) && this.template.send("echo", frame(2)));
		assertThat(sent.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		this.kernel.healthy();
		assertThat(this.peer.receive(TIMEOUT)).hasValue(frame(1));
		assertThat(this.peer.receive(TIMEOUT)).hasValue(frame(2));
		stop(consumer);
	}

	/** The kernel sends nothing until it is healthy: in copy mode poll(2) sends too. */
	private void stall() {
		this.kernel.failing("sendto", Errno.EAGAIN).failing("poll", Errno.EINTR);
	}

	/** As a listener does: answers by the template what comes, and waits in between. */
	private CompletableFuture<Void> consumer() {
		XdpSocket xsk = xsk();
		return CompletableFuture.runAsync(() -> {
			while (!this.stopped.get()) {
				xsk.receive((packet) -> {
					this.template.send("echo", packet.data());
					this.received.incrementAndGet();
				}, RING);
				xsk.await(TIMEOUT);
			}
		}, (loop) -> new Thread(loop, "consumer").start());
	}

	private void stop(CompletableFuture<Void> consumer) throws Exception {
		this.stopped.set(true);
		xsk().wakeup();
		consumer.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
		assertThat(xsk().tx().used()).isZero();
		assertThat(xsk().frames().isBalanced()).as("%s", xsk().frames()).isTrue();
	}

	private XdpSocket xsk() {
		return this.sockets.group("echo").orElseThrow().sockets().get(0);
	}

	private static byte[] frame(int number) {
		return Packets.between("198.51.100.1", "198.51.100.2")
			.udp(1024 + number, 9, ByteBuffer.allocate(64).putInt(number).array());
	}

}
