package io.xsk.bpf;

import io.xsk.XskSystemException;
import io.xsk.kernel.AttachedProgram;
import io.xsk.kernel.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The interface has an XDP program already, by whomever, and a program can be neither
 * added nor put in its place. Says who holds it as far as the rights of this process
 * allow.
 *
 * @since 0.1.0
 */
public class InterfaceInUseException extends XskSystemException {

	private final String interfaceName;

	private final @Nullable AttachedProgram program;

	InterfaceInUseException(String call, String arguments, int errno, String interfaceName,
			@Nullable AttachedProgram program, Explanation explanation) {
		super(call, arguments, errno, Errno.symbol(errno), explanation.meaning(), explanation.action());
		this.interfaceName = interfaceName;
		this.program = program;
	}

	/**
	 * Return the interface.
	 * @return the kernel's name of it
	 */
	public String getInterfaceName() {
		return this.interfaceName;
	}

	/**
	 * Return the program that holds the interface.
	 * @return its mode and id, {@code null} when the kernel does not show one
	 */
	public @Nullable AttachedProgram getProgram() {
		return this.program;
	}

}
