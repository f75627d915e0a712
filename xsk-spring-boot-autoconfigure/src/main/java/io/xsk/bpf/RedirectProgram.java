package io.xsk.bpf;

import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;

/**
 * A loaded XDP program that redirects the packets which match its rules to the sockets in
 * an XSKMAP: to the slot of the RX queue that a packet came in on. What does not match,
 * and what meets an empty slot, goes on to the kernel. The program keeps the map alive.
 * Thread-safe.
 *
 * @since 0.1.0
 */
public final class RedirectProgram implements AutoCloseable {

	private static final String NAME = "xsk_redirect";

	private final FileDescriptor descriptor;

	private final ProgramInfo info;

	private final RedirectRules rules;

	private RedirectProgram(FileDescriptor descriptor, ProgramInfo info, RedirectRules rules) {
		this.descriptor = descriptor;
		this.info = info;
		this.rules = rules;
	}

	/**
	 * Generate and load a program. Needs CAP_BPF and CAP_NET_ADMIN. It does nothing until
	 * {@link XdpLink#attach} attaches it.
	 * @param kernel where to load it
	 * @param map the map to redirect into
	 * @param rules what to redirect
	 * @return the program
	 * @throws XskSystemException when the kernel refuses; when it was the verifier, with
	 * the verifier's log
	 * @throws XskException when the rules have more ranges of ports than a program can
	 * hold
	 */
	public static RedirectProgram load(Kernel kernel, XskMap map, RedirectRules rules) {
		return load(kernel, map, rules, false);
	}

	/**
	 * Generate and load a program that may take packets in several buffers.
	 * @param kernel where to load it
	 * @param map the map to redirect into
	 * @param rules what to redirect
	 * @param frags whether to declare that the program copes with packets in several
	 * buffers ({@code BPF_F_XDP_HAS_FRAGS}), without which a driver refuses it on an
	 * interface whose packets are larger than a page; since Linux 5.18
	 * @return the program
	 * @throws XskSystemException when the kernel refuses; when it was the verifier, with
	 * the verifier's log
	 * @throws XskException when the rules have more ranges of ports than a program can
	 * hold
	 */
	public static RedirectProgram load(Kernel kernel, XskMap map, RedirectRules rules, boolean frags) {
		FileDescriptor descriptor = ProgramLoader.load(kernel, NAME, RedirectCompiler.compile(rules, map.fd()),
				frags ? LinuxBpf.BPF_F_XDP_HAS_FRAGS : 0);
		return BpfCommand.closingOnFailure(descriptor,
				() -> new RedirectProgram(descriptor, BpfObjects.programInfo(kernel, descriptor.value()), rules));
	}

	/**
	 * Return the descriptor, which stays this object's.
	 * @return the number of the descriptor
	 * @throws IllegalStateException after {@link #close()}
	 */
	public int fd() {
		return this.descriptor.value();
	}

	/**
	 * Return what the kernel knows of the program.
	 * @return its id, tag and name, which never change
	 */
	public ProgramInfo info() {
		return this.info;
	}

	/**
	 * Return what the program redirects.
	 * @return the rules
	 */
	public RedirectRules rules() {
		return this.rules;
	}

	/**
	 * Close the descriptor. The program itself lives on while it is attached. A second
	 * call does nothing.
	 */
	@Override
	public void close() {
		this.descriptor.close();
	}

	@Override
	public String toString() {
		return "RedirectProgram[id=%d, tag=%s, rules=%s]".formatted(this.info.id(), this.info.tag(), this.rules);
	}

}
