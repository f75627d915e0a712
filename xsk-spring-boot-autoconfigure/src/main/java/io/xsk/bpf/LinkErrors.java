package io.xsk.bpf;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.XdpMode;

/**
 * What the errors of attaching a program mean ({@code dev_xdp_attach} in
 * {@code net/core/dev.c}, and the drivers, Linux 6.18).
 */
final class LinkErrors {

	/** Every driver with native XDP has it at this MTU, that of plain Ethernet. */
	private static final int PLAIN_MTU = 1500;

	private LinkErrors() {
	}

	static XskSystemException attach(Kernel kernel, BpfCommand command, NetworkInterface networkInterface, XdpMode mode,
			int errno) {
		if (errno == Errno.EBUSY || errno == Errno.EEXIST) {
			InterfaceHolder holder = InterfaceHolder.of(kernel, networkInterface);
			boolean otherMode = holder.program() != null && holder.program().mode() != mode;
			return new InterfaceInUseException(command.name(), command.arguments(), errno, networkInterface.name(),
					holder.program(), holder.explain(networkInterface.name(), otherMode));
		}
		return command.failure(errno, explain(kernel, networkInterface, mode, errno));
	}

	static Explanation update(Kernel kernel, int errno) {
		return switch (errno) {
			case Errno.EPERM -> new Explanation("the link attaches another program than the one to be replaced.",
					"Let one party alone replace the program; see what is attached with 'bpftool net'.");
			case Errno.ENOLINK -> new Explanation("the interface of the link is gone.",
					"Attach to the interface anew, once it is back: restart the application.");
			case Errno.EINVAL, Errno.EOPNOTSUPP -> new Explanation("the driver does not take the new program.",
					"The driver's reason is in the kernel's log (dmesg). The old program stays attached.");
			default -> Explanation.general(kernel, errno);
		};
	}

	private static Explanation explain(Kernel kernel, NetworkInterface networkInterface, XdpMode mode, int errno) {
		String name = networkInterface.name();
		boolean isNative = mode == XdpMode.NATIVE;
		return switch (errno) {
			case Errno.EINVAL, Errno.ENODEV -> {
				if (isGone(kernel, networkInterface)) {
					yield new Explanation("the interface '%s' is gone.".formatted(name),
							"Make it again, and attach to the new one: it has another index.");
				}
				if (isNative && isMtuSuspect(networkInterface)) {
					yield new Explanation(mtuMeaning(networkInterface), mtuAction(name));
				}
				yield new Explanation("the kernel or the driver of '%s' does not take such a program.".formatted(name),
						isNative ? "The driver's reason is in the kernel's log (dmesg). Use Linux 5.10 or later, or"
								+ " attach-mode generic." : "Use Linux 5.10 or later.");
			}
			case Errno.ERANGE -> new Explanation(mtuMeaning(networkInterface), mtuAction(name));
			case Errno.EOPNOTSUPP -> new Explanation(
					"the driver of '%s' has no native XDP, or not with its present".formatted(name) + " offloads.",
					"Use attach-mode auto or generic, or see what the driver wants (dmesg; ethtool -K %s gro-hw off lro off)."
						.formatted(name));
			case Errno.ENOMEM ->
				new Explanation("there is no memory for it, or '%s' has too few TX queues.".formatted(name),
						"Use fewer queues (ethtool -L %s combined N), or attach-mode auto or generic.".formatted(name));
			case Errno.ENOSPC -> new Explanation(
					"'%s' has fewer RX queues than its peer has TX queues.".formatted(name),
					"Give both ends of the veth pair the same number of queues (ethtool -L %s rx N), or use attach-mode generic."
						.formatted(name));
			default -> Explanation.general(kernel, errno);
		};
	}

	/**
	 * Whether generic mode is worth a try after native mode failed. An EINVAL counts only
	 * where the MTU can be its reason; the kernel gives no other hint.
	 */
	static boolean permitsFallback(Kernel kernel, NetworkInterface networkInterface, XskSystemException failure) {
		return switch (failure.getErrno()) {
			case Errno.EOPNOTSUPP, Errno.ERANGE, Errno.ENOMEM -> true;
			case Errno.EINVAL -> isMtuSuspect(networkInterface) && !isGone(kernel, networkInterface);
			default -> false;
		};
	}

	static String fallbackReason(NetworkInterface networkInterface, int errno) {
		String reason = switch (errno) {
			case Errno.EOPNOTSUPP -> "its driver has no native XDP, or not with its present offloads";
			case Errno.ENOMEM -> "there is no memory for it or it has too few TX queues";
			default -> "its MTU of %d or that of its peer is too large for it".formatted(networkInterface.mtu());
		};
		return "Attached to '%s' in generic mode, which is slower, because native mode failed with errno %d (%s): %s."
			.formatted(networkInterface.name(), errno, Errno.symbol(errno), reason);
	}

	private static boolean isMtuSuspect(NetworkInterface networkInterface) {
		return networkInterface.mtu() > PLAIN_MTU;
	}

	private static boolean isGone(Kernel kernel, NetworkInterface networkInterface) {
		return NetworkInterface.byIndex(kernel, networkInterface.index()).isEmpty();
	}

	private static String mtuMeaning(NetworkInterface networkInterface) {
		return "the MTU of '%s' (%d), or of its peer, is too large for native XDP.".formatted(networkInterface.name(),
				networkInterface.mtu());
	}

	private static String mtuAction(String name) {
		return "Lower it on both sides (ip link set dev %s mtu 1500), or use attach-mode auto or generic."
			.formatted(name);
	}

}
