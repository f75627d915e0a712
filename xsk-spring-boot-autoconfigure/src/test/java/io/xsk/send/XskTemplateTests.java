package io.xsk.send;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

import io.xsk.XskException;
import io.xsk.bpf.AttachMode;
import io.xsk.kernel.Errno;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSockets;
import io.xsk.socket.Direction;
import io.xsk.socket.PacketSender;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.PacketSocket;
import io.xsk.test.Packets;
import io.xsk.test.VethPair;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests of {@link XskTemplate} and {@link XskSender} on the running kernel. The socket
 * {@code out} only sends, on an interface without rule, map and program.
 */
@KernelTest
class XskTemplateTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final int QUEUES = 3;

	private static final int NUMBER = 14 + 20 + 8;

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	private OpenResources before;

	private VethPair veth;

	private XskSockets sockets;

	private XskTemplate template;

	private PacketSocket peer;

	@BeforeEach
	void setUp() {
		this.before = OpenResources.snapshot();
		this.veth = VethPair.create(QUEUES);
		XdpSocketConfig config = XdpSocketConfig.builder()
			.direction(Direction.SEND)
			.txRingSize(64)
			.completionRingSize(64)
			.frameCount(128)
			.fillRingSize(64)
			.build();
		this.sockets = new XskSockets(this.kernel,
				List.of(new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, null, null, null, null)),
				List.of(new XskSocketConfig("out", "wan", QueueSelection.all(), config, true)));
		this.sockets.open();
		this.template = new XskTemplate(this.sockets);
		this.peer = this.veth.capturePeer();
	}

	@AfterEach
	void tearDown() {
		this.sockets.close();
		this.veth.close();
		this.before.assertUnchanged();
	}

	@Test
	void sendsEachForm() {
		byte[] frame = numbered(1);
		assertThat(this.template.send("out", ByteBuffer.wrap(frame))).isTrue();
		assertReceived(frame);
		assertThat(this.template.send("out", frame)).isTrue();
		assertReceived(frame);
		assertThat(this.template.send("out", frame.length, (target) -> target.put(frame).position())).isTrue();
		assertReceived(frame);
		byte[] larger = new byte[frame.length + 20];
		System.arraycopy(frame, 0, larger, 10, frame.length);
		assertThat(this.template.sender("out").send(ByteBuffer.wrap(larger, 10, frame.length))).isTrue();
		assertReceived(frame);
		assertThat(this.template.send("out", List.of(ByteBuffer.wrap(numbered(2)), ByteBuffer.wrap(numbered(3)))))
			.isEqualTo(2);
		assertReceived(numbered(2));
		assertReceived(numbered(3));
		assertThat(this.veth.info().program()).isNull();
		assertFramesAreAccountedFor();
	}

	private void assertReceived(byte[] frame) {
		assertThat(this.peer.receive(TIMEOUT)).hasValue(frame);
	}

	private void assertFramesAreAccountedFor() {
		for (XdpSocket xsk : xsks()) {
			await().atMost(TIMEOUT).until(xsk::flush);
			assertThat(xsk.frames().isBalanced()).as("%s", xsk.frames()).isTrue();
			assertThat(xsk.statistics().txInvalidDescriptors()).isZero();
		}
	}

	/** A UDP datagram with a number in it. */
	private static byte[] numbered(int number) {
		return Packets.between("198.51.100.1", "198.51.100.2")
			.udp(1024 + number, 9, ByteBuffer.allocate(64).putInt(number).array());
	}

	private static int number(byte[] frame) {
		return ByteBuffer.wrap(frame).getInt(NUMBER);
	}

	private List<XdpSocket> xsks() {
		return this.sockets.group("out").orElseThrow().sockets();
	}

	@Test
	void sendsABatchThatIsLargerThanTheRing() {
		List<ByteBuffer> packets = new ArrayList<>();
		for (int i = 0; i < 500; i++) {
			packets.add(ByteBuffer.wrap(numbered(i)));
		}
		assertThat(this.template.sender("out").timeout(TIMEOUT).send(packets)).isEqualTo(500);
		for (int i = 0; i < 100; i++) {
			assertReceived(numbered(i));
		}
		assertFramesAreAccountedFor();
	}

	@Test
	void eightThreadsSendAtOnceAndEachOnesPacketsStayInOrder() throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(8);
		XskSender sender = this.template.sender("out").timeout(TIMEOUT);
		try {
			TreeMap<Integer, List<Integer>> received = new TreeMap<>();
			for (int round = 0; round < 20; round++) {
				List<Callable<Boolean>> senders = new ArrayList<>();
				for (int thread = 0; thread < 8; thread++) {
					int first = thread * 1000 + round * 10;
					senders.add(() -> sendAll(sender, first, 10));
				}
				for (Future<Boolean> sent : executor.invokeAll(senders)) {
					assertThat(sent.get()).isTrue();
				}
				for (int i = 0; i < 80; i++) {
					int number = number(this.peer.receive(TIMEOUT).orElseThrow());
					received.computeIfAbsent(number / 1000, (thread) -> new ArrayList<>()).add(number % 1000);
				}
			}
			assertThat(received).hasSize(8);
			assertThat(received.values())
				.allSatisfy((numbers) -> assertThat(numbers).hasSize(200).isSorted().doesNotHaveDuplicates());
			assertFramesAreAccountedFor();
		}
		finally {
			executor.shutdownNow();
		}
	}

	private static boolean sendAll(XskSender sender, int first, int count) {
		boolean all = true;
		for (int number = first; number < first + count; number++) {
			all &= sender.send(numbered(number));
		}
		return all;
	}

	@Test
	void aThreadKeepsItsQueueAndThreadsSpread() throws Exception {
		stopSending();
		Set<Integer> queues = new TreeSet<>();
		for (int i = 0; i < QUEUES; i++) {
			Thread thread = new Thread(() -> {
				XskSender sender = this.template.sender("out").timeout(Duration.ZERO);
				sender.send(numbered(1));
				sender.send(numbered(2));
			});
			thread.start();
			thread.join();
		}
		for (XdpSocket xsk : xsks()) {
			assertThat(xsk.tx().used()).isEven();
			if (xsk.tx().used() > 0) {
				queues.add(xsk.queueId());
			}
		}
		// the ids of threads that start one after the other follow each other, unless the
		// JVM starts one in between
		assertThat(queues).hasSizeGreaterThan(1);
		this.kernel.healthy();
		assertFramesAreAccountedFor();
	}

	@Test
	void aGivenQueueIsUsed() {
		stopSending();
		this.template.sender("out").queue(2).timeout(Duration.ZERO).send(numbered(1));
		assertThat(xsks()).extracting((xsk) -> xsk.tx().used()).containsExactly(0, 0, 1);
		this.kernel.healthy();
		assertFramesAreAccountedFor();
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> this.template.sender("out").queue(7))
			.withMessageContaining("no queue 7")
			.withMessageContaining("[0, 1, 2]");
		XskSender later = closed(() -> this.template.sender("out").queue(7));
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> later.send(numbered(1)))
			.withMessageContaining("no queue 7");
	}

	/** Do something while the sockets are closed. */
	private <T> T closed(Supplier<T> action) {
		this.sockets.close();
		try {
			return action.get();
		}
		finally {
			this.sockets.open();
		}
	}

	/** The kernel says "not now" until it is healthy again. */
	private void stopSending() {
		this.kernel.failing("sendto", Errno.EAGAIN);
	}

	@Test
	void saysFalseWhenThereIsNoRoomUntilTheTimeoutIsOver() {
		stopSending();
		XskSender sender = this.template.sender("out").queue(0).timeout(Duration.ZERO);
		assertThat(sendAll(sender, 0, 64)).isTrue();
		assertThat(sender.send(numbered(64))).isFalse();
		assertThat(sender.send(ByteBuffer.wrap(numbered(64)))).isFalse();
		assertThat(sender.send(100, (frame) -> {
			throw new AssertionError("is not called");
		})).isFalse();
		assertThat(sender.send(List.of(ByteBuffer.wrap(numbered(64))))).isZero();
		long before = kicks();
		assertThat(sender.send(numbered(64))).isFalse();
		long ofOneAttempt = kicks() - before;
		assertThat(sender.timeout(Duration.ofMillis(50)).send(numbered(64))).isFalse();
		assertThat(kicks() - before - ofOneAttempt).as("the kernel is asked again").isGreaterThan(ofOneAttempt);
		this.kernel.healthy();
		assertThat(sender.timeout(TIMEOUT).send(numbered(64))).isTrue();
		for (int i = 0; i <= 64; i++) {
			assertReceived(numbered(i));
		}
		assertFramesAreAccountedFor();
	}

	private long kicks() {
		return this.kernel.calls().stream().filter((call) -> call.startsWith("sendto")).count();
	}

	@Test
	void takesTheFirstPacketsOfABatchThatDoesNotFit() {
		stopSending();
		List<ByteBuffer> packets = new ArrayList<>();
		for (int i = 0; i < 70; i++) {
			packets.add(ByteBuffer.wrap(numbered(i)));
		}
		assertThat(this.template.sender("out").queue(0).timeout(Duration.ofMillis(10)).send(packets)).isEqualTo(64);
		this.kernel.healthy();
		assertFramesAreAccountedFor();
		for (int i = 0; i < 64; i++) {
			assertReceived(numbered(i));
		}
	}

	@Test
	void nobodyWaitsForAPacketToLeave() {
		stopSending();
		XskSender sender = this.template.sender("out").timeout(Duration.ofHours(1));
		assertThat(sender.send(numbered(0))).isTrue();
		assertThat(sender.send(List.of(ByteBuffer.wrap(numbered(1)), ByteBuffer.wrap(numbered(2))))).isEqualTo(2);
		assertThat(sender.flush()).isFalse();
		assertThat(sender.flush(Duration.ofMillis(5))).isFalse();
		this.kernel.failing("sendto", Errno.EAGAIN, 40);
		assertThat(sender.flush(TIMEOUT)).as("but for who asks for that").isTrue();
		for (int i = 0; i <= 2; i++) {
			assertReceived(numbered(i));
		}
		assertFramesAreAccountedFor();
	}

	@Test
	void saysHowLongAPacketCanBe() {
		XskSender sender = this.template.sender("out");
		assertThat(sender.maxPacketLength()).isEqualTo(2048);
		assertThat(sender.mtu()).isEqualTo(1500);
	}

	@Test
	void anApplicationThatKnowsTheInterfaceAloneSendsToo() {
		XskOperations operations = this.template;
		PacketSender sender = operations.sender("out");
		assertThat(sender.timeout()).isEqualTo(this.template.getSendTimeout());
		byte[] frame = numbered(1);
		assertThat(sender.send(frame, frame.length, (source, target) -> target.put(source).position(), TIMEOUT))
			.isTrue();
		assertReceived(frame);
		assertThat(operations.send("out", frame)).isTrue();
		assertReceived(frame);
	}

	@Test
	void flushesTheQueuesThatItSendsOutOf() {
		stopSending();
		XskSender sender = this.template.sender("out").timeout(Duration.ZERO);
		for (int queue = 0; queue < QUEUES; queue++) {
			assertThat(sender.queue(queue).send(numbered(queue))).isTrue();
		}
		assertThat(sender.flush()).as("the kernel takes nothing").isFalse();
		this.kernel.healthy();
		await().atMost(TIMEOUT).until(sender.queue(1)::flush);
		assertThat(xsks()).extracting((xsk) -> xsk.tx().used()).containsExactly(1, 0, 1);
		assertReceived(numbered(1));
		await().atMost(TIMEOUT).until(() -> this.template.flush("out"));
		assertThat(xsks()).extracting((xsk) -> xsk.tx().used()).containsExactly(0, 0, 0);
		assertReceived(numbered(0));
		assertReceived(numbered(2));
		await().atMost(TIMEOUT)
			.untilAsserted(
					() -> assertThat(xsks()).as("flushing takes the frames back")
						.allSatisfy((xsk) -> assertThat(
								sender.flush() && xsk.frames().completion() == 0 && xsk.frames().kernel() == 0)
							.isTrue()));
		assertFramesAreAccountedFor();
		this.sockets.close();
		assertThatExceptionOfType(XskException.class).isThrownBy(sender::flush).withMessageContaining("not open");
	}

	@Test
	void theTimeoutOfTheTemplateHoldsForItsSenders() {
		assertThat(this.template.getSendTimeout()).isEqualTo(Duration.ofMillis(100));
		this.template.setSendTimeout(Duration.ZERO);
		assertThat(this.template.sender("out")).hasToString("XskSender[socket=out, queue by thread, timeout=PT0S]");
		assertThatIllegalArgumentException().isThrownBy(() -> this.template.setSendTimeout(Duration.ofMillis(-1)));
		assertThat(this.template.sender("out").queue(1)).hasToString("XskSender[socket=out, queue 1, timeout=PT0S]");
	}

	@Test
	void outlivesARestartOfTheSockets() {
		XskSender sender = this.template.sender("out");
		for (int i = 0; i < 3; i++) {
			assertThat(sender.send(numbered(i))).isTrue();
			assertReceived(numbered(i));
			this.sockets.close();
			assertThatExceptionOfType(XskException.class).isThrownBy(() -> sender.send(numbered(9)))
				.withMessageContaining("'out' is not open");
			this.sockets.open();
		}
	}

	@Test
	void saysThatTheSocketIsNotOpenAlsoWhileOthersOfItStillAre() {
		XskSender sender = this.template.sender("out");
		assertThat(sender.send(numbered(1))).isTrue();
		XdpSocket own = xsks().get((int) (Thread.currentThread().getId() % QUEUES));
		List<ThrowingCallable> calls = List.of(() -> sender.send(numbered(2)),
				() -> sender.send(ByteBuffer.wrap(numbered(2))),
				() -> sender.send(List.of(ByteBuffer.wrap(numbered(2)))), () -> sender.send(60, (frame) -> 60),
				sender::flush);
		own.close();
		assertThat(calls).allSatisfy((call) -> assertThatExceptionOfType(XskException.class).isThrownBy(call)
			.withMessageContaining("'out' is not open")
			.withMessageContaining("while the application context runs"));
	}

	@Test
	void anExceptionOfTheWriterIsItsOwn() {
		IllegalStateException thrown = new IllegalStateException("of the writer");
		assertThatIllegalStateException().isThrownBy(() -> this.template.send("out", 60, (frame) -> {
			throw thrown;
		})).isSameAs(thrown);
	}

	@Test
	void refusesWhatCannotBeSent() {
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> this.template.send("oud", numbered(1)))
			.withMessageContaining("no socket 'oud'")
			.withMessageContaining("Did you mean 'out'?");
		assertThatIllegalArgumentException().isThrownBy(() -> this.template.send("out", new byte[13]));
		assertThatIllegalArgumentException().isThrownBy(() -> this.template.send("out", new byte[5000]));
	}

	@Test
	void refusesASocketThatOnlyReceives() {
		XdpSocketConfig config = XdpSocketConfig.builder().direction(Direction.RECEIVE).build();
		XskSockets receiving = new XskSockets(this.kernel,
				List.of(XskInterfaceConfig.redirecting(this.veth.name(), RedirectRules.all())),
				List.of(new XskSocketConfig("in", this.veth.name(), QueueSelection.all(), config, true)));
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> new XskTemplate(receiving).sender("in"))
			.withMessageContaining("only receives")
			.withMessageContaining("xsk.sockets.in.direction");
	}

	@Test
	void saysThatTheInterfaceIsDown() {
		Commands.run("ip", "link", "set", this.veth.name(), "down");
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> this.template.send("out", numbered(1)))
			.withMessageContaining("ENETDOWN");
		Commands.run("ip", "link", "set", this.veth.name(), "up");
		await().atMost(TIMEOUT).ignoreExceptions().until(() -> this.template.flush("out"));
		assertReceived(numbered(1));
		assertThat(this.template.send("out", numbered(2))).isTrue();
		assertReceived(numbered(2));
		await().atMost(TIMEOUT).ignoreExceptions().untilAsserted(this::assertFramesAreAccountedFor);
	}

}
