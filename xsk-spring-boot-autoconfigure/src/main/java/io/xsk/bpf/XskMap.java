package io.xsk.bpf;

import java.nio.file.Path;

import io.xsk.CloseableStack;
import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import org.jspecify.annotations.Nullable;

/**
 * An XSKMAP: one slot for each RX queue, which holds the socket that an XDP program
 * redirects the queue's packets to ({@code net/xdp/xskmap.c}). The kernel keeps no
 * reference on a socket in a slot: when the socket is closed, its slots are empty.
 * <p>
 * Thread-safe. {@link #update}, {@link #putIfAbsent} and {@link #delete} allocate nothing
 * unless they fail.
 *
 * @since 0.1.0
 */
public final class XskMap implements AutoCloseable {

	/** A socket's queue id has 16 bits in the kernel: there is no use for more slots. */
	private static final int MAX_ENTRIES = 1 << 16;

	private final Kernel kernel;

	private final FileDescriptor descriptor;

	private final MapSlots slots;

	private final int id;

	private final int maxEntries;

	private final @Nullable Path openedFrom;

	private final Object lock = new Object();

	private final MapProbe probe = new MapProbe(this);

	private @Nullable Path pinnedTo;

	private XskMap(Kernel kernel, FileDescriptor descriptor, XskMapInfo info, @Nullable Path openedFrom) {
		this.kernel = kernel;
		this.descriptor = descriptor;
		this.slots = new MapSlots(kernel);
		this.id = info.id();
		this.maxEntries = info.maxEntries();
		this.openedFrom = openedFrom;
	}

	/**
	 * Create a map with empty slots. Needs CAP_BPF and CAP_NET_ADMIN.
	 * @param kernel where to create it
	 * @param name its name in the kernel's lists: cut to 15 characters, with {@code _} in
	 * place of characters that the kernel does not allow
	 * @param maxEntries the number of its slots, 1 to 65536
	 * @return the map
	 * @throws IllegalArgumentException when the number of slots is outside its range
	 * @throws XskSystemException when the kernel refuses
	 */
	public static XskMap create(Kernel kernel, String name, int maxEntries) {
		if (maxEntries < 1 || maxEntries > MAX_ENTRIES) {
			throw new IllegalArgumentException(
					"An XSKMAP has 1 to %d slots, not %d. Give it as many as the interface has RX queues."
						.formatted(MAX_ENTRIES, maxEntries));
		}
		String kernelName = name.replaceAll("[^A-Za-z0-9_.]", "_");
		FileDescriptor descriptor = BpfCommand
			.of(kernel, LinuxBpf.BPF_MAP_CREATE, "BPF_MAP_CREATE",
					"type=XSKMAP, name=%s, max_entries=%d".formatted(kernelName, maxEntries))
			.putInt(LinuxBpf.MAP_CREATE_TYPE, LinuxBpf.BPF_MAP_TYPE_XSKMAP)
			.putInt(LinuxBpf.MAP_CREATE_KEY_SIZE, Integer.BYTES)
			.putInt(LinuxBpf.MAP_CREATE_VALUE_SIZE, Integer.BYTES)
			.putInt(LinuxBpf.MAP_CREATE_MAX_ENTRIES, maxEntries)
			.putName(LinuxBpf.MAP_CREATE_NAME, kernelName)
			.open((errno) -> MapErrors.create(kernel, errno));
		return checked(kernel, descriptor, "The new map", null);
	}

	/**
	 * Open a map that is pinned to a path on a BPF file system. Needs no capability, but
	 * the right to read and write the file, and, before Linux 5.19, CAP_BPF.
	 * @param kernel where to open it
	 * @param path the path
	 * @return the map
	 * @throws XskSystemException when the kernel does not open it
	 * @throws XskException when it is something else than an XSKMAP
	 */
	public static XskMap openPinned(Kernel kernel, Path path) {
		FileDescriptor descriptor = BpfObjects.openPinned(kernel, path)
			.open((errno) -> PinErrors.open(kernel, path, errno));
		return checked(kernel, descriptor, "'" + path + "'", path);
	}

	/**
	 * Open a map by the kernel's id of it. Needs CAP_SYS_ADMIN.
	 * @param kernel where to open it
	 * @param id the id, as {@code bpftool map show} prints it
	 * @return the map
	 * @throws XskSystemException when the kernel does not open it
	 * @throws XskException when it is something else than an XSKMAP
	 */
	public static XskMap openById(Kernel kernel, int id) {
		FileDescriptor descriptor = BpfObjects
			.openById(kernel, LinuxBpf.BPF_MAP_GET_FD_BY_ID, "BPF_MAP_GET_FD_BY_ID", id)
			.open((errno) -> MapErrors.openById(kernel, id, errno));
		return checked(kernel, descriptor, "Map " + id, null);
	}

	/**
	 * Use a map whose descriptor was passed to this process. Needs no capability.
	 * @param kernel where it is open
	 * @param fd a descriptor of the map; it is duplicated and stays the caller's
	 * @return the map
	 * @throws XskSystemException when the descriptor is not open, or not one of a BPF
	 * object
	 * @throws XskException when it is something else than an XSKMAP
	 */
	public static XskMap ofDescriptor(Kernel kernel, int fd) {
		return checked(kernel, FileDescriptor.duplicate(kernel, fd), "Descriptor " + fd, null);
	}

	private static XskMap checked(Kernel kernel, FileDescriptor descriptor, String origin, @Nullable Path path) {
		return CloseableStack.closingOnFailure(descriptor, () -> new XskMap(kernel, descriptor,
				BpfObjects.requireXskMap(kernel, descriptor.value(), origin), path));
	}

	/**
	 * Pin the map to a path, so that other processes can open it there. The file belongs
	 * to the user of this process and only that user may open it, until its mode is
	 * changed. It outlives this process; {@link #unpin()} removes it.
	 * @param path a path on a BPF file system, without a dot, where no file is yet
	 * @throws XskSystemException when the kernel refuses
	 * @throws IllegalStateException when this object has pinned the map already
	 */
	public void pin(Path path) {
		synchronized (this.lock) {
			if (this.pinnedTo != null) {
				throw new IllegalStateException(
						"The map is pinned to '%s' already. Call unpin() first.".formatted(this.pinnedTo));
			}
			MapPin.make(this.kernel, path, fd());
			this.pinnedTo = path.toAbsolutePath();
		}
	}

	/**
	 * Take over the pin that the map was opened from, so that {@link #unpin()} deletes
	 * it. For the one who feeds the map, and whose predecessor ended without deleting it.
	 * @throws IllegalStateException when the map was not opened by
	 * {@link #openPinned(Kernel, Path)}
	 */
	public void adoptPin() {
		synchronized (this.lock) {
			if (this.openedFrom == null) {
				throw new IllegalStateException("The map was not opened from a pin. Pin it with pin(Path).");
			}
			this.pinnedTo = this.openedFrom.toAbsolutePath();
		}
	}

	/**
	 * Delete the file that {@link #pin} made or {@link #adoptPin()} took over, also after
	 * {@link #close()}. A file that is something else by now is left alone, and without a
	 * pin nothing is done. Looking and deleting are two steps: a file that somebody puts
	 * there between them is lost.
	 * @throws XskException when the file cannot be examined or deleted
	 */
	public void unpin() {
		synchronized (this.lock) {
			Path path = this.pinnedTo;
			if (path == null) {
				return;
			}
			MapPin.delete(this.kernel, path, this.id);
			this.pinnedTo = null;
		}
	}

	/**
	 * Ask the kernel about the map.
	 * @return its id, name and size
	 * @throws XskSystemException when the kernel does not answer
	 */
	public XskMapInfo info() {
		synchronized (this.lock) {
			return BpfObjects.requireXskMap(this.kernel, fd(), "The map");
		}
	}

	/**
	 * Return where the map is pinned, as far as this object knows.
	 * @return the path that it was pinned to by {@link #pin} or opened from, {@code null}
	 * for neither
	 */
	public @Nullable Path pinnedPath() {
		synchronized (this.lock) {
			return (this.pinnedTo != null) ? this.pinnedTo : this.openedFrom;
		}
	}

	/**
	 * Return the descriptor, which stays this object's.
	 * @return the number of the descriptor
	 * @throws IllegalStateException after {@link #close()}
	 */
	public int fd() {
		return this.descriptor.value();
	}

	/**
	 * Return the number of slots.
	 * @return at least 1; queue ids from 0 to one less fit
	 */
	public int maxEntries() {
		return this.maxEntries;
	}

	/**
	 * Return the kernel that the map is open in.
	 * @return the kernel
	 */
	public Kernel kernel() {
		return this.kernel;
	}

	/**
	 * Look whether a slot holds a socket, without changing it. The first look loads a
	 * {@link SlotProbe} where the rights allow that, which is closed with this map. Where
	 * they do not, a security module refuses it or memory is short, nothing is known; see
	 * {@link #probeRefusal()}.
	 * @param queueId the RX queue
	 * @return what the slot holds, {@link Occupancy#UNKNOWN} without a probe
	 * @throws XskSystemException when a loaded probe does not run
	 */
	public Occupancy occupancy(int queueId) {
		synchronized (this.lock) {
			return this.probe.occupancy(queueId);
		}
	}

	/**
	 * Return why slots cannot be looked at.
	 * @return the kernel's refusal to load a {@link SlotProbe}, {@code null} when it has
	 * not been asked or has not refused
	 */
	public @Nullable XskSystemException probeRefusal() {
		synchronized (this.lock) {
			return this.probe.refusal();
		}
	}

	/**
	 * Look at slots with a probe that somebody with the rights has loaded for this map.
	 * @param probe the probe, from now on closed with this map
	 */
	public void useProbe(SlotProbe probe) {
		synchronized (this.lock) {
			this.probe.use(probe);
		}
	}

	/**
	 * Put a socket into the slot of a queue. From then on the packets that a program
	 * redirects on that queue land in the socket. The kernel takes a socket that is
	 * unbound, bound to another queue or without buffers, and drops its packets silently:
	 * the caller looks first.
	 * @param queueId the RX queue, from 0 to {@link #maxEntries()} - 1
	 * @param socketFd the descriptor of an AF_XDP socket
	 * @param mode what to do with what the slot holds already
	 * @throws XskSystemException when the kernel refuses: with E2BIG for a queue past the
	 * map, EEXIST or ENOENT according to the mode, EBADF, ENOTSOCK or EOPNOTSUPP for what
	 * is not an AF_XDP socket, EPERM when the map may not be written
	 */
	public void update(int queueId, int socketFd, UpdateMode mode) {
		synchronized (this.lock) {
			int result = this.slots.update(fd(), queueId, socketFd, mode);
			if (result < 0) {
				throw updateFailure(queueId, socketFd, mode, -result);
			}
		}
	}

	/**
	 * Put a socket into the slot of a queue unless another one is there. Tells a socket's
	 * owner whether the slot is its own, at the price of filling an empty one.
	 * @param queueId the RX queue, from 0 to {@link #maxEntries()} - 1
	 * @param socketFd the descriptor of an AF_XDP socket
	 * @return whether the slot holds this socket now, be it new or not; {@code false}
	 * when another socket is there
	 * @throws XskSystemException as {@link #update}, but not for EEXIST
	 */
	public boolean putIfAbsent(int queueId, int socketFd) {
		synchronized (this.lock) {
			int result = this.slots.update(fd(), queueId, socketFd, UpdateMode.NO_EXIST);
			if (result < 0 && result != -Errno.EEXIST) {
				throw updateFailure(queueId, socketFd, UpdateMode.NO_EXIST, -result);
			}
			return result == 0;
		}
	}

	/**
	 * Empty the slot of a queue, whoever's socket is in it. An empty slot stays empty.
	 * @param queueId the RX queue, from 0 to {@link #maxEntries()} - 1
	 * @throws XskSystemException when the kernel refuses: EINVAL for a queue past the
	 * map, EPERM when the map may not be written
	 */
	public void delete(int queueId) {
		synchronized (this.lock) {
			int result = this.slots.delete(fd(), queueId);
			if (result < 0) {
				throw MapErrors.delete(this.kernel, fd(), queueId, this.maxEntries, -result);
			}
		}
	}

	private XskSystemException updateFailure(int queueId, int socketFd, UpdateMode mode, int errno) {
		return MapErrors.update(this.kernel, fd(), queueId, socketFd, mode, this.maxEntries, errno);
	}

	/**
	 * Close the descriptor. The map itself lives on while a program, a socket in it, a
	 * pin or another process holds it. The pin stays. A second call does nothing.
	 */
	@Override
	public void close() {
		synchronized (this.lock) {
			try {
				this.probe.close();
			}
			finally {
				this.descriptor.close();
			}
		}
	}

	@Override
	public String toString() {
		return "XskMap[id=%d, maxEntries=%d, fd=%s]".formatted(this.id, this.maxEntries, this.descriptor);
	}

}
