package io.xsk.bpf;

import java.nio.charset.StandardCharsets;

import io.xsk.XskSystemException;
import io.xsk.bpf.asm.Instruction;
import io.xsk.kernel.Capability;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;

/**
 * Loads XDP programs.
 */
final class ProgramLoader {

	/** None of the helpers that are used wants the GPL. */
	private static final String LICENSE = "Dual BSD/GPL";

	/**
	 * The verifier gives up with EAGAIN when a signal arrives: so often it is asked
	 * again.
	 */
	private static final int ATTEMPTS = 5;

	private static final int LOG_LEVEL = 1;

	private static final int LOG_SIZE = 1 << 20;

	/** So much of the log, from its end, goes into the exception: the reason is there. */
	private static final int LOG_SHOWN = 4000;

	private ProgramLoader() {
	}

	/**
	 * Load a program. Asks for the verifier's log only after a refusal: writing it makes
	 * loading many times slower.
	 * @throws XskSystemException when the kernel refuses, with the verifier's log where
	 * the verifier wrote one
	 */
	static FileDescriptor load(Kernel kernel, String name, byte[] instructions) {
		return load(kernel, name, instructions, 0);
	}

	/**
	 * Load a program with flags.
	 * @throws XskSystemException when the kernel refuses, with the verifier's log where
	 * the verifier wrote one
	 */
	static FileDescriptor load(Kernel kernel, String name, byte[] instructions, int flags) {
		BpfCommand command = command(kernel, name, instructions, flags);
		int result = attempt(command);
		if (result < 0) {
			NativeMemory log = kernel.allocate(LOG_SIZE);
			int second = attempt(
					command(kernel, name, instructions, flags).putInt(LinuxBpf.PROG_LOAD_LOG_LEVEL, LOG_LEVEL)
						.putInt(LinuxBpf.PROG_LOAD_LOG_SIZE, LOG_SIZE)
						.putAddress(LinuxBpf.PROG_LOAD_LOG_BUF, log));
			if (second < 0) {
				throw command.failure(-result, explain(kernel, -result, log.getName(0, LOG_SIZE).strip()));
			}
			result = second;
		}
		return FileDescriptor.own(kernel, result);
	}

	private static BpfCommand command(Kernel kernel, String name, byte[] instructions, int flags) {
		int count = instructions.length / Instruction.SIZE;
		byte[] license = LICENSE.getBytes(StandardCharsets.US_ASCII);
		return BpfCommand
			.of(kernel, LinuxBpf.BPF_PROG_LOAD, "BPF_PROG_LOAD",
					"type=XDP, name=%s, instructions=%d".formatted(name, count))
			.putInt(LinuxBpf.PROG_LOAD_TYPE, LinuxBpf.BPF_PROG_TYPE_XDP)
			.putInt(LinuxBpf.PROG_LOAD_INSN_CNT, count)
			.putAddress(LinuxBpf.PROG_LOAD_INSNS, kernel.allocate(instructions.length).putBytes(0, instructions))
			.putAddress(LinuxBpf.PROG_LOAD_LICENSE, kernel.allocate(license.length + 1).putBytes(0, license))
			.putName(LinuxBpf.PROG_LOAD_NAME, name)
			.putInt(LinuxBpf.PROG_LOAD_FLAGS, flags)
			.putInt(LinuxBpf.PROG_LOAD_EXPECTED_ATTACH_TYPE, LinuxBpf.BPF_XDP);
	}

	private static int attempt(BpfCommand command) {
		int result = command.tryCall();
		for (int i = 1; i < ATTEMPTS && result == -Errno.EAGAIN; i++) {
			result = command.tryCall();
		}
		return result;
	}

	private static Explanation explain(Kernel kernel, int errno, String log) {
		if (errno == Errno.E2BIG) {
			return new Explanation("the verifier gives up on the program, which is too large for it.",
					"Put ports and addresses that share their other fields into one rule, or use fewer rules.");
		}
		if (!log.isEmpty()) {
			String shown = (log.length() > LOG_SHOWN) ? "…" + log.substring(log.length() - LOG_SHOWN) : log;
			return new Explanation("the verifier refuses the program.", """
					Report this with the kernel's version (uname -r); Linux 6.18 is known to work. The \
					verifier's log ends with:
					""" + shown);
		}
		return switch (errno) {
			case Errno.EPERM ->
				Explanation.rights(kernel, "Loading an XDP program", Capability.BPF, Capability.NET_ADMIN);
			case Errno.EINVAL -> new Explanation("the kernel does not know such programs.",
					"Use Linux 5.10 or later with CONFIG_BPF_SYSCALL and CONFIG_XDP_SOCKETS.");
			case Errno.EBADF -> new Explanation("the map that the program uses is closed.",
					"Keep the XSKMAP open until the program is loaded.");
			default -> Explanation.general(kernel, errno);
		};
	}

}
