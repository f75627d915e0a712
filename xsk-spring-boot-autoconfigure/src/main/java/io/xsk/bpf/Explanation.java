package io.xsk.bpf;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import io.xsk.XskSystemException;
import io.xsk.kernel.Capability;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;

/**
 * What an error number means for the call that failed, and what to do about it.
 *
 * @param meaning the cause, as far as it can be known
 * @param action the next step of the reader
 */
record Explanation(String meaning, String action) {

	/** The next step where neither the call nor the error number suggests one. */
	private static final String LOOK = "Look for the reason in the kernel's log (dmesg, journalctl -k), and see"
			+ " whether a security module or a seccomp filter interferes.";

	/** Explain a missing right. */
	static Explanation rights(Kernel kernel, String what, Capability... needed) {
		Set<Capability> effective = Capability.effective(kernel);
		List<Capability> missing = new ArrayList<>();
		if (!effective.contains(Capability.SYS_ADMIN)) {
			for (Capability capability : needed) {
				if (!effective.contains(capability)) {
					missing.add(capability);
				}
			}
		}
		if (missing.isEmpty()) {
			return new Explanation(what + " is forbidden although the capabilities for it are there.",
					"See whether the container's seccomp profile, a security module or kernel lockdown forbids bpf(2)"
							+ " (dmesg, journalctl -k). Before Linux 5.11 a small RLIMIT_MEMLOCK (ulimit -l) has the"
							+ " same effect.");
		}
		String names = missing.stream().map(Capability::fullName).collect(Collectors.joining(" and "));
		return new Explanation("%s needs %s, which this process lacks.".formatted(what, names),
				Capability.howToGrant(missing.toArray(Capability[]::new)));
	}

	/** Explain a failure of a command that needs no right of its own today. */
	static Explanation general(Kernel kernel, int errno) {
		return switch (errno) {
			case Errno.EPERM -> rights(kernel,
					"bpf(2), on kernels before 5.19 with kernel.unprivileged_bpf_disabled set,", Capability.BPF);
			case Errno.ENOSYS -> new Explanation("the kernel was built without bpf(2).",
					"Use a kernel with CONFIG_BPF_SYSCALL and CONFIG_XDP_SOCKETS.");
			case Errno.ENOMEM -> new Explanation("the kernel has no memory for it.",
					"Free memory, or raise the memory limit of the container or unit (memory.max).");
			case Errno.E2BIG ->
				new Explanation("the kernel is too old for this command's arguments.", "Use Linux 5.10 or later.");
			case Errno.EMFILE, Errno.ENFILE -> new Explanation("the limit on open files is reached.",
					"Raise it: ulimit -n, LimitNOFILE= in a systemd unit, sysctl fs.file-max.");
			default -> new Explanation("the kernel does not say why.", LOOK);
		};
	}

	XskSystemException exception(String call, String arguments, int errno) {
		return new XskSystemException(call, arguments, errno, Errno.symbol(errno), this.meaning, this.action);
	}

}
