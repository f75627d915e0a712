package io.xsk.kernel;

import java.util.List;
import java.util.Optional;

import io.xsk.XskSystemException;
import org.jspecify.annotations.Nullable;

/**
 * A network interface as the kernel described it when it was asked, in the network
 * namespace of the calling thread. Nothing is taken from sysfs, which shows the
 * interfaces of the namespace that it was mounted in. Needs no capability.
 *
 * @param index the interface index
 * @param name the kernel's name
 * @param driver the driver's name, {@code null} where the driver does not say
 * @param mtu the largest packet in bytes, without the Ethernet header
 * @param queues the number of RX queues in use (what {@code ethtool -l} and {@code -n}
 * show), at least 1
 * @param up whether it is switched on
 * @param linkUp whether it is switched on and has a carrier
 * @param program the attached XDP program, {@code null} for none
 * @since 0.1.0
 */
public record NetworkInterface(int index, String name, @Nullable String driver, int mtu, int queues, boolean up,
		boolean linkUp, @Nullable AttachedProgram program) {

	/**
	 * Look up an interface by its name or one of its alternative names.
	 * @param kernel the kernel to ask
	 * @param name the name
	 * @return the interface as it is now
	 * @throws UnknownInterfaceException when there is none of that name
	 * @throws XskSystemException when the kernel does not answer
	 */
	public static NetworkInterface byName(Kernel kernel, String name) {
		try (RouteNetlink netlink = RouteNetlink.open(kernel)) {
			return netlink.link(name)
				.map((link) -> complete(kernel, link))
				.orElseThrow(() -> new UnknownInterfaceException(name, netlink.names()));
		}
	}

	/**
	 * Look up an interface by its index.
	 * @param kernel the kernel to ask
	 * @param index the index
	 * @return the interface as it is now, empty when it is gone
	 * @throws XskSystemException when the kernel does not answer
	 */
	public static Optional<NetworkInterface> byIndex(Kernel kernel, int index) {
		try (RouteNetlink netlink = RouteNetlink.open(kernel)) {
			return netlink.link(index).map((link) -> complete(kernel, link));
		}
	}

	/**
	 * List the names of all interfaces.
	 * @param kernel the kernel to ask
	 * @return the names in the order of their indices
	 * @throws XskSystemException when the kernel does not answer
	 */
	public static List<String> names(Kernel kernel) {
		try (RouteNetlink netlink = RouteNetlink.open(kernel)) {
			return netlink.names();
		}
	}

	/**
	 * Ask whether the interface takes VLAN tags out of received frames before an XDP
	 * program sees them ({@code rx-vlan-offload}).
	 * @param kernel the kernel to ask
	 * @return {@code false} also where the driver does not say
	 * @throws XskSystemException when the kernel does not answer
	 */
	public boolean stripsVlanTags(Kernel kernel) {
		try (Ethtool ethtool = Ethtool.open(kernel, this.name)) {
			return ethtool.stripsVlanTags();
		}
	}

	private static NetworkInterface complete(Kernel kernel, RouteNetlink.Link link) {
		try (Ethtool ethtool = Ethtool.open(kernel, link.name())) {
			return new NetworkInterface(link.index(), link.name(), ethtool.driver(), link.mtu(),
					ethtool.rxQueues().orElse(link.rxQueues()), link.up(), link.linkUp(), link.program());
		}
	}

}
