package io.xsk.core;

import io.xsk.socket.XdpSocketConfig;

/**
 * A named socket of the configuration: one XSK for each selected queue of an interface.
 *
 * @param name the name
 * @param interfaceKey the key of the interface
 * @param queues the queues
 * @param xsk how each XSK is made
 * @param frameSizeByMtu whether the frame size is chosen by the MTU of the interface, and
 * the one in {@code xsk} does not count
 * @since 0.1.0
 */
public record XskSocketConfig(String name, String interfaceKey, QueueSelection queues, XdpSocketConfig xsk,
		boolean frameSizeByMtu) {

	XdpSocketConfig xskFor(int mtu) {
		return this.frameSizeByMtu ? this.xsk.withFrameSize(XdpSocketConfig.defaultFrameSize(mtu)) : this.xsk;
	}

}
