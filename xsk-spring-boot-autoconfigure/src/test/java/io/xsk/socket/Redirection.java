package io.xsk.socket;

import java.util.ArrayDeque;
import java.util.Deque;

import io.xsk.bpf.AttachMode;
import io.xsk.bpf.RedirectProgram;
import io.xsk.bpf.UpdateMode;
import io.xsk.bpf.XdpLink;
import io.xsk.bpf.XskMap;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.rule.RedirectRules;

/**
 * An XSKMAP and an attached program that redirects every packet of an interface to it.
 */
final class Redirection implements AutoCloseable {

	private final Deque<AutoCloseable> resources = new ArrayDeque<>();

	private final XskMap map;

	Redirection(Kernel kernel, NetworkInterface networkInterface) {
		this(kernel, networkInterface, AttachMode.AUTO);
	}

	Redirection(Kernel kernel, NetworkInterface networkInterface, AttachMode mode) {
		this(kernel, networkInterface, mode, false);
	}

	Redirection(Kernel kernel, NetworkInterface networkInterface, boolean frags) {
		this(kernel, networkInterface, AttachMode.NATIVE, frags);
	}

	private Redirection(Kernel kernel, NetworkInterface networkInterface, AttachMode mode, boolean frags) {
		this.map = XskMap.create(kernel, "test", networkInterface.queues());
		this.resources.push(this.map);
		try {
			RedirectProgram program = RedirectProgram.load(kernel, this.map, RedirectRules.all(), frags);
			this.resources.push(program);
			this.resources.push(XdpLink.attach(kernel, program, networkInterface, mode));
		}
		catch (RuntimeException ex) {
			close();
			throw ex;
		}
	}

	void to(Xsk xsk) {
		this.map.update(xsk.queueId(), xsk.fd(), UpdateMode.ANY);
	}

	@Override
	public void close() {
		for (AutoCloseable resource : this.resources) {
			try {
				resource.close();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

}
