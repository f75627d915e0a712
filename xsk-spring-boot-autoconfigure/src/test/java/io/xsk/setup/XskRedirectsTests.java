package io.xsk.setup;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import io.xsk.XskException;
import io.xsk.bpf.AttachMode;
import io.xsk.bpf.RedirectProgram;
import io.xsk.bpf.XskMap;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.Encapsulation;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.socket.Xsk;
import io.xsk.test.BpfFileSystem;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.Packets;
import io.xsk.test.VethPair;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link XskRedirects} and {@link ProgramSource}: rules on a wire.
 */
@KernelTest
@ExtendWith(OutputCaptureExtension.class)
class XskRedirectsTests {

	private static final RedirectRules DNS = RedirectRules.udpPorts(PortRange.of(53));

	private static final RedirectRules MORE = RedirectRules.builder()
		.rule(RedirectRule.named("redirect").udpPorts(List.of(PortRange.of(53), PortRange.of(54))).build())
		.rule(RedirectRule.named("quic").udpPorts(List.of(PortRange.of(443))).inside(Encapsulation.GRE).build())
		.build();

	private static final XdpSocketConfig LARGE = XdpSocketConfig.builder()
		.frameCount(16384)
		.rxRingSize(8192)
		.fillRingSize(8192)
		.build();

	/** So few packets that no queue on the way overflows, however the threads are run. */
	private static final int IN_FLIGHT = 128;

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private VethPair veth;

	private OpenResources before;

	@BeforeEach
	void setUp() {
		this.veth = VethPair.create(2, true);
		// Until the link is up on both sides, packets are lost: one answer is enough
		this.veth.exec("ping", "-c", "1", "-i", "0.2", "-w", "10", "-q", this.veth.address());
		this.before = OpenResources.snapshot();
	}

	@AfterEach
	void tearDown() {
		this.before.assertUnchanged();
		this.veth.close();
	}

	@Test
	void rulesAreReplacedUnderTrafficWithoutLossOrDoubling() throws InterruptedException {
		try (XskSockets sockets = open(JnaKernel.load(), DNS, QueueSelection.all())) {
			XskMapTemplate template = activate(sockets);
			XskRedirects redirects = new XskRedirects(sockets);
			BitSet received = new BitSet();
			AtomicInteger doubled = new AtomicInteger();
			AtomicInteger sent = new AtomicInteger();
			AtomicBoolean sending = new AtomicBoolean(true);
			AtomicBoolean receiving = new AtomicBoolean(true);
			AtomicInteger arrived = new AtomicInteger();
			Thread sender = new Thread(() -> {
				while (sending.get()) {
					if (sent.get() - arrived.get() < IN_FLIGHT) {
						this.veth.sendFrame(numbered(sent.getAndIncrement()));
					}
					else {
						Thread.onSpinWait();
					}
				}
			});
			Thread receiver = new Thread(() -> {
				while (receiving.get()) {
					for (Xsk xsk : sockets.receiving()) {
						((XdpSocket) xsk).receive((packet) -> {
							int number = packet.data().getInt(42);
							doubled.addAndGet(received.get(number) ? 1 : 0);
							received.set(number);
							arrived.incrementAndGet();
						}, 64);
					}
				}
			});
			sender.start();
			receiver.start();
			int link = sockets.interfaces().get(0).link().id();
			for (int i = 0; i < 20; i++) {
				redirects.replace("wan", (i % 2 == 0) ? MORE : DNS).join();
			}
			sending.set(false);
			sender.join();
			Awaitility.await()
				.atMost(TIMEOUT)
				.until(() -> redirects.counters("wan").matches().get("redirect") == sent.get());
			LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
			receiving.set(false);
			receiver.join();
			assertThat(sent).as("traffic while rules change").hasValueGreaterThan(1000);
			assertThat(received.cardinality()).as("received of %d", sent.get()).isEqualTo(sent.get());
			assertThat(doubled).hasValue(0);
			assertThat(sockets.interfaces().get(0).link().id()).isEqualTo(link);
			sockets.receiving().forEach(template::deactivate);
		}
	}

	private byte[] numbered(int number) {
		return Packets.between(this.veth.peerAddress(), this.veth.address())
			.udp(2000 + number % 64, 53, ByteBuffer.allocate(8).putInt(number).array());
	}

	@Test
	void rulesThatCannotBeLoadedLeaveTheOldOnesRunning() {
		FaultInjectingKernel kernel = new FaultInjectingKernel();
		try (XskSockets sockets = open(kernel, DNS, QueueSelection.all())) {
			XskRedirects redirects = new XskRedirects(sockets);
			int program = this.veth.info().program().id();
			for (String call : List.of("bpf BPF_MAP_CREATE", "bpf BPF_PROG_LOAD", "bpf BPF_LINK_UPDATE")) {
				kernel.failing(call, Errno.EPERM);
				assertThatExceptionOfType(CompletionException.class)
					.isThrownBy(() -> redirects.replace("wan", MORE).join())
					.satisfies((ex) -> assertThat(ex.getCause()).isInstanceOf(XskException.class)
						.hasMessageContaining("The rules of interface 'wan' cannot be replaced")
						.hasMessageContaining("EPERM"));
				kernel.healthy();
				assertThat(this.veth.info().program().id()).isEqualTo(program);
				assertThat(redirects.rules("wan")).isEqualTo(DNS);
			}
			assertThat(redirects.replace("wan", MORE).join()).isEqualTo(DNS);
			assertThat(this.veth.info().program().id()).isNotEqualTo(program);
		}
		kernel.assertNothingOpen();
	}

	@Test
	void aRuleCountsOnUnlessItsCounterCannotBeRead(CapturedOutput output) {
		FaultInjectingKernel kernel = new FaultInjectingKernel();
		try (XskSockets sockets = open(kernel, DNS, QueueSelection.all())) {
			XskRedirects redirects = new XskRedirects(sockets);
			this.veth.sendFrame(numbered(1));
			Awaitility.await().atMost(TIMEOUT).until(() -> redirects.counters("wan").matches().get("redirect") == 1);
			redirects.replace("wan", MORE).join();
			assertThat(redirects.counters("wan").matches()).containsEntry("redirect", 1L).containsEntry("quic", 0L);
			assertThat(redirects.counters("wan").emptySlots().values()).containsExactly(1L);
			kernel.failing("bpf BPF_MAP_LOOKUP_BATCH", Errno.EPERM).failing("bpf BPF_MAP_LOOKUP_ELEM", Errno.EPERM);
			redirects.replace("wan", DNS).join();
			kernel.healthy();
			assertThat(redirects.rules("wan")).isEqualTo(DNS);
			assertThat(redirects.counters("wan").matches()).containsEntry("redirect", 0L);
			assertThat(output).contains("the counters of its redirect rules start at zero");
		}
	}

	@Test
	void replacedRulesLastUntilTheApplicationEnds() {
		XskSockets sockets = open(JnaKernel.load(), DNS, QueueSelection.all());
		XskRedirects redirects = new XskRedirects(sockets);
		redirects.replace("wan", MORE).join();
		sockets.close();
		assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> redirects.replace("wan", DNS).join())
			.withMessageContaining("no open interface 'wan'");
		sockets.open();
		assertThat(redirects.rules("wan")).isEqualTo(MORE);
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> redirects.rules("lan"))
			.withMessageContaining("[wan]");
		sockets.close();
	}

	@Test
	void whatKeepsTheMachineReachableGoesOnWorking() throws IOException {
		Commands.run("ip", "-6", "address", "add", "2001:db8:77::1/64", "dev", this.veth.name(), "nodad");
		this.veth.exec("ip", "-6", "address", "add", "2001:db8:77::2/64", "dev", this.veth.peerName(), "nodad");
		try (XskSockets sockets = open(JnaKernel.load(), DNS, QueueSelection.all());
				ServerSocket server = new ServerSocket()) {
			XskMapTemplate template = activate(sockets);
			this.veth.exec("ip", "neighbour", "del", this.veth.address(), "dev", this.veth.peerName());
			this.veth.exec("ping", "-c", "1", "-W", "5", this.veth.address());
			this.veth.exec("ping", "-6", "-c", "1", "-W", "5", "2001:db8:77::1");
			server.bind(new InetSocketAddress(this.veth.address(), 0));
			try (Socket client = this.veth.inPeer(() -> new Socket(server.getInetAddress(), server.getLocalPort()));
					Socket accepted = server.accept()) {
				client.getOutputStream().write(7);
				assertThat(accepted.getInputStream().read()).isEqualTo(7);
			}
			this.veth.sendUdp(53, new byte[58]);
			this.veth.sendFrame(ipv6().udp(1000, 53, new byte[10]));
			assertThat(receive(sockets, 2)).isEqualTo(2);
			sockets.receiving().forEach(template::deactivate);
		}
	}

	private static Packets ipv6() {
		return Packets.between("2001:db8:77::2", "2001:db8:77::1");
	}

	@Test
	void taggedAndEncapsulatedFramesAreRedirectedAsTheRulesSay() {
		RedirectRules rules = RedirectRules.builder()
			.rule(RedirectRule.named("dns").udpPorts(List.of(PortRange.of(53))).inside(Encapsulation.GRE).build())
			.rule(RedirectRule.named("vlan 9").except().vlans(9).build())
			.build();
		byte[] plain = Packets.between(this.veth.peerAddress(), this.veth.address()).udp(1, 53);
		byte[] gre = Packets.between(this.veth.peerAddress(), this.veth.address())
			.protocol(47, ByteBuffer.allocate(32).putInt(0x0800).put(plain, 14, 28).array());
		for (AttachMode mode : List.of(AttachMode.NATIVE, AttachMode.GENERIC)) {
			try (XskSockets sockets = new XskSockets(JnaKernel.load(),
					List.of(new XskInterfaceConfig("wan", this.veth.name(), mode, rules, null, null, null)),
					List.of(new XskSocketConfig("dns", "wan", QueueSelection.all(), LARGE, false)))) {
				sockets.open();
				XskMapTemplate template = activate(sockets);
				Packets packets = Packets.between(this.veth.peerAddress(), this.veth.address());
				this.veth.sendFrame(plain);
				this.veth.sendFrame(gre);
				this.veth.sendFrame(packets.vlan(7).udp(1, 53));
				this.veth.sendFrame(packets.vlan(7, 8).udp(1, 53));
				this.veth.sendFrame(packets.vlan(7, 9).udp(1, 53));
				this.veth.sendFrame(packets.vlan(7, 8, 6).udp(1, 53));
				assertThat(receive(sockets, 4)).as("in %s mode", mode).isEqualTo(4);
				assertThat(new XskRedirects(sockets).counters("wan").matches()).containsEntry("dns", 4L)
					.containsEntry("vlan 9", 1L);
				sockets.receiving().forEach(template::deactivate);
			}
		}
	}

	@Test
	void doubtfulRulesAreWarnedOf(CapturedOutput output) {
		RedirectRules rules = RedirectRules.builder()
			.rule(RedirectRule.named("tunnels").protocols(47).build())
			.rule(RedirectRule.named("never").protocols(47).destinationPorts(List.of(PortRange.of(1))).build())
			.build();
		try (XskSockets sockets = open(JnaKernel.load(), rules, QueueSelection.all())) {
			assertThat(output)
				.contains("Interface 'wan' (" + this.veth.name() + "), redirect rule 'never': It can never match");
			assertThat(output).doesNotContain("'tunnels': It");
			new XskRedirects(sockets).replace("wan", RedirectRules.all()).join();
			assertThat(output).contains("redirect rule 'all': It takes every packet");
		}
	}

	@Test
	void somebodyElsesProgramIsAttached() {
		Kernel kernel = JnaKernel.load();
		try (BpfFileSystem files = BpfFileSystem.mount();
				XskMap map = XskMap.create(kernel, "theirs", 2);
				RedirectProgram theirs = RedirectProgram.load(kernel, map, DNS)) {
			Path program = files.path().resolve("program");
			Commands.run("bpftool", "prog", "pin", "id", "" + theirs.info().id(), program.toString());
			map.pin(files.path().resolve("map"));
			Stream
				.of(config(ProgramSource.pinned(program), files.path().resolve("map")),
						config(ProgramSource.pinned(program), null),
						config(ProgramSource.descriptor(theirs.fd()), files.path().resolve("map")))
				.forEach((config) -> {
					try (XskSockets sockets = new XskSockets(kernel, List.of(config),
							List.of(new XskSocketConfig("dns", "wan", QueueSelection.all(), LARGE, false)))) {
						sockets.open();
						assertThat(this.veth.info().program().id()).isEqualTo(theirs.info().id());
						assertThat(sockets.resolve(this.veth.index()).info().id()).isEqualTo(map.info().id());
						XskMapTemplate template = activate(sockets);
						this.veth.sendUdp(53, new byte[58]);
						assertThat(receive(sockets, 1)).isEqualTo(1);
						assertThat(new XskRedirects(sockets).counters("wan")).isNull();
						assertThatExceptionOfType(CompletionException.class)
							.isThrownBy(() -> new XskRedirects(sockets).replace("wan", MORE).join())
							.withMessageContaining("no XDP program of ours");
						sockets.receiving().forEach(template::deactivate);
					}
				});
			assertThatExceptionOfType(XskException.class)
				.isThrownBy(() -> RedirectProgram.openPinned(kernel, files.path().resolve("map")))
				.withMessageContaining("not an XDP program");
			map.unpin();
		}
	}

	private XskInterfaceConfig config(ProgramSource program, Path map) {
		return new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, null, null, map, null, program);
	}

	private XskSockets open(Kernel kernel, RedirectRules rules, QueueSelection queues) {
		XskSockets sockets = new XskSockets(kernel,
				List.of(new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, rules, null, null, null)),
				List.of(new XskSocketConfig("dns", "wan", queues, LARGE, false)));
		sockets.open();
		return sockets;
	}

	private static XskMapTemplate activate(XskSockets sockets) {
		XskMapTemplate template = new XskMapTemplate(sockets);
		sockets.receiving().forEach(template::activate);
		return template;
	}

	private static int receive(XskSockets sockets, int wanted) {
		AtomicInteger received = new AtomicInteger();
		Awaitility.await().atMost(TIMEOUT).until(() -> {
			for (Xsk xsk : sockets.receiving()) {
				received.addAndGet(((XdpSocket) xsk).receive((packet) -> {
				}, 64));
			}
			return received.get() >= wanted;
		});
		return received.get();
	}

}
