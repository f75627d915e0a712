package io.xsk.setup;

import java.time.Duration;
import java.util.List;

import io.xsk.bpf.AttachMode;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRules;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.Packets;
import io.xsk.test.VethPair;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EmptySlotWatch}.
 */
@KernelTest
@ExtendWith(OutputCaptureExtension.class)
class EmptySlotWatchTests {

	private static final RedirectRules DNS = RedirectRules.udpPorts(PortRange.of(53));

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

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
	void queuesWithoutASocketAreNamedOnce(CapturedOutput output) {
		try (XskSockets sockets = open(null, QueueSelection.of(1))) {
			XskMapTemplate template = activate(sockets);
			EmptySlotWatch watch = new EmptySlotWatch(sockets, template);
			watch.begin();
			watch.look();
			assertThat(output).doesNotContain("holds no socket");
			for (int i = 0; i < 64; i++) {
				this.veth.sendFrame(numbered(i));
			}
			XskRedirects redirects = new XskRedirects(sockets);
			Awaitility.await().atMost(TIMEOUT).until(() -> redirects.counters("wan").matches().get("redirect") == 64);
			assertThat(redirects.counters("wan").emptySlots()).containsOnlyKeys(0);
			watch.look();
			watch.look();
			assertThat(output.toString().split("came in on RX queue 0, where the XSKMAP holds no socket")).hasSize(2);
			sockets.receiving().forEach(template::deactivate);
		}
	}

	@Test
	void aQueueThatWasDeactivatedOnPurposeIsNotNamed(CapturedOutput output) {
		try (XskSockets sockets = open(null, QueueSelection.all())) {
			XskMapTemplate template = activate(sockets);
			EmptySlotWatch watch = new EmptySlotWatch(sockets, template);
			watch.begin();
			sockets.receiving().forEach(template::deactivate);
			this.veth.sendFrame(numbered(1));
			Awaitility.await()
				.atMost(TIMEOUT)
				.until(() -> !new XskRedirects(sockets).counters("wan").emptySlots().isEmpty());
			watch.look();
			assertThat(output).doesNotContain("holds no socket");
		}
	}

	@Test
	void queuesWithoutASlotAreNamedTogether(CapturedOutput output) {
		try (XskSockets sockets = open(1, QueueSelection.of(0))) {
			XskMapTemplate template = activate(sockets);
			EmptySlotWatch watch = new EmptySlotWatch(sockets, template);
			watch.begin();
			for (int i = 0; i < 64; i++) {
				this.veth.sendFrame(numbered(i));
			}
			XskRedirects redirects = new XskRedirects(sockets);
			Awaitility.await().atMost(TIMEOUT).until(() -> redirects.counters("wan").matches().get("redirect") == 64);
			assertThat(redirects.counters("wan").emptySlots()).containsOnlyKeys(1);
			assertThat(redirects.counters("wan").queueName(1)).isEqualTo("1 and above");
			assertThat(redirects.counters("wan").queueName(0)).isEqualTo("0");
			watch.look();
			assertThat(output).contains("came in on RX queues 1 and above, where the XSKMAP holds no socket",
					"the XSKMAP needs more slots than map.max-entries gives it");
			sockets.receiving().forEach(template::deactivate);
		}
	}

	private byte[] numbered(int number) {
		return Packets.between(this.veth.peerAddress(), this.veth.address()).udp(2000 + number, 53);
	}

	private XskSockets open(@Nullable Integer maxEntries, QueueSelection queues) {
		XskSockets sockets = new XskSockets(JnaKernel.load(),
				List.of(new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, DNS, maxEntries, null, null)),
				List.of(new XskSocketConfig("dns", "wan", queues, XdpSocketConfig.builder().build(), false)));
		sockets.open();
		return sockets;
	}

	private static XskMapTemplate activate(XskSockets sockets) {
		XskMapTemplate template = new XskMapTemplate(sockets);
		sockets.receiving().forEach(template::activate);
		return template;
	}

}
