package io.xsk.sample.benchmark.peer;

import java.time.Duration;

import io.xsk.bpf.AttachMode;
import io.xsk.bpf.RedirectProgram;
import io.xsk.bpf.XdpLink;
import io.xsk.bpf.XskMap;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.RedirectRules;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.socket.ZeroCopy;

/**
 * A socket on queue 0 with a program that redirects everything, put together from the
 * parts. Stays open until the process ends.
 *
 * @param map the map
 * @param program the program
 * @param link what attaches the program
 * @param socket the socket, not activated
 */
record XskPort(XskMap map, RedirectProgram program, XdpLink link, XdpSocket socket) {

	private static final Duration BIND_TIMEOUT = Duration.ofSeconds(5);

	static XskPort open(String interfaceName) {
		Kernel kernel = JnaKernel.load();
		NetworkInterface networkInterface = NetworkInterface.byName(kernel, interfaceName);
		XskMap map = XskMap.create(kernel, "xsks", 1);
		RedirectProgram program = RedirectProgram.load(kernel, map, RedirectRules.all());
		XdpLink link = XdpLink.attach(kernel, program, networkInterface, AttachMode.NATIVE);
		return new XskPort(map, program, link, XdpSocket.open(kernel, networkInterface, 0, config()));
	}

	/** The sizes of the C peer, which are the defaults, and copy mode. */
	static XdpSocketConfig config() {
		return XdpSocketConfig.builder().zeroCopy(ZeroCopy.FORBID).bindTimeout(BIND_TIMEOUT).build();
	}

}
