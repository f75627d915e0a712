package io.xsk.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.jna.JnaKernel;
import org.awaitility.Awaitility;

/**
 * Two virtual Ethernet interfaces that are wired to each other: ours in the network
 * namespace of this process, the peer in a namespace of its own. Both vanish with
 * {@link #close()} and, however it ends, with the process.
 * <p>
 * Both ends are up, have an IPv4 address out of 198.18.0.0/15 and know each other's MAC
 * address; IPv6 is off, so that nothing is on the wire but what a test sends. Checksums
 * are computed in software: a packet is complete when it leaves.
 *
 * @since 0.1.0
 */
public final class VethPair implements AutoCloseable {

	/**
	 * Hardware addresses need not differ from pair to pair: each is a wire of its own.
	 */
	private static final byte[] MAC = { 0x02, 0x78, 0x73, 0x6b, 0x00, 0x01 };

	private static final byte[] PEER_MAC = { 0x02, 0x78, 0x73, 0x6b, 0x00, 0x02 };

	/** 198.18.0.0/15 consists of so many networks of four addresses. */
	private static final int NETWORKS = 1 << 15;

	private static final AtomicInteger COUNTER = new AtomicInteger();

	private final Kernel kernel;

	private final PeerNamespace namespace;

	private final String name;

	private final Deque<AutoCloseable> resources = new ArrayDeque<>();

	private final Map<Integer, DatagramSocket> udpSockets = new ConcurrentHashMap<>();

	private int index;

	private int peerIndex;

	private PacketSocket sender;

	@SuppressWarnings("NullAway.Init")
	private VethPair(Kernel kernel, PeerNamespace namespace) {
		this.kernel = kernel;
		this.namespace = namespace;
		this.name = "xt" + Long.toString(ProcessHandle.current().pid(), 36) + "n"
				+ Integer.toString(COUNTER.incrementAndGet(), 36);
	}

	/**
	 * Make a pair with one queue.
	 * @return the pair
	 */
	public static VethPair create() {
		return create(1);
	}

	/**
	 * Make a pair.
	 * @param queues the number of RX queues, and of TX queues, of both ends
	 * @return the pair
	 */
	public static VethPair create(int queues) {
		return create(queues, false);
	}

	/**
	 * Make a pair.
	 * @param queues the number of RX queues, and of TX queues, of both ends
	 * @param ipv6 whether the ends speak IPv6, and send what that sends by itself
	 * @return the pair
	 */
	public static VethPair create(int queues, boolean ipv6) {
		Kernel kernel = JnaKernel.load();
		VethPair pair = new VethPair(kernel, PeerNamespace.create(kernel));
		try {
			pair.setUp(queues, ipv6);
			return pair;
		}
		catch (RuntimeException ex) {
			pair.close();
			throw ex;
		}
	}

	private void setUp(int queues, boolean ipv6) {
		String count = Integer.toString(queues);
		exec("ip", "link", "add", this.name, "address", text(MAC), "numrxqueues", count, "numtxqueues", count, "netns",
				Long.toString(ProcessHandle.current().pid()), "type", "veth", "peer", "name", peerName(), "address",
				text(PEER_MAC), "numrxqueues", count, "numtxqueues", count);
		if (!ipv6) {
			disableIpv6(this.name);
		}
		this.index = NetworkInterface.byName(this.kernel, this.name).index();
		this.peerIndex = inPeer(() -> setUpPeer(ipv6));
		EthtoolSettings.completeChecksums(this.kernel, this.name);
		Commands.run("ip", "address", "add", address() + "/30", "dev", this.name);
		exec("ip", "address", "add", peerAddress() + "/30", "dev", peerName());
		Commands.run("ip", "link", "set", this.name, "up");
		exec("ip", "link", "set", peerName(), "up");
		exec("ip", "link", "set", "lo", "up");
		awaitTransmission(() -> Commands.run("ip", "-o", "link", "show", this.name));
		awaitTransmission(() -> exec("ip", "-o", "link", "show", peerName()));
		Commands.run("ip", "neighbour", "replace", peerAddress(), "lladdr", text(PEER_MAC), "dev", this.name, "nud",
				"permanent");
		exec("ip", "neighbour", "replace", address(), "lladdr", text(MAC), "dev", peerName(), "nud", "permanent");
		this.sender = inPeer(() -> PacketSocket.open(this.kernel, this.peerIndex, false));
		this.resources.push(this.sender);
	}

	/**
	 * The kernel opens the queues of the end that was up first a moment later, when it
	 * has noticed the carrier; until then it drops what is sent there, without a word.
	 */
	private static void awaitTransmission(Callable<String> link) {
		Awaitility.await().until(link, (line) -> line.contains(" state UP "));
	}

	private int setUpPeer(boolean ipv6) {
		if (!ipv6) {
			disableIpv6(peerName());
		}
		EthtoolSettings.completeChecksums(this.kernel, peerName());
		return NetworkInterface.byName(this.kernel, peerName()).index();
	}

	private static void disableIpv6(String name) {
		Path setting = Path.of("/proc/sys/net/ipv6/conf", name, "disable_ipv6");
		try {
			// a kernel without IPv6 has no such file
			if (Files.exists(setting)) {
				Files.writeString(setting, "1");
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the name of our end.
	 * @return at most 15 characters
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Return the index of our end.
	 * @return the interface index
	 */
	public int index() {
		return this.index;
	}

	/**
	 * Return the name of the peer, in its namespace.
	 * @return at most 15 characters
	 */
	public String peerName() {
		return this.name + "p";
	}

	/**
	 * Return the index of the peer, in its namespace.
	 * @return the interface index
	 */
	public int peerIndex() {
		return this.peerIndex;
	}

	/**
	 * Ask the kernel for our end.
	 * @return our end as it is now
	 */
	public NetworkInterface info() {
		return NetworkInterface.byIndex(this.kernel, this.index).orElseThrow();
	}

	/**
	 * Return the IPv4 address of our end.
	 * @return the address in dotted form
	 */
	public String address() {
		return address(1);
	}

	/**
	 * Return the IPv4 address of the peer.
	 * @return the address in dotted form
	 */
	public String peerAddress() {
		return address(2);
	}

	/** The index makes it unique among the interfaces of our namespace. */
	private String address(int host) {
		int network = this.index % NETWORKS;
		return "198.%d.%d.%d".formatted(18 + (network >>> 14), network >>> 6 & 0xff, (network & 0x3f) * 4 + host);
	}

	/**
	 * Return the hardware address of our end.
	 * @return six bytes
	 */
	public byte[] mac() {
		return MAC.clone();
	}

	/**
	 * Return the hardware address of the peer.
	 * @return six bytes
	 */
	public byte[] peerMac() {
		return PEER_MAC.clone();
	}

	private static String text(byte[] mac) {
		return "%02x:%02x:%02x:%02x:%02x:%02x".formatted(mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	}

	/**
	 * Run a command in the peer's namespace that must succeed.
	 * @param command the command and its arguments
	 * @return what it printed
	 */
	public String exec(String... command) {
		return Commands.run(this.namespace.enter(command));
	}

	/**
	 * Run code on the one thread that is in the peer's namespace. A socket that it opens
	 * stays there and can be used from any thread. It must not start threads: they would
	 * be in that namespace too, and hold it.
	 * @param <T> what the code returns
	 * @param code the code
	 * @return what it returned
	 */
	public <T> T inPeer(Callable<T> code) {
		return this.namespace.call(code);
	}

	/**
	 * Return a UDP socket of the peer, opened by the first call and closed with the pair.
	 * @param port its port, 0 for the one that {@link #sendUdp} sends from
	 * @return the socket
	 */
	public DatagramSocket udpSocket(int port) {
		return this.udpSockets.computeIfAbsent(port,
				(key) -> inPeer(() -> new DatagramSocket(new InetSocketAddress(peerAddress(), key))));
	}

	/**
	 * Send a datagram from the peer to our address.
	 * @param port the destination port
	 * @param payload the payload
	 */
	public void sendUdp(int port, byte[] payload) {
		try {
			udpSocket(0).send(new DatagramPacket(payload, payload.length, InetAddress.getByName(address()), port));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Wait for a datagram at the peer. Its socket must be open before the datagram comes:
	 * call {@link #udpSocket} first.
	 * @param port the peer's port, 0 for the one that {@link #sendUdp} sends from
	 * @param timeout how long to wait
	 * @return the payload, empty when none came in time
	 */
	public Optional<byte[]> receiveUdp(int port, Duration timeout) {
		DatagramSocket socket = udpSocket(port);
		DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
		try {
			socket.setSoTimeout(Math.max(1, (int) timeout.toMillis()));
			socket.receive(packet);
			return Optional.of(Arrays.copyOf(packet.getData(), packet.getLength()));
		}
		catch (SocketTimeoutException ex) {
			return Optional.empty();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Send a frame from the peer to our end, as it is.
	 * @param frame the frame, from its Ethernet header on
	 */
	public void sendFrame(byte[] frame) {
		this.sender.send(frame);
	}

	/**
	 * Open a socket that sends frames from our end, without going through the stack.
	 * @return a socket that captures nothing, closed with the pair if not before
	 */
	public PacketSocket socket() {
		return register(PacketSocket.open(this.kernel, this.index, false));
	}

	/**
	 * Capture what arrives at the peer from now on.
	 * @return a socket, closed with the pair if not before
	 */
	public PacketSocket capturePeer() {
		return register(inPeer(() -> PacketSocket.open(this.kernel, this.peerIndex, true)));
	}

	/**
	 * Capture what arrives at our end and goes on to the kernel's stack from now on. What
	 * an XDP program takes away, in either mode, does not come here.
	 * @return a socket, closed with the pair if not before
	 */
	public PacketSocket capture() {
		return register(PacketSocket.open(this.kernel, this.index, true));
	}

	private PacketSocket register(PacketSocket socket) {
		this.resources.push(socket);
		return socket;
	}

	/**
	 * Change the number of queues of our end, as {@code ethtool -L} does.
	 * @param rx the number of RX queues in use
	 * @param tx the number of TX queues in use
	 */
	public void channels(int rx, int tx) {
		EthtoolSettings.channels(this.kernel, this.name, rx, tx);
	}

	/**
	 * Delete both interfaces, as if the card were pulled; the peer's namespace stays.
	 */
	public void delete() {
		Commands.run("ip", "link", "delete", this.name);
	}

	/**
	 * Return whether our end still exists.
	 * @return {@code false} after {@link #delete()}
	 */
	public boolean exists() {
		return NetworkInterface.names(this.kernel).contains(this.name);
	}

	@Override
	public void close() {
		try {
			this.udpSockets.values().forEach(DatagramSocket::close);
			for (AutoCloseable resource : this.resources) {
				resource.close();
			}
			if (exists()) {
				delete();
			}
		}
		catch (RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		finally {
			this.namespace.close();
		}
	}

}
