package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.jna.JnaKernel;

/**
 * Keeps the buffer of a packet, and reads it when the socket is closed.
 */
public final class KeptBufferMain {

	/** The read was refused. */
	static final int REFUSED = 7;

	private KeptBufferMain() {
	}

	public static void main(String[] args) {
		Kernel kernel = JnaKernel.load();
		NetworkInterface networkInterface = NetworkInterface.byName(kernel, args[0]);
		List<ByteBuffer> kept = new ArrayList<>();
		try (Redirection redirection = new Redirection(kernel, networkInterface);
				XdpSocket socket = XdpSocket.open(kernel, networkInterface, 0, TestFrames.small().build())) {
			redirection.to(socket);
			while (kept.isEmpty()) {
				socket.await(Duration.ofMillis(100));
				socket.receive((packet) -> kept.add(packet.data()), 1);
			}
		}
		try {
			System.out.println(kept.get(0).get(0));
		}
		catch (IndexOutOfBoundsException ex) {
			System.exit(REFUSED);
		}
	}

}
