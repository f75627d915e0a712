package io.xsk.bpf;

import io.xsk.CloseableStack;
import io.xsk.XskSystemException;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.XdpMode;
import org.jspecify.annotations.Nullable;

/**
 * An XDP program attached to a network interface by a {@code bpf_link}, which goes with
 * its last descriptor: nothing stays behind when the process dies. Thread-safe.
 *
 * @since 0.1.0
 */
public final class XdpLink implements AutoCloseable {

	private final Kernel kernel;

	private final FileDescriptor descriptor;

	private final int id;

	private final int interfaceIndex;

	private final XdpMode mode;

	private final @Nullable String fallbackReason;

	private XdpLink(Kernel kernel, FileDescriptor descriptor, int interfaceIndex, XdpMode mode,
			@Nullable String fallbackReason) {
		this.kernel = kernel;
		this.descriptor = descriptor;
		this.interfaceIndex = interfaceIndex;
		this.mode = mode;
		this.fallbackReason = fallbackReason;
		this.id = linkInfo().getInt(LinuxBpf.LINK_INFO_ID);
	}

	/**
	 * Attach a program. Needs Linux 5.9; no capability, but before Linux 5.19 CAP_BPF.
	 * May take many milliseconds, since some drivers restart their queues.
	 * @param kernel the kernel that the program is loaded in
	 * @param program the program
	 * @param networkInterface the interface, in the network namespace of the calling
	 * thread
	 * @param mode where the program is to run
	 * @return the link
	 * @throws InterfaceInUseException when the interface has an XDP program already
	 * @throws XskSystemException when the kernel refuses for another reason
	 */
	public static XdpLink attach(Kernel kernel, RedirectProgram program, NetworkInterface networkInterface,
			AttachMode mode) {
		return switch (mode) {
			case NATIVE -> attach(kernel, program, networkInterface, XdpMode.NATIVE, null);
			case GENERIC -> attach(kernel, program, networkInterface, XdpMode.GENERIC, null);
			case AUTO -> attachAuto(kernel, program, networkInterface);
		};
	}

	private static XdpLink attachAuto(Kernel kernel, RedirectProgram program, NetworkInterface networkInterface) {
		try {
			return attach(kernel, program, networkInterface, XdpMode.NATIVE, null);
		}
		catch (XskSystemException ex) {
			if (!LinkErrors.permitsFallback(kernel, networkInterface, ex)) {
				throw ex;
			}
			String reason = LinkErrors.fallbackReason(networkInterface, ex.getErrno());
			try {
				return attach(kernel, program, networkInterface, XdpMode.GENERIC, reason);
			}
			catch (XskSystemException genericFailure) {
				genericFailure.addSuppressed(ex);
				throw genericFailure;
			}
		}
	}

	private static XdpLink attach(Kernel kernel, RedirectProgram program, NetworkInterface networkInterface,
			XdpMode mode, @Nullable String fallbackReason) {
		int index = networkInterface.index();
		BpfCommand command = BpfCommand
			.of(kernel, LinuxBpf.BPF_LINK_CREATE, "BPF_LINK_CREATE",
					"program fd=%d, interface=%s, index=%d, mode=%s".formatted(program.fd(), networkInterface.name(),
							index, mode))
			.putInt(LinuxBpf.LINK_CREATE_PROG_FD, program.fd())
			.putInt(LinuxBpf.LINK_CREATE_IFINDEX, index)
			.putInt(LinuxBpf.LINK_CREATE_ATTACH_TYPE, LinuxBpf.BPF_XDP)
			.putInt(LinuxBpf.LINK_CREATE_FLAGS,
					(mode == XdpMode.NATIVE) ? LinuxBpf.XDP_FLAGS_DRV_MODE : LinuxBpf.XDP_FLAGS_SKB_MODE);
		int result = command.tryCall();
		if (result < 0) {
			throw LinkErrors.attach(kernel, command, networkInterface, mode, -result);
		}
		FileDescriptor descriptor = FileDescriptor.own(kernel, result);
		return CloseableStack.closingOnFailure(descriptor,
				() -> new XdpLink(kernel, descriptor, index, mode, fallbackReason));
	}

	/**
	 * Let another program take the place of the one that is attached, at once: each
	 * packet meets one of them, and none is lost. Takes 7 to 44 milliseconds, so call it
	 * on no thread that receives packets. The program before stays loaded until it is
	 * closed.
	 * @param before the program that is attached
	 * @param after the program that is to be
	 * @throws XskSystemException when the kernel refuses; the program before stays
	 * attached then
	 */
	public void update(RedirectProgram before, RedirectProgram after) {
		// a close meanwhile could give the number of the descriptor to another file
		synchronized (this.descriptor) {
			BpfCommand
				.of(this.kernel, LinuxBpf.BPF_LINK_UPDATE, "BPF_LINK_UPDATE",
						"link id=%d, new program fd=%d, old program fd=%d".formatted(this.id, after.fd(), before.fd()))
				.putInt(LinuxBpf.LINK_UPDATE_FD, this.descriptor.value())
				.putInt(LinuxBpf.LINK_UPDATE_NEW_PROG_FD, after.fd())
				.putInt(LinuxBpf.LINK_UPDATE_FLAGS, LinuxBpf.BPF_F_REPLACE)
				.putInt(LinuxBpf.LINK_UPDATE_OLD_PROG_FD, before.fd())
				.call((errno) -> LinkErrors.update(this.kernel, errno));
		}
		try {
			after.inherit(before);
		}
		catch (XskSystemException ex) {
			// The new program is attached: that it counts from zero is no reason to say
			// that it is not. Whoever reads counters meets the error again.
			after.forget(ex);
		}
	}

	/**
	 * Return where the program runs.
	 * @return native or generic
	 */
	public XdpMode mode() {
		return this.mode;
	}

	/**
	 * Return the kernel's id of the link.
	 * @return the id, as {@code bpftool link} shows it
	 */
	public int id() {
		return this.id;
	}

	/**
	 * Return the interface that the program was attached to.
	 * @return the interface index
	 */
	public int interfaceIndex() {
		return this.interfaceIndex;
	}

	/**
	 * Return why {@link AttachMode#AUTO} took generic mode.
	 * @return a sentence for a log, {@code null} when the mode is the one that was asked
	 * for
	 */
	public @Nullable String fallbackReason() {
		return this.fallbackReason;
	}

	/**
	 * Ask the kernel whether the program is still attached.
	 * @return {@code false} when the interface is gone or the link was detached by
	 * somebody, and after {@link #close()}
	 * @throws XskSystemException when the kernel does not answer
	 */
	public boolean isAttached() {
		// a close meanwhile could give the number of the descriptor to another file
		synchronized (this.descriptor) {
			return this.descriptor.isOpen() && linkInfo().getInt(LinuxBpf.LINK_INFO_XDP_IFINDEX) != 0;
		}
	}

	private NativeMemory linkInfo() {
		return BpfObjects.info(this.kernel, this.descriptor.value(), LinuxBpf.LINK_INFO_SIZE);
	}

	/**
	 * Detach the program: the link is pinned nowhere, so that the kernel detaches when
	 * its descriptor is closed. A second call does nothing.
	 */
	@Override
	public void close() {
		synchronized (this.descriptor) {
			this.descriptor.close();
		}
	}

	@Override
	public String toString() {
		return "XdpLink[id=%d, interfaceIndex=%d, mode=%s]".formatted(this.id, this.interfaceIndex, this.mode);
	}

}
