package io.xsk.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.xsk.bpf.AttachMode;
import io.xsk.core.ActivationPolicy;
import io.xsk.lifecycle.XskActivationLifecycle;
import io.xsk.socket.Direction;
import io.xsk.socket.ZeroCopy;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
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
 * @since 0.1.0
 */
@ConfigurationProperties("xsk")
public record XskProperties(@DefaultValue("true") boolean enabled, @DefaultValue Map<String, Interface> interfaces,
		@DefaultValue Map<String, Socket> sockets, @DefaultValue Activation activation) {

	/**
	 * A network interface.
	 *
	 * @param name Name that the kernel gives the interface. The key by default.
	 * @param attachMode Where the XDP program runs. The automatic mode takes the driver
	 * and, where that cannot, the network stack.
	 * @param redirect Which packets go to the sockets; everything else goes on to the
	 * kernel.
	 * @param map XSKMAP of the interface.
	 */
	public record Interface(@Nullable String name, @DefaultValue("auto") AttachMode attachMode,
			@DefaultValue Redirect redirect, @DefaultValue XskMap map) {
	}

	/**
	 * Which packets go to the sockets.
	 *
	 * @param udpPorts Comma-separated list of UDP destination ports and ranges of them,
	 * as in 53 or 9000-9100.
	 * @param all Whether to take every packet off the interface, the operator's SSH
	 * session among them.
	 */
	public record Redirect(@DefaultValue List<String> udpPorts, @DefaultValue("false") boolean all) {
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
	 * @param queues RX queues, as in 0-3,7, or all of them.
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
	 */
	public record Socket(@Name("interface") @Nullable String interfaceKey, @DefaultValue("all") String queues,
			@DefaultValue("both") Direction direction, @Nullable DataSize frameSize,
			@DefaultValue("2048") int frameCount, @DefaultValue("0B") DataSize headroom,
			@DefaultValue("false") boolean hugePages, @DefaultValue("1024") int rxRingSize,
			@DefaultValue("1024") int txRingSize, @DefaultValue("1024") int fillRingSize,
			@DefaultValue("1024") int completionRingSize, @DefaultValue("prefer") ZeroCopy zeroCopy,
			@DefaultValue("false") boolean multiBuffer, @DefaultValue("2s") Duration bindTimeout) {
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

}
