package io.xsk.test;

import java.nio.charset.StandardCharsets;

import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;
import io.xsk.kernel.jna.JnaKernel;

/**
 * Somebody else's XDP program, which passes every packet: loaded, and attached if wanted,
 * without a class under test. Not thread-safe.
 *
 * @since 0.1.0
 */
public final class PassProgram implements AutoCloseable {

	/** The name that the kernel shows. */
	public static final String NAME = "foreign";

	/** r0 = XDP_PASS; exit. */
	private static final long[] INSTRUCTIONS = { 0x00000002_0000_00_b7L, 0x95L };

	private final Kernel kernel = JnaKernel.load();

	private final FileDescriptor program;

	private FileDescriptor link;

	@SuppressWarnings("NullAway.Init")
	private PassProgram() {
		NativeMemory instructions = this.kernel.allocate(INSTRUCTIONS.length * Long.BYTES);
		for (int i = 0; i < INSTRUCTIONS.length; i++) {
			instructions.putLong(i * Long.BYTES, INSTRUCTIONS[i]);
		}
		NativeMemory license = this.kernel.allocate(16).putBytes(0, "Dual BSD".getBytes(StandardCharsets.US_ASCII));
		this.program = open(LinuxBpf.BPF_PROG_LOAD,
				this.kernel.allocate(LinuxBpf.BPF_ATTR_SIZE)
					.putInt(LinuxBpf.PROG_LOAD_TYPE, LinuxBpf.BPF_PROG_TYPE_XDP)
					.putInt(LinuxBpf.PROG_LOAD_INSN_CNT, INSTRUCTIONS.length)
					.putAddress(LinuxBpf.PROG_LOAD_INSNS, instructions)
					.putAddress(LinuxBpf.PROG_LOAD_LICENSE, license)
					.putName(LinuxBpf.PROG_LOAD_NAME, NAME, LinuxBpf.BPF_OBJ_NAME_LEN)
					.putInt(LinuxBpf.PROG_LOAD_EXPECTED_ATTACH_TYPE, LinuxBpf.BPF_XDP));
	}

	/**
	 * Load the program.
	 * @return the program, attached nowhere
	 */
	public static PassProgram load() {
		return new PassProgram();
	}

	/**
	 * Load the program and attach it by a link.
	 * @param interfaceIndex the interface
	 * @param flags {@link LinuxBpf#XDP_FLAGS_DRV_MODE} or
	 * {@link LinuxBpf#XDP_FLAGS_SKB_MODE}
	 * @return the program, which is detached when it is closed
	 */
	public static PassProgram attach(int interfaceIndex, int flags) {
		PassProgram program = load();
		try {
			program.link = program.open(LinuxBpf.BPF_LINK_CREATE,
					program.kernel.allocate(LinuxBpf.BPF_ATTR_SIZE)
						.putInt(LinuxBpf.LINK_CREATE_PROG_FD, program.fd())
						.putInt(LinuxBpf.LINK_CREATE_IFINDEX, interfaceIndex)
						.putInt(LinuxBpf.LINK_CREATE_ATTACH_TYPE, LinuxBpf.BPF_XDP)
						.putInt(LinuxBpf.LINK_CREATE_FLAGS, flags));
			return program;
		}
		catch (RuntimeException ex) {
			program.close();
			throw ex;
		}
	}

	private FileDescriptor open(int command, NativeMemory attributes) {
		int result = this.kernel.bpf(command, attributes);
		if (result < 0) {
			throw new IllegalStateException("bpf command %d: %s".formatted(command, Errno.symbol(-result)));
		}
		return FileDescriptor.own(this.kernel, result);
	}

	/**
	 * Return the descriptor of the program.
	 * @return a descriptor, open until this is closed
	 */
	public int fd() {
		return this.program.value();
	}

	/**
	 * Return the descriptor of the link.
	 * @return a descriptor, open until this is closed
	 */
	public int linkFd() {
		return this.link.value();
	}

	/**
	 * Return the kernel's id of the program.
	 * @return the id
	 */
	public int id() {
		NativeMemory info = this.kernel.allocate(LinuxBpf.PROG_INFO_SIZE);
		NativeMemory attributes = this.kernel.allocate(LinuxBpf.BPF_ATTR_SIZE)
			.putInt(LinuxBpf.INFO_FD, fd())
			.putInt(LinuxBpf.INFO_LEN, info.size())
			.putAddress(LinuxBpf.INFO_ADDRESS, info);
		int result = this.kernel.bpf(LinuxBpf.BPF_OBJ_GET_INFO_BY_FD, attributes);
		if (result < 0) {
			throw new IllegalStateException("BPF_OBJ_GET_INFO_BY_FD: " + Errno.symbol(-result));
		}
		return info.getInt(LinuxBpf.PROG_INFO_ID);
	}

	@Override
	public void close() {
		if (this.link != null) {
			this.link.close();
		}
		this.program.close();
	}

}
