package io.xsk.bpf;

import io.xsk.XskSystemException;
import io.xsk.kernel.Capability;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;

/**
 * What the errors of an XSKMAP's commands mean ({@code net/xdp/xskmap.c},
 * {@code kernel/bpf/syscall.c}, Linux 6.18).
 */
final class MapErrors {

	private static final String OPEN_SOCKET = "Activate a socket that is open, and keep it open while it is activated.";

	private MapErrors() {
	}

	static Explanation create(Kernel kernel, int errno) {
		return switch (errno) {
			case Errno.EPERM -> Explanation.rights(kernel, "Creating an XSKMAP", Capability.BPF, Capability.NET_ADMIN);
			case Errno.EINVAL -> new Explanation("the kernel does not know XSKMAPs.",
					"Use Linux 5.10 or later with CONFIG_XDP_SOCKETS=y (zgrep XDP_SOCKETS /proc/config.gz).");
			case Errno.E2BIG, Errno.ENOMEM -> new Explanation("the kernel has no memory for a map of that size.",
					"Make the map as large as the interface has RX queues (ethtool -l), no larger.");
			default -> Explanation.general(kernel, errno);
		};
	}

	static Explanation openById(Kernel kernel, int id, int errno) {
		return switch (errno) {
			case Errno.EPERM -> Explanation.rights(kernel, "Opening a map by its id", Capability.SYS_ADMIN);
			case Errno.ENOENT -> new Explanation("no map has the id " + id + ".",
					"Take the id from 'bpftool map show'; ids are not used again, so look again after a restart of the"
							+ " program that owns the map.");
			default -> Explanation.general(kernel, errno);
		};
	}

	static XskSystemException update(Kernel kernel, int mapFd, int queueId, int socketFd, UpdateMode mode,
			int maxEntries, int errno) {
		String arguments = "map fd=%d, key=%s, value=%d, flags=%s(%d)".formatted(mapFd,
				Integer.toUnsignedString(queueId), socketFd, mode.symbol(), mode.flags());
		Explanation explanation = switch (errno) {
			case Errno.E2BIG -> outside(queueId, maxEntries);
			case Errno.EEXIST -> new Explanation("another socket holds the slot of queue " + queueId + ".",
					"Stop the application that activated it, choose another queue, or replace it (policy replace).");
			case Errno.ENOENT -> new Explanation("the slot of queue " + queueId + " is empty.",
					"Update with ANY or NO_EXIST to fill it.");
			case Errno.EBADF -> new Explanation("the value " + socketFd + " is not an open descriptor.", OPEN_SOCKET);
			case Errno.ENOTSOCK ->
				new Explanation("the value " + socketFd + " is a descriptor, but not one of a socket.", OPEN_SOCKET);
			case Errno.EOPNOTSUPP ->
				new Explanation("the value " + socketFd + " is a socket, but not an AF_XDP socket.",
						"Activate a socket that was made with socket(AF_XDP, SOCK_RAW, 0).");
			case Errno.EPERM -> readOnly(kernel);
			case Errno.EINVAL -> notOurMap();
			default -> Explanation.general(kernel, errno);
		};
		return explanation.exception("bpf BPF_MAP_UPDATE_ELEM", arguments, errno);
	}

	static XskSystemException delete(Kernel kernel, int mapFd, int queueId, int maxEntries, int errno) {
		Explanation explanation = switch (errno) {
			case Errno.EINVAL ->
				(Integer.compareUnsigned(queueId, maxEntries) >= 0) ? outside(queueId, maxEntries) : notOurMap();
			case Errno.EPERM -> readOnly(kernel);
			case Errno.EBADF -> notOurMap();
			default -> Explanation.general(kernel, errno);
		};
		return explanation.exception("bpf BPF_MAP_DELETE_ELEM",
				"map fd=%d, key=%s".formatted(mapFd, Integer.toUnsignedString(queueId)), errno);
	}

	private static Explanation outside(int queueId, int maxEntries) {
		return new Explanation(
				"queue %s is past the map, which has %d slots.".formatted(Integer.toUnsignedString(queueId),
						maxEntries),
				"Choose a queue from 0 to %d, or make the map larger (max-entries).".formatted(maxEntries - 1));
	}

	private static Explanation readOnly(Kernel kernel) {
		if (!Capability.effective(kernel).contains(Capability.BPF)) {
			return new Explanation(
					"the map is frozen or was opened read-only, or the kernel is older than 5.19 and this"
							+ " process lacks CAP_BPF.",
					"Pass a descriptor that may write. On a kernel before 5.19: "
							+ Capability.howToGrant(Capability.BPF));
		}
		return new Explanation("the map is frozen, or its descriptor was opened read-only.",
				"Pass a descriptor that may write, and do not freeze an XSKMAP.");
	}

	private static Explanation notOurMap() {
		return new Explanation("the descriptor is not that of the map any more.",
				"Find the code that closes descriptors it does not own.");
	}

}
