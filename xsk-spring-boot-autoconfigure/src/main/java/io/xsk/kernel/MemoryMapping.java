package io.xsk.kernel;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

import io.xsk.XskSystemException;

/**
 * Mapped memory with one owner, who unmaps it. A buffer taken from it must not be used
 * after {@link #close()}: the process would end.
 *
 * @since 0.1.0
 */
public final class MemoryMapping implements AutoCloseable {

	private final Kernel kernel;

	private final long address;

	private final long length;

	private final AtomicBoolean open = new AtomicBoolean(true);

	private MemoryMapping(Kernel kernel, long address, long length) {
		this.kernel = kernel;
		this.address = address;
		this.length = length;
	}

	/**
	 * Map a part of what a descriptor offers, shared and populated.
	 * @param kernel the kernel
	 * @param fd the descriptor
	 * @param offset where the part starts
	 * @param length its length in bytes
	 * @param action what to do when it fails
	 * @return the owner of the mapping
	 * @throws XskSystemException when the kernel refuses
	 */
	public static MemoryMapping shared(Kernel kernel, int fd, long offset, long length, String action) {
		return map(kernel, length, LinuxMemory.MAP_SHARED | LinuxMemory.MAP_POPULATE, fd, offset, action);
	}

	/**
	 * Map zeroed memory of this process, populated.
	 * @param kernel the kernel
	 * @param length the length in bytes, a multiple of the huge page size when
	 * {@code hugePages}
	 * @param hugePages whether to take it from the huge pages that the system has
	 * reserved
	 * @param action what to do when it fails
	 * @return the owner of the mapping
	 * @throws XskSystemException when the kernel refuses
	 */
	public static MemoryMapping anonymous(Kernel kernel, long length, boolean hugePages, String action) {
		int flags = LinuxMemory.MAP_PRIVATE | LinuxMemory.MAP_ANONYMOUS | LinuxMemory.MAP_POPULATE;
		int huge = hugePages ? LinuxMemory.MAP_HUGETLB | LinuxMemory.MAP_HUGE_2MB : 0;
		return map(kernel, length, flags | huge, -1, 0, action);
	}

	private static MemoryMapping map(Kernel kernel, long length, int flags, int fd, long offset, String action) {
		long address = kernel.mmap(length, LinuxMemory.PROT_READ | LinuxMemory.PROT_WRITE, flags, fd, offset);
		if (address < 0 && address >= -4095) {
			int errno = (int) -address;
			throw new XskSystemException("mmap",
					"length=%d, flags=0x%x, fd=%d, offset=0x%x".formatted(length, flags, fd, offset), errno,
					Errno.symbol(errno), "the memory cannot be mapped.", action);
		}
		return new MemoryMapping(kernel, address, length);
	}

	/**
	 * Return where the mapping starts.
	 * @return the address
	 * @throws IllegalStateException when it is unmapped
	 */
	public long address() {
		if (!this.open.get()) {
			throw new IllegalStateException(
					"The memory at 0x%x is unmapped. Use it only before its owner is closed.".formatted(this.address));
		}
		return this.address;
	}

	/**
	 * Return the length.
	 * @return the length in bytes
	 */
	public long length() {
		return this.length;
	}

	/**
	 * View the mapping.
	 * @return a direct buffer of the whole mapping, in native byte order
	 * @throws IllegalStateException when it is unmapped
	 */
	public ByteBuffer buffer() {
		return this.kernel.view(address(), Math.toIntExact(this.length));
	}

	/**
	 * Unmap the memory; a second call does nothing.
	 * @throws XskSystemException when the kernel refuses
	 */
	@Override
	public void close() {
		if (!this.open.compareAndSet(true, false)) {
			return;
		}
		int result = this.kernel.munmap(this.address, this.length);
		if (result < 0) {
			throw new XskSystemException("munmap", "address=0x%x, length=%d".formatted(this.address, this.length),
					-result, Errno.symbol(-result), "the memory cannot be unmapped.",
					"It stays mapped until the process ends; please report this as a bug.");
		}
	}

}
