package io.xsk.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

import io.xsk.bpf.AttachMode;
import io.xsk.core.ActivationPolicy;
import io.xsk.lifecycle.XskActivationLifecycle;
import io.xsk.listener.IdleStrategies;
import io.xsk.listener.PauseMode;
import io.xsk.rule.EmptySlot;
import io.xsk.rule.Encapsulation;
import io.xsk.socket.Direction;
import io.xsk.socket.ZeroCopy;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.util.unit.DataSize;

/**
 * Configuration properties for Linux AF_XDP sockets.
 *
 * @param enabled Whether to open and activate the configured sockets.
 * @param interfaces Network interfaces, by a key of letters, digits and '-' that sockets
 * refer to.
 * @param sockets Sockets, by name. Each makes one XSK per selected RX queue of its
 * interface.
 * @param activation Activation of the receiving sockets.
 * @param listener Listeners: what receives.
 * @param template Template: what sends.
 * @since 0.1.0
 */
@ConfigurationProperties(prefix = "xsk", ignoreUnknownFields = false)
public record XskProperties(@DefaultValue("true") boolean enabled, @DefaultValue Map<String, Interface> interfaces,
		@DefaultValue Map<String, Socket> sockets, @DefaultValue Activation activation, @DefaultValue Listener listener,
		@DefaultValue Template template) {

	/**
	 * A network interface.
	 *
	 * @param name Name that the kernel gives the interface. The key by default.
	 * @param attachMode Where the XDP program runs. The automatic mode takes the driver
	 * and, where that cannot, the network stack.
	 * @param redirect Which packets go to the sockets; everything else goes on to the
	 * kernel.
	 * @param map XSKMAP of the interface.
	 * @param program Loaded XDP program of somebody else's that is to be attached.
	 */
	public record Interface(@Nullable String name, @DefaultValue("auto") AttachMode attachMode,
			@DefaultValue Redirect redirect, @DefaultValue XskMap map, @DefaultValue Program program) {
	}

	/**
	 * Which packets go to the sockets.
	 *
	 * @param udpPorts Comma-separated list of UDP destination ports and ranges of them,
	 * as in 53 or 9000-9100.
	 * @param tcpPorts Comma-separated list of TCP destination ports and ranges of them.
	 * @param destinations Comma-separated list of addresses and prefixes, to which the
	 * packets of the ports are sent.
	 * @param rules Rules for what the ports and destinations cannot say, in the order in
	 * which they count packets.
	 * @param onEmptySlot What happens to a packet that matches on a queue without a
	 * socket.
	 * @param all Whether to take every packet off the interface, the operator's SSH
	 * session among them.
	 */
	public record Redirect(@DefaultValue List<String> udpPorts, @DefaultValue List<String> tcpPorts,
			@DefaultValue List<String> destinations, @DefaultValue List<Rule> rules,
			@DefaultValue("pass") EmptySlot onEmptySlot, @DefaultValue("false") boolean all) {
	}

	/**
	 * A rule. A packet matches when all its fields match, a field when any of its values
	 * does.
	 *
	 * @param name Name of the rule in warnings and counters.
	 * @param etherType Comma-separated list of types behind the Ethernet header and its
	 * VLAN tags: arp, ipv4, ipv6, lldp, pppoe, eapol, ptp, mpls or numbers such as
	 * 0x88cc.
	 * @param vlan Comma-separated list of VLAN ids.
	 * @param source Comma-separated list of source addresses and prefixes.
	 * @param destination Comma-separated list of destination addresses and prefixes.
	 * @param protocol Comma-separated list of protocols: tcp, udp, icmp, icmpv6, sctp,
	 * gre, ipip, esp, ah, ospf, vrrp, igmp, pim or numbers.
	 * @param sourcePort Comma-separated list of source ports and ranges of them.
	 * @param destinationPort Comma-separated list of destination ports and ranges of
	 * them.
	 * @param icmpType Comma-separated list of types of ICMP or ICMPv6.
	 * @param inside Comma-separated list of encapsulations to look into as well.
	 * @param fragments Which fragments match a rule on ports or ICMP types.
	 * @param except Whether matching packets go on to the kernel, whatever other rules
	 * say.
	 */
	public record Rule(@Nullable String name, @DefaultValue List<String> etherType, @DefaultValue List<String> vlan,
			@DefaultValue List<String> source, @DefaultValue List<String> destination,
			@DefaultValue List<String> protocol, @DefaultValue List<String> sourcePort,
			@DefaultValue List<String> destinationPort, @DefaultValue List<String> icmpType,
			@DefaultValue List<Encapsulation> inside, @DefaultValue("none") Fragments fragments,
			@DefaultValue("false") boolean except) {
	}

	/**
	 * Which fragments match a rule on ports or ICMP types.
	 */
	public enum Fragments {

		/** No fragment does. */
		NONE,

		/** The first fragment of a packet does, and its siblings go elsewhere. */
		FIRST

	}

	/**
	 * A loaded XDP program of somebody else's. It redirects into the map of
	 * {@code map.pinned-path} or, with CAP_SYS_ADMIN, into the one XSKMAP that it uses.
	 *
	 * @param pinnedPath Path of the pinned program.
	 * @param descriptor Descriptor of the program that this process was started with.
	 */
	public record Program(@Nullable String pinnedPath, @Nullable Integer descriptor) {
	}

	/**
	 * The XSKMAP of an interface.
	 *
	 * @param maxEntries Number of entries. The number of RX queues of the interface by
	 * default.
	 * @param pinnedPath Path of a pinned XSKMAP that somebody else's XDP program feeds.
	 * Nothing is attached then.
	 * @param pinPath Path on a BPF file system to pin the XSKMAP to, for other processes.
	 */
	public record XskMap(@Nullable Integer maxEntries, @Nullable String pinnedPath, @Nullable String pinPath) {
	}

	/**
	 * A socket.
	 *
	 * @param interfaceKey Key of the interface.
	 * @param queues Comma-separated list of RX queues and ranges of them, as in 0-3,7, or
	 * all.
	 * @param direction Whether the socket receives, sends or does both.
	 * @param frameSize Size of a UMEM frame, a power of two. 2KB where the MTU fits into
	 * it, else 4KB, by default.
	 * @param frameCount Number of UMEM frames of each queue.
	 * @param headroom Room that stays free in front of each packet.
	 * @param hugePages Whether to take the UMEM from reserved huge pages.
	 * @param rxRingSize Entries of the RX ring, a power of two.
	 * @param txRingSize Entries of the TX ring, a power of two.
	 * @param fillRingSize Entries of the fill ring, a power of two.
	 * @param completionRingSize Entries of the completion ring, a power of two.
	 * @param zeroCopy Whether the driver is to deliver without a copy.
	 * @param multiBuffer Whether to receive packets that are larger than a frame, since
	 * Linux 6.6.
	 * @param bindTimeout How long to retry while the kernel or another process still
	 * holds the queue.
	 * @param leakDetection Whether to look for packets that are retained and never
	 * released, and to log the place that retained them. Costs a stack trace per retained
	 * packet.
	 * @param cpus Comma-separated list of CPUs and ranges of them for the threads of a
	 * listener, as in 2-5,8: the first queue gets the first one, and so on.
	 * @param busyPoll Busy polling of the queues by the threads of a listener.
	 * @param listener What xsk.listener says for all listeners, for that of this socket.
	 */
	public record Socket(@Name("interface") @Nullable String interfaceKey, @DefaultValue("all") List<String> queues,
			@DefaultValue("both") Direction direction, @Nullable DataSize frameSize,
			@DefaultValue("2048") int frameCount, @DefaultValue("0B") DataSize headroom,
			@DefaultValue("false") boolean hugePages, @DefaultValue("1024") int rxRingSize,
			@DefaultValue("1024") int txRingSize, @DefaultValue("1024") int fillRingSize,
			@DefaultValue("1024") int completionRingSize, @DefaultValue("prefer") ZeroCopy zeroCopy,
			@DefaultValue("false") boolean multiBuffer, @DefaultValue("2s") Duration bindTimeout,
			@DefaultValue("false") boolean leakDetection, @DefaultValue List<String> cpus,
			@DefaultValue BusyPoll busyPoll, @DefaultValue SocketListener listener) {
	}

	/**
	 * Busy polling.
	 *
	 * @param enabled Whether the threads that receive poll the queue themselves, since
	 * Linux 5.11.
	 * @param prefer Whether the driver's own polling stands back (SO_PREFER_BUSY_POLL).
	 * @param time How long one poll may take (SO_BUSY_POLL). Microseconds without a unit.
	 * @param budget How many packets one poll may take (SO_BUSY_POLL_BUDGET).
	 */
	public record BusyPoll(@DefaultValue("false") boolean enabled, @DefaultValue("true") boolean prefer,
			@DurationUnit(ChronoUnit.MICROS) @DefaultValue("20us") Duration time, @DefaultValue("64") int budget) {
	}

	/**
	 * Activation of the receiving sockets.
	 *
	 * @param policy What to do with another socket in a slot of the XSKMAP.
	 * @param autoStartup Whether to activate the sockets when the application starts.
	 * @param phase Phase of the activation, which comes last at startup and first at
	 * shutdown.
	 */
	public record Activation(@DefaultValue("replace") ActivationPolicy policy,
			@DefaultValue("true") boolean autoStartup,
			@DefaultValue("" + XskActivationLifecycle.DEFAULT_PHASE) int phase) {
	}

	/**
	 * Listeners.
	 *
	 * @param idleStrategy What the thread of a queue does while there are no packets.
	 * @param pauseMode What happens to packets while a listener is paused.
	 * @param batchSize Number of packets that a thread takes from its ring at a time.
	 * @param drainTimeout How long a stop hands over what was received, before it
	 * interrupts the listener.
	 * @param errorLogInterval Time between two log lines about exceptions of one
	 * listener. Those in between are counted.
	 * @param autoStartup Whether listeners are started with the application.
	 */
	public record Listener(@DefaultValue("poll") IdleStrategies idleStrategy,
			@DefaultValue("deactivate") PauseMode pauseMode, @DefaultValue("64") int batchSize,
			@DefaultValue("5s") Duration drainTimeout, @DefaultValue("10s") Duration errorLogInterval,
			@DefaultValue("true") boolean autoStartup) {
	}

	/**
	 * The listener of one socket. What is not set is what xsk.listener says.
	 *
	 * @param idleStrategy What the thread of a queue does while there are no packets.
	 * @param pauseMode What happens to packets while the listener is paused.
	 * @param batchSize Number of packets that a thread takes from its ring at a time.
	 * @param drainTimeout How long a stop hands over what was received, before it
	 * interrupts the listener.
	 * @param autoStartup Whether the listener is started with the application.
	 */
	public record SocketListener(@Nullable IdleStrategies idleStrategy, @Nullable PauseMode pauseMode,
			@Nullable Integer batchSize, @Nullable Duration drainTimeout, @Nullable Boolean autoStartup) {
	}

	/**
	 * The template.
	 *
	 * @param sendTimeout How long a sender waits for room while the TX ring is full or no
	 * frame is free, and never for a packet to leave. With 0 it does not wait.
	 */
	public record Template(@DefaultValue("100ms") Duration sendTimeout) {
	}

}
