package io.xsk.bpf;

import io.xsk.CloseableStack;
import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.bpf.asm.BpfAssembler;
import io.xsk.bpf.asm.Condition;
import io.xsk.bpf.asm.Label;
import io.xsk.bpf.asm.LinuxXdp;
import io.xsk.bpf.asm.Register;
import io.xsk.bpf.asm.Size;
import io.xsk.bpf.filter.RedirectCompiler;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;

/**
 * Tells whether a slot of an XSKMAP is occupied, without changing it. The kernel lets
 * nobody read an XSKMAP, but a program's verdict gives it away: a second XDP program,
 * which is attached nowhere, redirects a made-up packet to the slot
 * ({@code BPF_PROG_TEST_RUN}), and an empty slot yields XDP_PASS instead of XDP_REDIRECT.
 * No packet moves. Thread-safe.
 *
 * @since 0.1.0
 */
public final class SlotProbe implements AutoCloseable {

	private static final String NAME = "xsk_slot_probe";

	/**
	 * The kernel wants an Ethernet header at least; the slot's number is its beginning.
	 */
	private static final int PACKET_SIZE = 14;

	private final Kernel kernel;

	private final FileDescriptor descriptor;

	private final NativeMemory packet;

	private final NativeMemory attributes;

	private final Object lock = new Object();

	private SlotProbe(Kernel kernel, FileDescriptor descriptor) {
		this.kernel = kernel;
		this.descriptor = descriptor;
		this.packet = kernel.allocate(PACKET_SIZE);
		this.attributes = kernel.allocate(LinuxBpf.BPF_ATTR_SIZE).putAddress(LinuxBpf.TEST_RUN_DATA_IN, this.packet);
	}

	/**
	 * Load a probe. Needs CAP_BPF and CAP_NET_ADMIN; using it needs no capability, before
	 * Linux 5.19 CAP_BPF.
	 * @param kernel where to load it
	 * @param map the map whose slots it looks at
	 * @return the probe
	 * @throws XskSystemException when the kernel refuses, with EPERM when the
	 * capabilities are missing
	 */
	public static SlotProbe load(Kernel kernel, XskMap map) {
		FileDescriptor descriptor = ProgramLoader.load(kernel, NAME, program(map.fd()));
		return CloseableStack.closingOnFailure(descriptor, () -> new SlotProbe(kernel, descriptor));
	}

	/**
	 * Use a probe that somebody with the rights loaded and passed on. Needs no
	 * capability.
	 * @param kernel where it is open
	 * @param fd a descriptor of a probe's program; it is duplicated and stays the
	 * caller's
	 * @return the probe
	 * @throws XskSystemException when the descriptor is not open, or not one of a BPF
	 * object
	 * @throws XskException when it is something else than a probe
	 */
	public static SlotProbe ofDescriptor(Kernel kernel, int fd) {
		FileDescriptor descriptor = FileDescriptor.duplicate(kernel, fd);
		return CloseableStack.closingOnFailure(descriptor, () -> {
			requireProbe(kernel, fd, descriptor.value());
			return new SlotProbe(kernel, descriptor);
		});
	}

	private static void requireProbe(Kernel kernel, int fd, int duplicate) {
		NativeMemory info = BpfObjects.info(kernel, duplicate, LinuxBpf.PROG_INFO_SIZE);
		String name = info.getName(LinuxBpf.PROG_INFO_NAME, LinuxBpf.BPF_OBJ_NAME_LEN);
		if (info.getInt(LinuxBpf.PROG_INFO_TYPE) != LinuxBpf.BPF_PROG_TYPE_XDP || !name.equals(NAME)) {
			throw new XskException("Descriptor %d is %s, not an XDP program named %s.".formatted(fd,
					BpfObjects.kind(duplicate, info), NAME),
					"Pass the descriptor of a SlotProbe that was loaded for the map.");
		}
	}

	// The program: the packet's first four bytes are the number of the slot
	private static byte[] program(int mapFd) {
		BpfAssembler assembler = new BpfAssembler();
		Label tooShort = assembler.label("too short");
		assembler.load(Size.WORD, Register.R2, Register.R1, LinuxXdp.XDP_MD_DATA);
		assembler.load(Size.WORD, Register.R3, Register.R1, LinuxXdp.XDP_MD_DATA_END);
		assembler.move(Register.R4, Register.R2);
		assembler.add(Register.R4, Integer.BYTES);
		assembler.jumpIf(Register.R4, Condition.GREATER, Register.R3, tooShort);
		assembler.load(Size.WORD, Register.R2, Register.R2, 0);
		RedirectCompiler.redirectToSlot(assembler, mapFd);
		assembler.bind(tooShort);
		assembler.move(Register.R0, LinuxXdp.XDP_ABORTED);
		assembler.exit();
		return assembler.assemble();
	}

	/**
	 * Ask whether a slot is occupied, by whomever.
	 * @param queueId the RX queue that the slot is for
	 * @return {@code false} for an empty slot and for a queue past the map
	 * @throws XskSystemException when the kernel does not run the program
	 */
	public boolean isOccupied(int queueId) {
		synchronized (this.lock) {
			int fd = fd();
			this.packet.putInt(0, queueId);
			// The kernel writes into the attributes: sizes and the number of runs are set
			// each time
			this.attributes.putInt(LinuxBpf.TEST_RUN_PROG_FD, fd)
				.putInt(LinuxBpf.TEST_RUN_DATA_SIZE_IN, PACKET_SIZE)
				.putInt(LinuxBpf.TEST_RUN_DATA_SIZE_OUT, 0)
				.putInt(LinuxBpf.TEST_RUN_REPEAT, 1);
			int result = this.kernel.bpf(LinuxBpf.BPF_PROG_TEST_RUN, this.attributes);
			if (result < 0) {
				throw explain(-result).exception("bpf BPF_PROG_TEST_RUN",
						"program fd=%d, slot=%s".formatted(fd, Integer.toUnsignedString(queueId)), -result);
			}
			return this.attributes.getInt(LinuxBpf.TEST_RUN_RETVAL) == LinuxXdp.XDP_REDIRECT;
		}
	}

	private Explanation explain(int errno) {
		if (errno == Errno.EINVAL) {
			return new Explanation("the kernel cannot run XDP programs on request.", "Use Linux 5.10 or later.");
		}
		return Explanation.general(this.kernel, errno);
	}

	/**
	 * Return the descriptor of the program, which stays this object's. It can be passed
	 * to a process without capabilities, which uses it with {@link #ofDescriptor}.
	 * @return the number of the descriptor
	 * @throws IllegalStateException after {@link #close()}
	 */
	public int fd() {
		return this.descriptor.value();
	}

	/**
	 * Unload the probe. A second call does nothing.
	 */
	@Override
	public void close() {
		synchronized (this.lock) {
			this.descriptor.close();
		}
	}

}
