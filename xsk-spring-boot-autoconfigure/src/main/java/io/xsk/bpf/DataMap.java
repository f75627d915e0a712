package io.xsk.bpf;

import io.xsk.XskSystemException;
import io.xsk.kernel.Capability;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;
import io.xsk.kernel.PossibleCpus;

/**
 * A map that holds data of a redirect program: counters or sets. Not thread-safe.
 */
final class DataMap implements AutoCloseable {

	/** So many elements are read at a call. */
	private static final int BATCH_SIZE = 4096;

	private final Kernel kernel;

	private final FileDescriptor descriptor;

	private final NativeMemory key;

	private final NativeMemory value;

	private final NativeMemory attributes;

	private DataMap(Kernel kernel, FileDescriptor descriptor, int keySize, int valueSize) {
		this.kernel = kernel;
		this.descriptor = descriptor;
		this.key = kernel.allocate(keySize);
		this.value = kernel.allocate(valueSize);
		this.attributes = kernel.allocate(LinuxBpf.MAP_ELEM_SIZE)
			.putAddress(LinuxBpf.MAP_ELEM_KEY, this.key)
			.putAddress(LinuxBpf.MAP_ELEM_VALUE, this.value);
	}

	/**
	 * Create a map.
	 * @throws XskSystemException when the kernel refuses
	 */
	static DataMap create(Kernel kernel, String name, int type, int keySize, int maxEntries) {
		FileDescriptor descriptor = BpfCommand
			.of(kernel, LinuxBpf.BPF_MAP_CREATE, "BPF_MAP_CREATE",
					"type=%d, name=%s, max_entries=%d".formatted(type, name, maxEntries))
			.putInt(LinuxBpf.MAP_CREATE_TYPE, type)
			.putInt(LinuxBpf.MAP_CREATE_KEY_SIZE, keySize)
			.putInt(LinuxBpf.MAP_CREATE_VALUE_SIZE, Long.BYTES)
			.putInt(LinuxBpf.MAP_CREATE_MAX_ENTRIES, maxEntries)
			.putInt(LinuxBpf.MAP_CREATE_FLAGS,
					(type == LinuxBpf.BPF_MAP_TYPE_LPM_TRIE) ? LinuxBpf.BPF_F_NO_PREALLOC : 0)
			.putName(LinuxBpf.MAP_CREATE_NAME, name)
			.open((errno) -> switch (errno) {
				case Errno.EPERM ->
					Explanation.rights(kernel, "Creating a BPF map", Capability.BPF, Capability.NET_ADMIN);
				case Errno.ENOMEM, Errno.E2BIG -> new Explanation("the kernel has no memory for a map of that size.",
						"Use fewer rules, ports and addresses.");
				default -> Explanation.general(kernel, errno);
			});
		boolean perCpu = type == LinuxBpf.BPF_MAP_TYPE_PERCPU_ARRAY;
		return new DataMap(kernel, descriptor, keySize, perCpu ? Long.BYTES * PossibleCpus.count() : Long.BYTES);
	}

	/** Open another descriptor of the map. */
	DataMap duplicate() {
		return new DataMap(this.kernel, FileDescriptor.duplicate(this.kernel, fd()), this.key.size(),
				this.value.size());
	}

	int fd() {
		return this.descriptor.value();
	}

	/** Write an element. */
	void put(byte[] keyBytes, long number) {
		this.key.putBytes(0, keyBytes);
		this.value.putLong(0, number);
		call(LinuxBpf.BPF_MAP_UPDATE_ELEM, "BPF_MAP_UPDATE_ELEM");
	}

	/** Write an element of an array. */
	void put(int index, long number) {
		this.key.putInt(0, index);
		this.value.putLong(0, number);
		call(LinuxBpf.BPF_MAP_UPDATE_ELEM, "BPF_MAP_UPDATE_ELEM");
	}

	/** Read an element of an array. */
	long sum(int index) {
		this.key.putInt(0, index);
		call(LinuxBpf.BPF_MAP_LOOKUP_ELEM, "BPF_MAP_LOOKUP_ELEM");
		return sum(this.value, 0);
	}

	/**
	 * Read the first elements of an array, many at a call where the kernel can do that
	 * (per-CPU arrays since Linux 5.13).
	 */
	long[] sums(int count) {
		long[] sums = new long[count];
		int read = readBatches(sums);
		for (int index = read; index < count; index++) {
			sums[index] = sum(index);
		}
		return sums;
	}

	/** Returns how many elements were read, from the first on. */
	private int readBatches(long[] sums) {
		int batch = Math.min(sums.length, BATCH_SIZE);
		NativeMemory keys = this.kernel.allocate(batch * Integer.BYTES);
		NativeMemory values = this.kernel.allocate(batch * this.value.size());
		NativeMemory next = this.kernel.allocate(Integer.BYTES);
		NativeMemory command = this.kernel.allocate(LinuxBpf.MAP_BATCH_SIZE)
			.putAddress(LinuxBpf.MAP_BATCH_OUT_BATCH, next)
			.putAddress(LinuxBpf.MAP_BATCH_KEYS, keys)
			.putAddress(LinuxBpf.MAP_BATCH_VALUES, values)
			.putInt(LinuxBpf.MAP_BATCH_MAP_FD, fd());
		int read = 0;
		while (read < sums.length) {
			command.putInt(LinuxBpf.MAP_BATCH_COUNT, Math.min(batch, sums.length - read));
			int result = this.kernel.bpf(LinuxBpf.BPF_MAP_LOOKUP_BATCH, command);
			int count = command.getInt(LinuxBpf.MAP_BATCH_COUNT);
			// the last element is told by ENOENT, with the elements before it
			if ((result < 0 && result != -Errno.ENOENT) || count == 0) {
				return read;
			}
			for (int i = 0; i < count && read < sums.length; i++) {
				sums[read++] = sum(values, i * this.value.size());
			}
			command.putAddress(LinuxBpf.MAP_BATCH_IN_BATCH, next);
		}
		return read;
	}

	private long sum(NativeMemory values, int start) {
		long sum = 0;
		for (int offset = 0; offset < this.value.size(); offset += Long.BYTES) {
			sum += values.getLong(start + offset);
		}
		return sum;
	}

	private void call(int command, String name) {
		this.attributes.putInt(LinuxBpf.MAP_ELEM_MAP_FD, fd());
		int result = this.kernel.bpf(command, this.attributes);
		if (result < 0) {
			throw Explanation.general(this.kernel, -result).exception("bpf " + name, "map fd=" + fd(), -result);
		}
	}

	@Override
	public void close() {
		this.descriptor.close();
	}

}
