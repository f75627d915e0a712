package io.xsk.bpf;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

import io.xsk.XskException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;

/**
 * Opening BPF objects by path and id, and asking the kernel what they are.
 */
final class BpfObjects {

	/** Names of map types in the order of their numbers, as bpftool prints them. */
	private static final String[] MAP_TYPES = """
			unspec hash array prog_array perf_event_array percpu_hash percpu_array stack_trace cgroup_array \
			lru_hash lru_percpu_hash lpm_trie array_of_maps hash_of_maps devmap sockmap cpumap xskmap sockhash \
			cgroup_storage reuseport_sockarray percpu_cgroup_storage queue stack sk_storage devmap_hash \
			struct_ops ringbuf inode_storage task_storage bloom_filter user_ringbuf cgrp_storage arena""".split(" ");

	private static final String PROGRAM = "a BPF program";

	private BpfObjects() {
	}

	/** Write a path for the kernel. */
	static NativeMemory path(Kernel kernel, Path path) {
		byte[] bytes = path.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
		return kernel.allocate(bytes.length + 1).putBytes(0, bytes);
	}

	static BpfCommand openPinned(Kernel kernel, Path path) {
		return BpfCommand.of(kernel, LinuxBpf.BPF_OBJ_GET, "BPF_OBJ_GET", "path=" + path)
			.putAddress(LinuxBpf.OBJ_PATH, path(kernel, path));
	}

	static BpfCommand openById(Kernel kernel, int command, String name, int id) {
		return BpfCommand.of(kernel, command, name, "id=" + id).putInt(LinuxBpf.ID, id);
	}

	/** Ask what the kernel knows of an object. */
	static NativeMemory info(Kernel kernel, int fd, int size) {
		NativeMemory info = kernel.allocate(size);
		BpfCommand.of(kernel, LinuxBpf.BPF_OBJ_GET_INFO_BY_FD, "BPF_OBJ_GET_INFO_BY_FD", "fd=" + fd)
			.putInt(LinuxBpf.INFO_FD, fd)
			.putInt(LinuxBpf.INFO_LEN, size)
			.putAddress(LinuxBpf.INFO_ADDRESS, info)
			.call((errno) -> switch (errno) {
				case Errno.EINVAL -> new Explanation("the descriptor is open, but not one of a BPF object.",
						"Pass the descriptor of an XSKMAP, or of a program or link where one is asked for.");
				case Errno.EBADF -> new Explanation("the descriptor is not open.",
						"Pass a descriptor that is open in this process, and keep it open.");
				default -> Explanation.general(kernel, errno);
			});
		return info;
	}

	/**
	 * Ask for an XSKMAP.
	 * @throws XskException when it is not an XSKMAP
	 */
	static XskMapInfo requireXskMap(Kernel kernel, int fd, String origin) {
		NativeMemory info = info(kernel, fd, LinuxBpf.MAP_INFO_SIZE);
		if (!isXskMap(info)) {
			throw new XskException(
					"%s is %s, not an XSKMAP with keys and values of 4 bytes.".formatted(origin, kind(fd, info)),
					"Name the XSKMAP that the XDP program redirects into; 'bpftool map show' lists the maps by type"
							+ " (xskmap) and 'bpftool map show pinned PATH' tells what a path holds.");
		}
		return mapInfo(info);
	}

	/**
	 * Tell an XSKMAP. No other kind of object can pass for one: a program's tag, a hash,
	 * would have to spell the two sizes.
	 */
	static boolean isXskMap(NativeMemory info) {
		return info.getInt(LinuxBpf.MAP_INFO_TYPE) == LinuxBpf.BPF_MAP_TYPE_XSKMAP
				&& info.getInt(LinuxBpf.MAP_INFO_KEY_SIZE) == Integer.BYTES
				&& info.getInt(LinuxBpf.MAP_INFO_VALUE_SIZE) == Integer.BYTES;
	}

	static XskMapInfo mapInfo(NativeMemory info) {
		return new XskMapInfo(info.getInt(LinuxBpf.MAP_INFO_ID),
				info.getName(LinuxBpf.MAP_INFO_NAME, LinuxBpf.BPF_OBJ_NAME_LEN),
				info.getInt(LinuxBpf.MAP_INFO_MAX_ENTRIES));
	}

	static ProgramInfo programInfo(Kernel kernel, int fd) {
		NativeMemory info = info(kernel, fd, LinuxBpf.PROG_INFO_SIZE);
		byte[] tag = new byte[LinuxBpf.BPF_TAG_SIZE];
		info.buffer().get(LinuxBpf.PROG_INFO_TAG, tag);
		return new ProgramInfo(info.getInt(LinuxBpf.PROG_INFO_ID), HexFormat.of().formatHex(tag),
				info.getName(LinuxBpf.PROG_INFO_NAME, LinuxBpf.BPF_OBJ_NAME_LEN));
	}

	/**
	 * Ask for an XDP program.
	 * @throws XskException when it is not an XDP program
	 */
	static ProgramInfo requireXdpProgram(Kernel kernel, int fd, String origin) {
		NativeMemory info = info(kernel, fd, LinuxBpf.PROG_INFO_SIZE);
		String kind = kind(fd, info);
		if (!kind.equals(PROGRAM) || info.getInt(LinuxBpf.PROG_INFO_TYPE) != LinuxBpf.BPF_PROG_TYPE_XDP) {
			throw new XskException(
					"%s is %s, not an XDP program.".formatted(origin,
							kind.equals(PROGRAM) ? "a BPF program of another type" : kind),
					"Name a program of type xdp; 'bpftool prog show' lists the programs by type and 'bpftool prog show"
							+ " pinned PATH' tells what a path holds.");
		}
		return programInfo(kernel, fd);
	}

	/** Say what a descriptor refers to, for an exception. */
	static String kind(int fd, NativeMemory info) {
		return switch (FileDescriptor.target(fd)) {
			case "anon_inode:bpf-prog" -> PROGRAM;
			case "anon_inode:bpf_link", "anon_inode:[bpf_link]" -> "a BPF link";
			case "anon_inode:bpf-map" -> "a BPF map of type %s with keys of %d and values of %d bytes".formatted(
					mapType(info.getInt(LinuxBpf.MAP_INFO_TYPE)), info.getInt(LinuxBpf.MAP_INFO_KEY_SIZE),
					info.getInt(LinuxBpf.MAP_INFO_VALUE_SIZE));
			default -> "a BPF object of another kind";
		};
	}

	private static String mapType(int type) {
		return (type >= 0 && type < MAP_TYPES.length) ? MAP_TYPES[type] : Integer.toString(type);
	}

}
