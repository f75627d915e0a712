package io.xsk.setup;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.xsk.XskException;
import io.xsk.bpf.AttachMode;
import io.xsk.bpf.InterfaceInUseException;
import io.xsk.bpf.XskMap;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.UnknownInterfaceException;
import io.xsk.kernel.XdpMode;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRules;
import io.xsk.socket.Direction;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.BpfFileSystem;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link XskSockets} on the running kernel.
 */
@KernelTest
@ExtendWith(OutputCaptureExtension.class)
class XskSocketsTests {

	private static final RedirectRules DNS = RedirectRules.udpPorts(PortRange.of(53));

	private final Kernel kernel = JnaKernel.load();

	private VethPair veth;

	private OpenResources before;

	@BeforeEach
	void setUp() {
		this.veth = VethPair.create(2);
		this.before = OpenResources.snapshot();
	}

	@AfterEach
	void tearDown() {
		this.before.assertUnchanged();
		this.veth.close();
	}

	@Test
	void opensEverythingAndClosesItAgainAnyNumberOfTimes() {
		XskSockets sockets = sockets(wan(DNS), socket("dns", QueueSelection.all()));
		for (int round = 0; round < 3; round++) {
			assertThat(sockets.isOpen()).isFalse();
			sockets.open();
			sockets.open();
			XskInterface wan = sockets.interfaces().get(0);
			assertThat(wan.index()).isEqualTo(this.veth.index());
			assertThat(wan.map().maxEntries()).isEqualTo(2);
			assertThat(this.veth.info().program().id()).isEqualTo(wan.program().info().id());
			assertThat(wan.link().mode()).isEqualTo(XdpMode.NATIVE);
			assertThat(sockets.group("dns").orElseThrow().sockets()).extracting(XdpSocket::queueId)
				.containsExactly(0, 1);
			assertThat(sockets.receiving()).hasSize(2);
			assertThat(sockets.resolve(this.veth.index())).isSameAs(wan.map());
			sockets.close();
			sockets.close();
			assertThat(this.veth.info().program()).isNull();
			assertThat(sockets.interfaces()).isEmpty();
			assertThat(sockets.group("dns")).isEmpty();
		}
	}

	@Test
	void whatCannotBeSentBeforeTheCloseIsToldAndHoldsNothingUp(CapturedOutput output) {
		try (XskSockets sockets = sockets(wan(DNS), socket("dns", QueueSelection.of(0)))) {
			sockets.open();
			XdpSocket xsk = sockets.group("dns").orElseThrow().sockets().get(0);
			Commands.run("ip", "link", "set", this.veth.name(), "down");
			assertThatExceptionOfType(XskException.class).isThrownBy(() -> xsk.send(ByteBuffer.allocate(60)))
				.withMessageContaining("ENETDOWN");
		}
		assertThat(output).contains("Socket 'dns' is closed with 1 frames in the TX ring of queue 0")
			.contains("ip link set INTERFACE up");
		Commands.run("ip", "link", "set", this.veth.name(), "up");
	}

	@Test
	void theFrameSizeFollowsTheMtuUnlessItIsGiven() {
		Commands.run("ip", "link", "set", this.veth.name(), "mtu", "2000");
		XdpSocketConfig config = XdpSocketConfig.builder().build();
		try (XskSockets sockets = sockets(wan(DNS),
				new XskSocketConfig("auto", "wan", QueueSelection.of(0), config, true),
				new XskSocketConfig("given", "wan", QueueSelection.of(1), config, false))) {
			sockets.open();
			assertThat(frameSize(sockets, "auto")).isEqualTo(4096);
			assertThat(frameSize(sockets, "given")).isEqualTo(2048);
		}
	}

	@Test
	void aSocketWithMultiBufferGetsAProgramThatRunsNativeWhateverTheMtu() {
		Commands.run("ip", "link", "set", this.veth.name(), "mtu", "9000");
		this.veth.exec("ip", "link", "set", this.veth.peerName(), "mtu", "9000");
		XdpSocketConfig.Builder config = XdpSocketConfig.builder();
		try (XskSockets several = sockets(wan(DNS),
				new XskSocketConfig("several", "wan", QueueSelection.of(0), config.multiBuffer(true).build(), false))) {
			several.open();
			assertThat(several.interfaces().get(0).link().mode()).isEqualTo(XdpMode.NATIVE);
		}
		try (XskSockets one = sockets(wan(DNS), new XskSocketConfig("one", "wan", QueueSelection.of(0),
				config.multiBuffer(false).bindTimeout(Duration.ofSeconds(5)).build(), false))) {
			one.open();
			assertThat(one.interfaces().get(0).link().mode()).isEqualTo(XdpMode.GENERIC);
		}
	}

	private static int frameSize(XskSockets sockets, String name) {
		return sockets.group(name).orElseThrow().sockets().get(0).config().frameSize();
	}

	@Test
	void anInterfaceWhoseSocketsOnlySendGetsNoMapAndNoProgram() {
		XdpSocketConfig send = XdpSocketConfig.builder().direction(Direction.SEND).build();
		try (XskSockets sockets = sockets(wan(null),
				new XskSocketConfig("out", "wan", QueueSelection.all(), send, true))) {
			sockets.open();
			assertThat(sockets.interfaces().get(0).map()).isNull();
			assertThat(this.veth.info().program()).isNull();
			assertThat(sockets.receiving()).isEmpty();
			assertThat(sockets.resolve(this.veth.index())).isNull();
		}
	}

	@Test
	void anInterfaceWithARuleAndNoSocketHasItsMapAndProgram() {
		try (XskSockets sockets = sockets(wan(DNS))) {
			sockets.open();
			assertThat(sockets.interfaces().get(0).map()).isNotNull();
			assertThat(this.veth.info().program()).isNotNull();
		}
	}

	@Test
	void ourMapIsPinnedForOthersAndUsedByThemWithoutAttachingAnything() {
		try (BpfFileSystem bpffs = BpfFileSystem.mount()) {
			Path path = bpffs.resolve("xsks");
			XskInterfaceConfig pinning = new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, DNS, 8, null,
					path);
			XskInterfaceConfig pinned = new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, null, null,
					path, null);
			XskSockets owner = sockets(pinning);
			XskSockets user = sockets(pinned, socket("dns", QueueSelection.of(0)));
			owner.open();
			int program = this.veth.info().program().id();
			user.open();
			assertThat(user.interfaces().get(0).map().info()).isEqualTo(owner.interfaces().get(0).map().info());
			assertThat(user.interfaces().get(0).program()).isNull();
			user.close();
			assertThat(path).exists();
			assertThat(this.veth.info().program().id()).isEqualTo(program);
			owner.close();
			assertThat(path).doesNotExist();
		}
	}

	@Test
	void aPinThatAKilledPredecessorLeftIsTakenOverAndALivingOnesIsLeftAlone() {
		try (BpfFileSystem bpffs = BpfFileSystem.mount()) {
			Path path = bpffs.resolve("xsks");
			int left;
			try (XskMap map = XskMap.create(this.kernel, "xsks_" + this.veth.index(), 2)) {
				map.pin(path);
				left = map.info().id();
			}
			XskInterfaceConfig pinning = new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, DNS, null,
					null, path);
			XskSockets sockets = sockets(pinning, socket("dns", QueueSelection.of(0)));
			sockets.open();
			assertThat(sockets.interfaces().get(0).map().info().id()).isEqualTo(left);
			assertFails(sockets(pinning, socket("dns", QueueSelection.of(1))), XskException.class, "Interface 'wan'");
			assertThat(path).as("the living one's pin").exists();
			sockets.close();
			assertThat(path).doesNotExist();
		}
	}

	@Test
	void aPinOfAnotherInterfaceOrSizeIsExplainedAndStays() {
		try (BpfFileSystem bpffs = BpfFileSystem.mount()) {
			Path other = bpffs.resolve("other");
			Path larger = bpffs.resolve("larger");
			try (XskMap map = XskMap.create(this.kernel, "xsks_0", 2)) {
				map.pin(other);
			}
			try (XskMap map = XskMap.create(this.kernel, "xsks_" + this.veth.index(), 5)) {
				map.pin(larger);
			}
			assertFails(sockets(new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, DNS, 2, null, other)),
					XskException.class, "xsks_0", "pin-path", "rm " + other);
			assertFails(sockets(new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, DNS, 2, null, larger)),
					XskException.class, "5 entries instead of 2", "rm " + larger);
			assertThat(other).exists();
			assertThat(larger).exists();
		}
	}

	@Test
	void aMapThatIsTooSmallForTheQueuesIsExplainedBeforeAnythingIsAttached() {
		XskInterfaceConfig small = new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, DNS, 1, null, null);
		FaultInjectingKernel counting = new FaultInjectingKernel(this.kernel);
		XskSockets sockets = sockets(counting, small, socket("dns", QueueSelection.all()));
		assertFails(sockets, XskException.class, "Socket 'dns'", "queue 1", "1 entries",
				"xsk.interfaces.wan.map.max-entries");
		assertThat(counting.calls()).doesNotContain("bpf BPF_LINK_CREATE");
	}

	@Test
	void aSomebodyElsesMapThatIsTooSmallIsExplained() {
		try (BpfFileSystem bpffs = BpfFileSystem.mount(); XskMap map = XskMap.create(this.kernel, "theirs", 1)) {
			Path path = bpffs.resolve("theirs");
			map.pin(path);
			XskInterfaceConfig pinned = new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, null, null,
					path, null);
			assertFails(sockets(pinned, socket("dns", QueueSelection.all())), XskException.class, "Socket 'dns'",
					"queue 1", path.toString());
		}
	}

	@Test
	void aFrameCountThatIsTooLargeForTheFramesOfAnMtuIsExplainedBeforeAnythingIsAttached() {
		Commands.run("ip", "link", "set", this.veth.name(), "mtu", "3000");
		XdpSocketConfig config = XdpSocketConfig.builder().frameCount(600_000).build();
		FaultInjectingKernel counting = new FaultInjectingKernel(this.kernel);
		XskSockets sockets = sockets(counting, wan(DNS),
				new XskSocketConfig("dns", "wan", QueueSelection.of(0), config, true));
		assertFails(sockets, InvalidXskPropertyException.class, "'xsk.sockets.dns.frame-count' must not be '600000'",
				"2 GiB", "MTU of 3000");
		assertThat(counting.calls()).doesNotContain("bpf BPF_LINK_CREATE");
	}

	@Test
	void theProgramIsDetachedBeforeTheSocketsAreClosedAlsoWhenAHandlerNeverReturns() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch stuck = new CountDownLatch(1);
		XskSockets sockets = sockets(wan(RedirectRules.all()), socket("rx", QueueSelection.all()));
		sockets.open();
		XskMapTemplate template = new XskMapTemplate(sockets);
		sockets.receiving().forEach(template::activate);
		List<Thread> consumers = new ArrayList<>();
		for (XdpSocket socket : sockets.group("rx").orElseThrow().sockets()) {
			Thread consumer = new Thread(() -> {
				if (socket.await(Duration.ofSeconds(10))) {
					socket.receive((packet) -> {
						entered.countDown();
						awaitUninterruptibly(stuck);
					}, 1);
				}
			});
			consumer.start();
			consumers.add(consumer);
		}
		this.veth.sendUdp(53, new byte[8]);
		assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
		try {
			assertThatExceptionOfType(XskException.class).isThrownBy(sockets::close)
				.withMessageContaining("not released")
				.withMessageContaining("Thread.print");
			assertThat(this.veth.info().program()).isNull();
			assertThat(sockets.isOpen()).isFalse();
			sockets.close();
		}
		finally {
			stuck.countDown();
			for (Thread consumer : consumers) {
				consumer.join(10_000);
			}
		}
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		try {
			assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Test
	void aQueueThatDoesNotExistIsExplained() {
		assertFails(sockets(wan(DNS), socket("dns", QueueSelection.of(0, 2))), XskException.class, "Socket 'dns'",
				"queue 2", "2 RX queues", "0 to 1", "ethtool -L");
	}

	@Test
	void twoSocketsOnOneQueueAreExplained() {
		assertThatExceptionOfType(InvalidXskPropertyException.class)
			.isThrownBy(
					() -> sockets(wan(DNS), socket("dns", QueueSelection.all()), socket("ntp", QueueSelection.of(1))))
			.withMessageContaining("'xsk.sockets.ntp.queues'")
			.withMessageContaining("Socket 'dns' on the same interface has queue 1 too");
	}

	@Test
	void anUnknownInterfaceIsExplainedWithTheKnownOnes() {
		XskInterfaceConfig config = XskInterfaceConfig.redirecting("nosuchif0", DNS);
		assertFails(new XskSockets(this.kernel, List.of(config), List.of()), UnknownInterfaceException.class,
				"nosuchif0", this.veth.name());
	}

	@Test
	void anInterfaceThatVanishedBetweenConfigurationAndStartIsExplained() {
		XskSockets sockets = sockets(wan(DNS), socket("dns", QueueSelection.all()));
		sockets.open();
		sockets.close();
		this.veth.delete();
		assertFails(sockets, UnknownInterfaceException.class, this.veth.name());
	}

	@Test
	void aSecondApplicationOnTheInterfaceFailsAndTheFirstGoesOn() {
		try (XskSockets first = sockets(wan(DNS), socket("dns", QueueSelection.of(0)))) {
			first.open();
			int program = this.veth.info().program().id();
			XskSockets second = sockets(wan(DNS), socket("dns", QueueSelection.of(1)));
			assertThatExceptionOfType(XskException.class).isThrownBy(second::open)
				.withMessageContaining("Interface 'wan' cannot be opened")
				.withMessageContaining("" + program)
				.withCauseInstanceOf(InterfaceInUseException.class);
			assertThat(second.isOpen()).isFalse();
			assertThat(this.veth.info().program().id()).isEqualTo(program);
			assertThat(first.group("dns").orElseThrow().sockets().get(0).isAlive()).isTrue();
		}
	}

	@Test
	void everyFailingCallIsRolledBackInReverse() {
		FaultInjectingKernel counting = new FaultInjectingKernel(this.kernel);
		XskSockets counted = sockets(counting, wan(DNS), socket("dns", QueueSelection.all()));
		counted.open();
		int calls = counting.calls().size();
		counted.close();
		counting.assertNothingOpen();
		assertThat(calls).isGreaterThan(20);
		int failures = 0;
		for (int call = 1; call <= calls; call++) {
			FaultInjectingKernel faulty = new FaultInjectingKernel(this.kernel).failing(call, Errno.ENOMEM);
			XskSockets failing = sockets(faulty, wan(DNS), socket("dns", QueueSelection.all()));
			try {
				failing.open();
				// a question whose answer can be done without, such as the driver's name
				failing.close();
			}
			catch (XskException ex) {
				failures++;
				assertThat(failing.isOpen()).isFalse();
			}
			faulty.assertNothingOpen();
			assertThat(this.veth.info().program()).as("after call %d failed", call).isNull();
		}
		assertThat(failures).isGreaterThan(calls / 2);
	}

	@Test
	void whatTheConfigurationLacksIsSaidBeforeAnySystemCall() {
		XskSocketConfig dns = socket("dns", QueueSelection.all());
		FaultInjectingKernel silent = new FaultInjectingKernel(this.kernel);
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> sockets(silent, wan(null), dns))
			.withMessageContaining("'xsk.interfaces.wan.redirect' is missing")
			.withMessageContaining("no rule says which packets it gets");
		assertThatExceptionOfType(XskException.class)
			.isThrownBy(() -> sockets(silent, XskInterfaceConfig.redirecting("lan", DNS), dns))
			.withMessageContaining("'wan'")
			.withMessageContaining("Did you mean 'lan'?");
		XskInterfaceConfig both = new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, DNS, null,
				Path.of("/sys/fs/bpf/xsks"), null);
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> sockets(silent, both, dns))
			.withMessageContaining("somebody else's");
		assertThat(silent.calls()).isEmpty();
	}

	@Test
	void anUnknownSocketNameIsAnsweredWithTheKnownOnes() {
		XskSockets sockets = sockets(wan(DNS), socket("dns", QueueSelection.all()));
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> sockets.group("ntp"))
			.withMessageContaining("Did you mean 'dns'? There are: dns.");
	}

	private void assertFails(XskSockets sockets, Class<? extends XskException> type, String... texts) {
		assertThatExceptionOfType(type).isThrownBy(sockets::open)
			.satisfies((ex) -> assertThat(ex.getMessage()).contains(texts));
		assertThat(sockets.isOpen()).isFalse();
	}

	private XskSockets sockets(XskInterfaceConfig config, XskSocketConfig... sockets) {
		return sockets(this.kernel, config, sockets);
	}

	private static XskSockets sockets(Kernel kernel, XskInterfaceConfig config, XskSocketConfig... sockets) {
		return new XskSockets(kernel, List.of(config), List.of(sockets));
	}

	private XskInterfaceConfig wan(RedirectRules rules) {
		return new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, rules, null, null, null);
	}

	private static XskSocketConfig socket(String name, QueueSelection queues) {
		return new XskSocketConfig(name, "wan", queues, XdpSocketConfig.builder().build(), true);
	}

}
