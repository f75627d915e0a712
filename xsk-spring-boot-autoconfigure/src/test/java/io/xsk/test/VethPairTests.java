package io.xsk.test;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.jna.JnaKernel;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link VethPair}, and with it {@link PacketSocket} and {@link Packets}.
 */
@KernelTest
class VethPairTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private static final byte[] PAYLOAD = "hello".getBytes(StandardCharsets.US_ASCII);

	@Test
	void bothEndsAreUpAndKnowEachOther() {
		try (VethPair pair = VethPair.create(4)) {
			NetworkInterface info = pair.info();
			assertThat(info.name()).isEqualTo(pair.name()).hasSizeLessThanOrEqualTo(15);
			assertThat(info.linkUp()).isTrue();
			assertThat(info.queues()).isEqualTo(4);
			assertThat(pair.peerName()).hasSizeLessThanOrEqualTo(15);
			assertThat(pair.exec("ip", "-o", "link")).contains(pair.peerName(), "LOWER_UP").doesNotContain("eth0");
			assertThat(NetworkInterface.names(JnaKernel.load())).doesNotContain(pair.peerName());
		}
	}

	@Test
	void aDatagramOfThePeerArrivesAndItsAnswerGoesBack() throws Exception {
		try (VethPair pair = VethPair.create();
				DatagramSocket socket = new DatagramSocket(new InetSocketAddress(pair.address(), 5353))) {
			socket.setSoTimeout((int) TIMEOUT.toMillis());
			pair.sendUdp(5353, PAYLOAD);
			DatagramPacket packet = new DatagramPacket(new byte[100], 100);
			socket.receive(packet);
			assertThat(packet.getAddress().getHostAddress()).isEqualTo(pair.peerAddress());
			socket.send(new DatagramPacket(PAYLOAD, PAYLOAD.length, packet.getSocketAddress()));
			assertThat(pair.receiveUdp(0, TIMEOUT)).hasValue(PAYLOAD);
		}
	}

	@Test
	void aFrameMadeByHandReachesASocketOfTheKernel() throws Exception {
		try (VethPair pair = VethPair.create(1, true);
				DatagramSocket socket = new DatagramSocket(new InetSocketAddress("::", 0))) {
			socket.setSoTimeout((int) TIMEOUT.toMillis());
			pair.sendFrame(
					Packets.between(pair.peerAddress(), pair.address()).udp(7777, socket.getLocalPort(), PAYLOAD));
			DatagramPacket packet = new DatagramPacket(new byte[100], 100);
			socket.receive(packet);
			assertThat(packet.getPort()).isEqualTo(7777);
			assertThat(Arrays.copyOf(packet.getData(), packet.getLength())).isEqualTo(PAYLOAD);
			Commands.run("ip", "address", "add", "fd00:78::1/64", "dev", pair.name(), "nodad");
			// a worker of the kernel makes the route to it, a moment later
			Awaitility.await()
				.until(() -> Commands.run("ip", "-6", "route", "show", "table", "local", "dev", pair.name())
					.contains("fd00:78::1"));
			pair.sendFrame(Packets.between("fd00:78::2", "fd00:78::1").udp(7778, socket.getLocalPort(), PAYLOAD));
			socket.receive(packet);
			assertThat(packet.getPort()).isEqualTo(7778);
		}
	}

	@Test
	void nothingIsOnTheWireButWhatATestSends() throws Exception {
		try (VethPair pair = VethPair.create();
				PacketSocket ours = pair.capture();
				PacketSocket peers = pair.capturePeer();
				DatagramSocket socket = new DatagramSocket()) {
			socket.send(new DatagramPacket(PAYLOAD, PAYLOAD.length, InetAddress.getByName(pair.peerAddress()), 99));
			byte[] frame = peers.receive(TIMEOUT).orElseThrow();
			assertThat(frame).startsWith(pair.peerMac()).endsWith(PAYLOAD);
			// the peer's kernel says that nobody listens
			byte[] answer = ours.receive(TIMEOUT).orElseThrow();
			assertThat(answer[23]).isEqualTo((byte) Packets.IPPROTO_ICMP);
			assertThat(ours.drain()).isEmpty();
			assertThat(peers.drain()).isEmpty();
		}
	}

	@Test
	void framesHaveTheChecksumsThatTheKernelComputes() throws Exception {
		try (VethPair pair = VethPair.create();
				PacketSocket peers = pair.capturePeer();
				DatagramSocket socket = new DatagramSocket(new InetSocketAddress(pair.address(), 1000))) {
			socket.send(new DatagramPacket(PAYLOAD, PAYLOAD.length, InetAddress.getByName(pair.peerAddress()), 2000));
			byte[] sent = peers.receive(TIMEOUT).orElseThrow();
			byte[] built = Packets.between(pair.address(), pair.peerAddress())
				.macs(pair.mac(), pair.peerMac())
				.udp(1000, 2000, PAYLOAD);
			assertThat(Arrays.copyOfRange(built, 34, built.length))
				.isEqualTo(Arrays.copyOfRange(sent, 34, sent.length));
			assertThat(Packets.checksum(Arrays.copyOfRange(sent, 14, 34))).isZero();
			assertThat(Packets.checksum(Arrays.copyOfRange(built, 14, 34))).isZero();
		}
	}

	@Test
	void thePeerAnswersTheArpAndEchoRequestsOfAFrame() {
		try (VethPair pair = VethPair.create();
				PacketSocket ours = pair.capture();
				PacketSocket sender = pair.socket()) {
			Packets toPeer = Packets.between(pair.address(), pair.peerAddress()).macs(pair.mac(), pair.peerMac());
			sender.send(toPeer.icmpEcho(PAYLOAD));
			byte[] echo = ours.receive(TIMEOUT).orElseThrow();
			assertThat(echo).startsWith(pair.mac()).endsWith(PAYLOAD);
			sender.send(toPeer.arpRequest());
			assertThat(ours.receive(TIMEOUT).orElseThrow()[21]).isEqualTo((byte) 2);
		}
	}

	@Test
	void closeLeavesNeitherInterfaceNorDescriptor() {
		OpenResources before = OpenResources.snapshot();
		String name;
		try (VethPair pair = VethPair.create()) {
			name = pair.name();
			pair.capture();
			pair.sendUdp(9, PAYLOAD);
		}
		assertThat(NetworkInterface.names(JnaKernel.load())).doesNotContain(name);
		before.assertUnchanged();
	}

	@Test
	void aPairThatIsDeletedCanBeClosed() {
		try (VethPair pair = VethPair.create()) {
			pair.delete();
			assertThat(pair.exists()).isFalse();
		}
	}

	@Test
	void aKilledProcessLeavesNothing() throws Exception {
		Process process = ChildJvm.of(Holder.class).start();
		try {
			String name = process.inputReader().readLine();
			assertThat(NetworkInterface.names(JnaKernel.load())).contains(name);
			process.destroyForcibly().waitFor();
			Awaitility.await().atMost(TIMEOUT).until(() -> !NetworkInterface.names(JnaKernel.load()).contains(name));
		}
		finally {
			process.destroyForcibly();
		}
	}

	/** Makes a pair and waits to be killed. */
	static final class Holder {

		private Holder() {
		}

		public static void main(String[] args) throws Exception {
			VethPair pair = VethPair.create();
			pair.sendUdp(9, PAYLOAD);
			System.out.println(pair.name());
			Thread.sleep(Duration.ofMinutes(1).toMillis());
		}

	}

}
