package io.xsk.bpf;

import java.util.ArrayList;
import java.util.List;

import io.xsk.XskException;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;

/**
 * Finds the XSKMAP among the maps that a program uses.
 */
final class ProgramMapFinder {

	private ProgramMapFinder() {
	}

	static XskMap open(Kernel kernel, int programFd, String program) {
		List<Integer> ids = xskMapIds(kernel, programFd);
		if (ids.size() != 1) {
			throw new XskException(
					"%s uses %s.".formatted(program,
							ids.isEmpty() ? "no XSKMAP" : "several XSKMAPs (ids %s)".formatted(ids)),
					ids.isEmpty()
							? "Use a program that redirects into an XSKMAP; 'bpftool prog show id ID' lists its maps."
							: "Say which one: pin it (bpftool map pin id ID PATH) and set map.pinned-path.");
		}
		return XskMap.openById(kernel, ids.get(0));
	}

	private static List<Integer> xskMapIds(Kernel kernel, int programFd) {
		NativeMemory first = BpfObjects.info(kernel, programFd, LinuxBpf.PROG_INFO_SIZE);
		int count = first.getInt(LinuxBpf.PROG_INFO_NR_MAP_IDS);
		NativeMemory ids = kernel.allocate(Math.max(1, count) * Integer.BYTES);
		NativeMemory info = kernel.allocate(LinuxBpf.PROG_INFO_SIZE)
			.putInt(LinuxBpf.PROG_INFO_NR_MAP_IDS, count)
			.putAddress(LinuxBpf.PROG_INFO_MAP_IDS, ids);
		BpfCommand.of(kernel, LinuxBpf.BPF_OBJ_GET_INFO_BY_FD, "BPF_OBJ_GET_INFO_BY_FD", "program fd=" + programFd)
			.putInt(LinuxBpf.INFO_FD, programFd)
			.putInt(LinuxBpf.INFO_LEN, LinuxBpf.PROG_INFO_SIZE)
			.putAddress(LinuxBpf.INFO_ADDRESS, info)
			.call((errno) -> Explanation.general(kernel, errno));
		List<Integer> found = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			int id = ids.getInt(i * Integer.BYTES);
			try (FileDescriptor map = BpfObjects
				.openById(kernel, LinuxBpf.BPF_MAP_GET_FD_BY_ID, "BPF_MAP_GET_FD_BY_ID", id)
				.open((errno) -> MapErrors.openById(kernel, id, errno))) {
				if (BpfObjects.isXskMap(BpfObjects.info(kernel, map.value(), LinuxBpf.MAP_INFO_SIZE))) {
					found.add(id);
				}
			}
		}
		return found;
	}

}
