package io.xsk.setup;

import io.xsk.socket.BusyPoll;
import io.xsk.socket.XdpSocketConfig;
import org.jspecify.annotations.Nullable;

/**
 * A named socket of the configuration: one XSK for each selected queue of an interface.
 *
 * @param name the name
 * @param interfaceKey the key of the interface
 * @param queues the queues
 * @param xsk how each XSK is made
 * @param frameSizeByMtu whether the frame size is chosen by the MTU of the interface, and
 * the one in {@code xsk} does not count
 * @param busyPoll how each XSK polls its queue itself, {@code null} for not at all
 * @since 0.1.0
 */
public record XskSocketConfig(String name, String interfaceKey, QueueSelection queues, XdpSocketConfig xsk,
		boolean frameSizeByMtu, @Nullable BusyPoll busyPoll) {

	/**
	 * Create a socket without busy polling.
	 * @param name the name
	 * @param interfaceKey the key of the interface
	 * @param queues the queues
	 * @param xsk how each XSK is made
	 * @param frameSizeByMtu whether the frame size is chosen by the MTU
	 */
	public XskSocketConfig(String name, String interfaceKey, QueueSelection queues, XdpSocketConfig xsk,
			boolean frameSizeByMtu) {
		this(name, interfaceKey, queues, xsk, frameSizeByMtu, null);
	}

	XdpSocketConfig xskFor(int mtu) {
		XdpSocketConfig named = this.xsk.withName(this.name);
		return this.frameSizeByMtu ? named.withFrameSize(XdpSocketConfig.defaultFrameSize(mtu)) : named;
	}

}
