package io.xsk.core;

import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * What was opened, closed in the reverse order. Every element is closed, whatever the
 * ones before it throw; the first failure is thrown at the end with the others suppressed
 * in it.
 */
final class CloseableStack implements AutoCloseable {

	private final Deque<Element> elements = new ArrayDeque<>();

	<T extends AutoCloseable> T push(T closeable) {
		this.elements.push(closeable::close);
		return closeable;
	}

	@Override
	public void close() {
		RuntimeException failure = null;
		while (!this.elements.isEmpty()) {
			failure = close(this.elements.pop(), failure);
		}
		if (failure != null) {
			throw failure;
		}
	}

	private static @Nullable RuntimeException close(Element element, @Nullable RuntimeException failure) {
		try {
			element.close();
			return failure;
		}
		catch (Exception ex) {
			if (failure != null) {
				failure.addSuppressed(ex);
				return failure;
			}
			return (ex instanceof RuntimeException runtime) ? runtime : new IllegalStateException(ex);
		}
	}

	private interface Element {

		void close() throws Exception;

	}

}
