package io.xsk.bpf;

import java.util.function.IntFunction;

import io.xsk.XskSystemException;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;

/**
 * One call of {@code bpf(2)}: fills {@code union bpf_attr}, makes the call and turns an
 * error number into an exception that explains it. For calls that are rare; those of a
 * map's slots are in {@link MapSlots}.
 */
final class BpfCommand {

	private final Kernel kernel;

	private final int command;

	private final String call;

	private final String arguments;

	private final NativeMemory attributes;

	private BpfCommand(Kernel kernel, int command, String call, String arguments) {
		this.kernel = kernel;
		this.command = command;
		this.call = call;
		this.arguments = arguments;
		this.attributes = kernel.allocate(LinuxBpf.BPF_ATTR_SIZE);
	}

	/** Prepare a call. */
	static BpfCommand of(Kernel kernel, int command, String name, String arguments) {
		return new BpfCommand(kernel, command, "bpf " + name, arguments);
	}

	BpfCommand putInt(int offset, int value) {
		this.attributes.putInt(offset, value);
		return this;
	}

	BpfCommand putAddress(int offset, NativeMemory memory) {
		this.attributes.putAddress(offset, memory);
		return this;
	}

	BpfCommand putName(int offset, String name) {
		this.attributes.putName(offset, name, LinuxBpf.BPF_OBJ_NAME_LEN);
		return this;
	}

	int getInt(int offset) {
		return this.attributes.getInt(offset);
	}

	/** Make the call and leave an error to the caller. */
	int tryCall() {
		return this.kernel.bpf(this.command, this.attributes);
	}

	int call(IntFunction<Explanation> explanations) {
		int result = tryCall();
		if (result < 0) {
			throw failure(-result, explanations.apply(-result));
		}
		return result;
	}

	FileDescriptor open(IntFunction<Explanation> explanations) {
		return FileDescriptor.own(this.kernel, call(explanations));
	}

	XskSystemException failure(int errno, Explanation explanation) {
		return explanation.exception(this.call, this.arguments, errno);
	}

	String name() {
		return this.call;
	}

	String arguments() {
		return this.arguments;
	}

}
