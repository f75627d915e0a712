package io.xsk.bpf;

import io.xsk.kernel.AttachedProgram;
import io.xsk.kernel.Capability;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.XdpMode;
import org.jspecify.annotations.Nullable;

/**
 * Who holds the XDP hook of an interface. The program's id and mode need no capability;
 * its name, and whether a link holds it, need CAP_SYS_ADMIN.
 *
 * @param program what is attached, {@code null} when the kernel shows nothing
 * @param programName its name, {@code null} when the rights do not let us know
 * @param linkId the link that holds it, 0 when it was attached by netlink, {@code null}
 * when the rights do not let us know
 */
record InterfaceHolder(@Nullable AttachedProgram program, @Nullable String programName, @Nullable Integer linkId) {

	private static final int BY_NETLINK = 0;

	static InterfaceHolder of(Kernel kernel, NetworkInterface networkInterface) {
		AttachedProgram program = NetworkInterface.byIndex(kernel, networkInterface.index())
			.map(NetworkInterface::program)
			.orElse(null);
		if (program == null || !Capability.effective(kernel).contains(Capability.SYS_ADMIN)) {
			return new InterfaceHolder(program, null, null);
		}
		return new InterfaceHolder(program, programName(kernel, program.id()),
				linkId(kernel, networkInterface.index(), program.id()));
	}

	private static @Nullable String programName(Kernel kernel, int programId) {
		int fd = BpfObjects.openById(kernel, LinuxBpf.BPF_PROG_GET_FD_BY_ID, "BPF_PROG_GET_FD_BY_ID", programId)
			.tryCall();
		if (fd < 0) {
			return null;
		}
		try (FileDescriptor program = FileDescriptor.own(kernel, fd)) {
			return BpfObjects.programInfo(kernel, program.value()).name();
		}
	}

	private static @Nullable Integer linkId(Kernel kernel, int interfaceIndex, int programId) {
		int id = 0;
		while (true) {
			BpfCommand next = BpfObjects.openById(kernel, LinuxBpf.BPF_LINK_GET_NEXT_ID, "BPF_LINK_GET_NEXT_ID", id);
			int result = next.tryCall();
			if (result < 0) {
				return (result == -Errno.ENOENT) ? BY_NETLINK : null;
			}
			id = next.getInt(LinuxBpf.NEXT_ID);
			if (holds(kernel, id, interfaceIndex, programId)) {
				return id;
			}
		}
	}

	private static boolean holds(Kernel kernel, int linkId, int interfaceIndex, int programId) {
		int fd = BpfObjects.openById(kernel, LinuxBpf.BPF_LINK_GET_FD_BY_ID, "BPF_LINK_GET_FD_BY_ID", linkId).tryCall();
		if (fd < 0) {
			// It is gone since its id was listed
			return false;
		}
		try (FileDescriptor link = FileDescriptor.own(kernel, fd)) {
			NativeMemory info = BpfObjects.info(kernel, link.value(), LinuxBpf.LINK_INFO_SIZE);
			return info.getInt(LinuxBpf.LINK_INFO_TYPE) == LinuxBpf.BPF_LINK_TYPE_XDP
					&& info.getInt(LinuxBpf.LINK_INFO_XDP_IFINDEX) == interfaceIndex
					&& info.getInt(LinuxBpf.LINK_INFO_PROG_ID) == programId;
		}
	}

	Explanation explain(String interfaceName, boolean otherMode) {
		if (this.program == null) {
			return new Explanation(
					"something holds the XDP hook of '%s', but the kernel shows no program there."
						.formatted(interfaceName),
					"Try again if it was just stopped; see whether the interface is part of a bond or bridge that has"
							+ " an XDP program (ip -d link show, bpftool net).");
		}
		StringBuilder meaning = new StringBuilder(
				"'%s' has the XDP program %d".formatted(interfaceName, this.program.id()));
		if (this.programName != null) {
			meaning.append(" (").append(this.programName).append(')');
		}
		meaning.append(" in ").append(modeName(this.program.mode())).append(" mode already");
		if (this.linkId != null) {
			meaning
				.append((this.linkId == BY_NETLINK) ? ", attached by netlink, so that it may have no process any more"
						: ", held by link " + this.linkId + " of a process that is running or by a pin");
		}
		meaning.append(otherMode ? "; native and generic mode exclude each other." : ".");
		return new Explanation(meaning.toString(), action(interfaceName, this.program));
	}

	private String action(String interfaceName, AttachedProgram held) {
		String detach = "ip link set dev %s %s off".formatted(interfaceName, switch (held.mode()) {
			case NATIVE -> "xdpdrv";
			case GENERIC -> "xdpgeneric";
			case OFFLOADED -> "xdpoffload";
		});
		String share = " To receive through that program instead, set map.pinned-path of the interface (under xsk.interfaces) to where its XSKMAP is pinned.";
		if (this.linkId == null) {
			return ("Stop the application that attached it; as root, 'bpftool net' and 'bpftool link' show more. If no"
					+ " application is left, it was attached by netlink: %s.")
				.formatted(detach) + share;
		}
		if (this.linkId == BY_NETLINK) {
			return "Stop the application that attached it; if none is left: %s. 'bpftool net' shows what is attached."
				.formatted(detach) + share;
		}
		return "Stop the application that holds the link; 'bpftool link show id %d' names its process."
			.formatted(this.linkId) + share;
	}

	private static String modeName(XdpMode mode) {
		return switch (mode) {
			case NATIVE -> "native";
			case GENERIC -> "generic";
			case OFFLOADED -> "offloaded";
		};
	}

}
