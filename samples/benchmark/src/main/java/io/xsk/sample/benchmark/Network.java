package io.xsk.sample.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.xsk.XskException;

/**
 * A veth pair for the benchmark alone. Its other end is in a network namespace without a
 * name, which a process holds that ends with the standard input it has from us: whatever
 * ends this process, nothing stays behind.
 */
final class Network implements AutoCloseable {

	/** Where peers that use the kernel's UDP listen, and what all packets are sent to. */
	static final int PORT = 9000;

	static final String ADDRESS = "10.198.7.1";

	static final String OTHER_ADDRESS = "10.198.7.2";

	private static final String NAME = "xskbench0";

	private static final String OTHER = "xskbench1";

	private static final int WAIT_MILLIS = 2000;

	/**
	 * A flood that is under way ends before the processes of a run that was killed do.
	 */
	private static final int FORMER_SECONDS = 20;

	private static final int POLL_MILLIS = 50;

	private final Process holder;

	private final String mac;

	private final String otherMac;

	private Network(Process holder, int queues) {
		this.holder = holder;
		awaitNamespace();
		String numbers = String.valueOf(queues);
		ip("link", "add", NAME, "numrxqueues", numbers, "numtxqueues", numbers, "type", "veth", "peer", "name", OTHER,
				"numrxqueues", numbers, "numtxqueues", numbers, "netns", String.valueOf(holder.pid()));
		// no IPv6, so that nothing is sent but what we send
		ip("link", "set", NAME, "addrgenmode", "none");
		ip("address", "add", ADDRESS + "/24", "dev", NAME);
		ip("link", "set", NAME, "up");
		other("ip", "link", "set", OTHER, "addrgenmode", "none");
		other("ip", "address", "add", OTHER_ADDRESS + "/24", "dev", OTHER);
		other("ip", "link", "set", OTHER, "up");
		// without it, and without an XDP program, frames of a redirect would vanish
		Commands.run(List.of("ethtool", "-K", NAME, "gro", "on"));
		this.mac = read(Path.of("/sys/class/net", NAME, "address"));
		this.otherMac = other("ip", "-brief", "link", "show", OTHER).split("\\s+")[2];
		ip("neighbour", "replace", OTHER_ADDRESS, "lladdr", this.otherMac, "dev", NAME, "nud", "permanent");
	}

	/**
	 * Make the pair.
	 * @param queues how many queues each end has
	 * @return the network
	 * @throws XskException when the rights or the packages are missing
	 */
	static Network create(int queues) {
		awaitFormer();
		Process holder;
		try {
			holder = new ProcessBuilder("unshare", "--net", "cat").start();
		}
		catch (IOException ex) {
			throw new XskException("There is no 'unshare': " + ex.getMessage(), "Install it: apt install util-linux",
					ex);
		}
		try {
			return new Network(holder, queues);
		}
		catch (RuntimeException ex) {
			holder.destroy();
			throw ex;
		}
	}

	/** What a run that was killed a moment ago has left goes by itself. */
	private static void awaitFormer() {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(FORMER_SECONDS);
		while (Files.exists(Path.of("/sys/class/net", NAME))) {
			if (System.nanoTime() > end) {
				throw new XskException("There is an interface " + NAME + " already.",
						"Wait for the other benchmark that is running; when there is none: ip link delete " + NAME);
			}
			Pause.millis(POLL_MILLIS);
		}
	}

	/** The holder is there at once, in its namespace a moment later. */
	private void awaitNamespace() {
		Path ours = namespace(ProcessHandle.current().pid());
		long start = System.nanoTime();
		while (namespace(this.holder.pid()).equals(ours)) {
			if (System.nanoTime() - start > WAIT_MILLIS * 1_000_000L || !this.holder.isAlive()) {
				throw new XskException("No network namespace could be made.", "Run the benchmark as root.");
			}
			Thread.onSpinWait();
		}
	}

	private static Path namespace(long pid) {
		try {
			return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net"));
		}
		catch (IOException ex) {
			throw new XskException("The process that holds the network namespace has ended: " + ex.getMessage(),
					"Run the benchmark as root, where network namespaces can be made.", ex);
		}
	}

	String interfaceName() {
		return NAME;
	}

	String otherName() {
		return OTHER;
	}

	/**
	 * Return a command as it runs at the other end.
	 * @param command the words of the command
	 * @return the command that enters the namespace first
	 */
	List<String> atOtherEnd(List<String> command) {
		List<String> words = new ArrayList<>(List.of("nsenter", "--net=/proc/" + this.holder.pid() + "/ns/net"));
		words.addAll(command);
		return words;
	}

	/** A UDP packet from the other end to us, in hexadecimal digits. */
	String packetToUs(int length) {
		return HexFormat.of().formatHex(packet(this.mac, this.otherMac, OTHER_ADDRESS, ADDRESS, length));
	}

	/** A UDP packet from us to the other end, in hexadecimal digits. */
	String packetFromUs(int length) {
		return HexFormat.of().formatHex(packet(this.otherMac, this.mac, ADDRESS, OTHER_ADDRESS, length));
	}

	/**
	 * Build a UDP packet that carries zeros.
	 * @param destination the MAC address it goes to
	 * @param source the MAC address it comes from
	 * @param sourceAddress the IPv4 address it comes from
	 * @param destinationAddress the IPv4 address it goes to
	 * @param length its length from the Ethernet header on, in bytes
	 * @return its bytes
	 */
	static byte[] packet(String destination, String source, String sourceAddress, String destinationAddress,
			int length) {
		HexFormat colons = HexFormat.ofDelimiter(":");
		ByteBuffer packet = ByteBuffer.allocate(length);
		packet.put(colons.parseHex(destination)).put(colons.parseHex(source)).putShort((short) 0x0800);
		int ip = packet.position();
		packet.putShort((short) 0x4500).putShort((short) (length - ip)).putInt(0).putShort((short) 0x4011);
		packet.putShort((short) 0).put(address(sourceAddress)).put(address(destinationAddress));
		int udp = packet.position();
		packet.putShort(ip + 10, checksum(packet, ip, udp));
		packet.putShort((short) PORT).putShort((short) PORT).putShort((short) (length - udp)).putShort((short) 0);
		return packet.array();
	}

	private static short checksum(ByteBuffer packet, int from, int to) {
		int sum = 0;
		for (int i = from; i < to; i += Short.BYTES) {
			sum += Short.toUnsignedInt(packet.getShort(i));
		}
		sum = (sum & 0xffff) + (sum >>> Short.SIZE);
		return (short) ~((sum & 0xffff) + (sum >>> Short.SIZE));
	}

	private static byte[] address(String text) {
		byte[] address = new byte[Integer.BYTES];
		String[] parts = text.split("\\.");
		for (int i = 0; i < address.length; i++) {
			address[i] = (byte) Integer.parseInt(parts[i]);
		}
		return address;
	}

	private static String read(Path path) {
		try {
			return Files.readString(path).trim();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void ip(String... arguments) {
		List<String> command = new ArrayList<>(List.of("ip"));
		command.addAll(List.of(arguments));
		Commands.run(command);
	}

	private String other(String... command) {
		return Commands.run(atOtherEnd(List.of(command)));
	}

	@Override
	public void close() {
		try {
			// at once, not only when the namespace's last process has gone
			if (Files.exists(Path.of("/sys/class/net", NAME))) {
				ip("link", "delete", NAME);
			}
		}
		finally {
			this.holder.destroy();
		}
	}

}
