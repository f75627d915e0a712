package io.xsk;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * What was opened, closed in the reverse order; or any steps that are all to be taken,
 * whatever the ones before them throw. The first failure is thrown at the end, with the
 * others suppressed in it. Not thread-safe.
 *
 * @since 0.1.0
 */
public final class CloseableStack implements AutoCloseable {

	private final Deque<AutoCloseable> elements = new ArrayDeque<>();

	/**
	 * Create an empty stack.
	 */
	public CloseableStack() {
	}

	/**
	 * Do what comes after something was opened, and close that when it fails.
	 * @param <T> the type of what comes of it
	 * @param opened what was opened
	 * @param next what to do
	 * @return what comes of it
	 */
	public static <T> T closingOnFailure(AutoCloseable opened, Supplier<T> next) {
		try {
			return next.get();
		}
		catch (RuntimeException | Error ex) {
			CloseableStack stack = new CloseableStack();
			stack.push(opened);
			stack.closeAfter(ex);
			throw ex;
		}
	}

	/**
	 * Put something on top, which is closed before what is there.
	 * @param <T> its type
	 * @param closeable what to close
	 * @return what was given
	 */
	public <T extends AutoCloseable> T push(T closeable) {
		this.elements.push(closeable);
		return closeable;
	}

	/**
	 * Close everything, the last element first. A second call does nothing.
	 * @throws RuntimeException the first failure, with the others suppressed in it; a
	 * checked one is wrapped into an {@link IllegalStateException}
	 */
	@Override
	public void close() {
		Throwable failure = null;
		while (!this.elements.isEmpty()) {
			failure = close(this.elements.pop(), failure);
		}
		if (failure instanceof Error error) {
			throw error;
		}
		if (failure != null) {
			throw (failure instanceof RuntimeException runtime) ? runtime : new IllegalStateException(failure);
		}
	}

	/**
	 * Close everything because of a failure that is about to be thrown.
	 * @param failure gets what closing throws, as suppressed exceptions
	 */
	public void closeAfter(Throwable failure) {
		try {
			close();
		}
		catch (RuntimeException | Error ex) {
			failure.addSuppressed(ex);
		}
	}

	/** Only an exception that is the same one must not be added to itself. */
	@SuppressWarnings("ReferenceEquality")
	private static @Nullable Throwable close(AutoCloseable element, @Nullable Throwable failure) {
		try {
			element.close();
			return failure;
		}
		catch (Throwable ex) {
			if (failure == null) {
				return ex;
			}
			if (failure != ex) {
				failure.addSuppressed(ex);
			}
			return failure;
		}
	}

}
