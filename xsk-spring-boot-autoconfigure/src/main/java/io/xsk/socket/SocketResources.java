package io.xsk.socket;

import java.util.ArrayDeque;
import java.util.Deque;

import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.MemoryMapping;
import org.jspecify.annotations.Nullable;

/**
 * What an XDP socket owns in the kernel, complete or half-way. Given back in the order in
 * which nothing is used that is gone already: the mappings of the rings, the last one
 * first; the descriptor, after which the kernel writes into no frame; the UMEM.
 */
final class SocketResources implements AutoCloseable {

	private final Deque<MemoryMapping> rings = new ArrayDeque<>();

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
		this.rings.push(ring);
		return ring;
	}

	/**
	 * Give everything back, also what comes after a failure. The first failure is thrown,
	 * the others are added to it.
	 */
	@Override
	public void close() {
		RuntimeException failure = close(this::closeButUmem, null);
		failure = close(this::closeUmem, failure);
		if (failure != null) {
			throw failure;
		}
	}

	/** Give everything back but the UMEM, which somebody still reads. */
	void closeButUmem() {
		RuntimeException failure = null;
		for (MemoryMapping ring : this.rings) {
			failure = close(ring::close, failure);
		}
		if (this.descriptor != null) {
			failure = close(this.descriptor::close, failure);
		}
		if (this.counter != null) {
			failure = close(this.counter::close, failure);
		}
		if (failure != null) {
			throw failure;
		}
	}

	/** Give the UMEM back. */
	void closeUmem() {
		if (this.umem != null) {
			this.umem.close();
		}
	}

	/** Give everything back because of a failure, to which all others are added. */
	void closeAfter(Throwable failure) {
		try {
			close();
		}
		catch (RuntimeException ex) {
			failure.addSuppressed(ex);
		}
	}

	private static @Nullable RuntimeException close(Runnable step, @Nullable RuntimeException earlier) {
		try {
			step.run();
			return earlier;
		}
		catch (RuntimeException ex) {
			if (earlier == null) {
				return ex;
			}
			earlier.addSuppressed(ex);
			return earlier;
		}
	}

}
