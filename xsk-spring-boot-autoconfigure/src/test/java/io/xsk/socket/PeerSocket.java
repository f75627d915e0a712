package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.test.VethPair;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An XDP socket on the peer's end of a pair, and a program that redirects everything to
 * it: sends and receives many packets fast.
 */
final class PeerSocket implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private final XdpSocket socket;

	private final Redirection redirection;

	private PeerSocket(XdpSocket socket, Redirection redirection) {
		this.socket = socket;
		this.redirection = redirection;
	}

	static PeerSocket open(Kernel kernel, VethPair veth, XdpSocketConfig config) {
		return veth.inPeer(() -> {
			NetworkInterface peer = NetworkInterface.byIndex(kernel, veth.peerIndex()).orElseThrow();
			XdpSocket socket = XdpSocket.open(kernel, peer, 0, config);
			Redirection redirection = new Redirection(kernel, peer, config.multiBuffer());
			redirection.to(socket);
			return new PeerSocket(socket, redirection);
		});
	}

	XdpSocket socket() {
		return this.socket;
	}

	void send(byte[] frame) {
		assertThat(this.socket.send(ByteBuffer.wrap(frame), TIMEOUT)).as("there is room in time").isTrue();
	}

	@Override
	public void close() {
		this.redirection.close();
		this.socket.close();
	}

}
