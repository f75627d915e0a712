package io.xsk.bpf;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;

/**
 * The calls that write and clear the slots of one map. Their memory is made once, so that
 * a call allocates nothing; the owner guards them with a lock.
 */
final class MapSlots {

	private final Kernel kernel;

	private final NativeMemory key;

	private final NativeMemory value;

	private final NativeMemory updateAttributes;

	private final NativeMemory deleteAttributes;

	MapSlots(Kernel kernel) {
		this.kernel = kernel;
		this.key = kernel.allocate(Integer.BYTES);
		this.value = kernel.allocate(Integer.BYTES);
		this.updateAttributes = kernel.allocate(LinuxBpf.MAP_ELEM_SIZE)
			.putAddress(LinuxBpf.MAP_ELEM_KEY, this.key)
			.putAddress(LinuxBpf.MAP_ELEM_VALUE, this.value);
		// The kernel refuses a delete whose attributes hold anything behind the key
		this.deleteAttributes = kernel.allocate(LinuxBpf.MAP_ELEM_SIZE).putAddress(LinuxBpf.MAP_ELEM_KEY, this.key);
	}

	// Return 0 or a negated error number
	int update(int mapFd, int queueId, int socketFd, UpdateMode mode) {
		this.key.putInt(0, queueId);
		this.value.putInt(0, socketFd);
		this.updateAttributes.putInt(LinuxBpf.MAP_ELEM_MAP_FD, mapFd).putLong(LinuxBpf.MAP_ELEM_FLAGS, mode.flags());
		return this.kernel.bpf(LinuxBpf.BPF_MAP_UPDATE_ELEM, this.updateAttributes);
	}

	// Return 0 or a negated error number
	int delete(int mapFd, int queueId) {
		this.key.putInt(0, queueId);
		this.deleteAttributes.putInt(LinuxBpf.MAP_ELEM_MAP_FD, mapFd);
		return this.kernel.bpf(LinuxBpf.BPF_MAP_DELETE_ELEM, this.deleteAttributes);
	}

}
