package io.xsk.socket;

import io.xsk.CloseableStack;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.MemoryMapping;
import org.jspecify.annotations.Nullable;

/**
 * What an XDP socket owns in the kernel, complete or half-way. Given back in the order in
 * which nothing is used that is gone already: the mappings of the rings, the last one
 * first; the descriptor, after which the kernel writes into no frame; the UMEM.
 */
final class SocketResources implements AutoCloseable {

	private final CloseableStack rings = new CloseableStack();

	private @Nullable FileDescriptor counter;

	private @Nullable FileDescriptor descriptor;

	private @Nullable MemoryMapping umem;

	FileDescriptor descriptor(FileDescriptor descriptor) {
		this.descriptor = descriptor;
		return descriptor;
	}

	FileDescriptor counter(FileDescriptor counter) {
		this.counter = counter;
		return counter;
	}

	MemoryMapping umem(MemoryMapping umem) {
		this.umem = umem;
		return umem;
	}

	MemoryMapping ring(MemoryMapping ring) {
		return this.rings.push(ring);
	}

	/**
	 * Give everything back, also what comes after a failure. The first failure is thrown,
	 * the others are added to it.
	 */
	@Override
	public void close() {
		everything().close();
	}

	/** Give everything back because of a failure, to which all others are added. */
	void closeAfter(Throwable failure) {
		everything().closeAfter(failure);
	}

	private CloseableStack everything() {
		CloseableStack stack = new CloseableStack();
		stack.push((AutoCloseable) this::closeUmem);
		stack.push((AutoCloseable) this::closeButUmem);
		return stack;
	}

	/** Give everything back but the UMEM, which somebody still reads. */
	void closeButUmem() {
		CloseableStack stack = new CloseableStack();
		if (this.counter != null) {
			stack.push(this.counter);
		}
		if (this.descriptor != null) {
			stack.push(this.descriptor);
		}
		stack.push(this.rings);
		stack.close();
	}

	/** Give the UMEM back. */
	void closeUmem() {
		if (this.umem != null) {
			this.umem.close();
		}
	}

}
