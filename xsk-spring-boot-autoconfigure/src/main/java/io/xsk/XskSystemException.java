package io.xsk;

/**
 * A system call that failed: which one, with which arguments, and the kernel's answer.
 *
 * @since 0.1.0
 */
public class XskSystemException extends XskException {

	private final String call;

	private final String arguments;

	private final int errno;

	private final String errnoSymbol;

	/**
	 * Create an exception for a failed system call.
	 * @param call the name of the call, with its command or option where it has one
	 * @param arguments the arguments that a reader needs, as {@code name=value} pairs
	 * @param errno the kernel's error number, positive
	 * @param errnoSymbol the symbol of that number, {@code EBUSY} for example
	 * @param meaning what the error number means for this call
	 * @param action the next step of the reader
	 */
	public XskSystemException(String call, String arguments, int errno, String errnoSymbol, String meaning,
			String action) {
		super("%s(%s) failed with errno %d (%s): %s".formatted(call, arguments, errno, errnoSymbol, meaning), action);
		this.call = call;
		this.arguments = arguments;
		this.errno = errno;
		this.errnoSymbol = errnoSymbol;
	}

	/**
	 * Return the name of the call.
	 * @return {@code bind} or {@code bpf BPF_MAP_UPDATE_ELEM} for example
	 */
	public final String getCall() {
		return this.call;
	}

	/**
	 * Return the arguments of the call, as far as a reader needs them.
	 * @return {@code name=value} pairs
	 */
	public final String getArguments() {
		return this.arguments;
	}

	/**
	 * Return the error number.
	 * @return a positive number as in {@code errno(3)}
	 */
	public final int getErrno() {
		return this.errno;
	}

	/**
	 * Return the symbol of the error number.
	 * @return {@code EBUSY} for example
	 */
	public final String getErrnoSymbol() {
		return this.errnoSymbol;
	}

}
