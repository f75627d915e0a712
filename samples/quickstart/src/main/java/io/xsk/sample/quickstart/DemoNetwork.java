package io.xsk.sample.quickstart;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.xsk.XskException;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Two virtual Ethernet interfaces with a wire between them: ours, and a peer in a network
 * namespace of its own. However this process ends, both go with it.
 */
final class DemoNetwork implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(DemoNetwork.class);

	/** 198.18.0.0/15, which is meant for such tests, has so many networks of four. */
	private static final int NETWORKS = 1 << 15;

	private final Kernel kernel;

	private final PeerNamespace peer = new PeerNamespace();

	private final String name = "xskq" + ProcessHandle.current().pid();

	private final int network;

	DemoNetwork(Kernel kernel) {
		this.kernel = kernel;
		try {
			ip(List.of(),
					"link add %s numrxqueues 1 numtxqueues 1 type veth peer name peer numrxqueues 1 numtxqueues 1 netns %s"
						.formatted(this.name, this.peer.id()));
			// no other interface has that index, and so no other pair that network
			this.network = NetworkInterface.byName(kernel, this.name).index() % NETWORKS;
			ip(List.of(), "address add %s/30 dev %s".formatted(address(), this.name),
					"link set %s up".formatted(this.name));
			ip(List.of("nsenter", "--net=" + this.peer.path()), "address add %s/30 dev peer".formatted(peerAddress()),
					"link set peer up");
		}
		catch (RuntimeException ex) {
			close();
			throw ex;
		}
	}

	String name() {
		return this.name;
	}

	String address() {
		return address(1);
	}

	String peerAddress() {
		return address(2);
	}

	private String address(int host) {
		return "198.%d.%d.%d".formatted(18 + (this.network >>> 14), this.network >>> 6 & 0xff,
				(this.network & 0x3f) * 4 + host);
	}

	/** Open a UDP socket of the peer. */
	DatagramChannel openPeerChannel() {
		return this.peer.call(() -> {
			DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
			channel.bind(new InetSocketAddress(peerAddress(), 0)).configureBlocking(false);
			return channel;
		});
	}

	private static void ip(List<String> prefix, String... lines) {
		List<String> command = new ArrayList<>(prefix);
		command.addAll(List.of("ip", "-batch", "-"));
		String input = String.join("\n", lines) + "\n";
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			process.getOutputStream().write(input.getBytes(StandardCharsets.US_ASCII));
			process.getOutputStream().close();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
			if (process.waitFor() != 0) {
				throw new XskException("'ip %s' failed: %s.".formatted(String.join("; ip ", lines), output),
						"See what the command says when you enter it, or name an interface that exists.");
			}
		}
		catch (IOException ex) {
			throw new XskException("'%s' does not run: %s.".formatted(command.get(0), ex.getMessage()),
					"Install iproute2 and util-linux.", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted", ex);
		}
	}

	@Override
	public void close() {
		if (NetworkInterface.names(this.kernel).contains(this.name)) {
			ip(List.of(), "link delete " + this.name);
			logger.info("Interface %s and its peer are removed".formatted(this.name));
		}
		this.peer.close();
	}

}
