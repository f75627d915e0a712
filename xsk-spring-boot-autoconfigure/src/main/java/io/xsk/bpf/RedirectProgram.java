package io.xsk.bpf;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.xsk.CloseableStack;
import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.bpf.asm.Assembled;
import io.xsk.bpf.filter.LengthCheck;
import io.xsk.bpf.filter.MapLimits;
import io.xsk.bpf.filter.RedirectCompiler;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.rule.RedirectRules;
import org.jspecify.annotations.Nullable;

/**
 * A loaded XDP program that redirects packets to the sockets in an XSKMAP: to the slot of
 * the RX queue that a packet came in on. It is generated from rules, or somebody else's.
 * The program keeps the map alive. Thread-safe.
 *
 * @since 0.1.0
 */
public final class RedirectProgram implements AutoCloseable {

	private static final String NAME = "xsk_redirect";

	private final Kernel kernel;

	private final FileDescriptor descriptor;

	private final ProgramInfo info;

	private final @Nullable RedirectRules rules;

	private final @Nullable RedirectMaps maps;

	private final List<String> listing;

	private final boolean frags;

	private Map<String, Long> inherited = Map.of();

	private @Nullable XskSystemException inheritanceFailure;

	private RedirectProgram(Kernel kernel, FileDescriptor descriptor, ProgramInfo info, @Nullable RedirectRules rules,
			@Nullable RedirectMaps maps, List<String> listing, boolean frags) {
		this.kernel = kernel;
		this.descriptor = descriptor;
		this.info = info;
		this.rules = rules;
		this.maps = maps;
		this.listing = listing;
		this.frags = frags;
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
	 * @throws XskException when the rules are more than a program can hold
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
	 * @throws XskException when the rules are more than a program can hold
	 */
	public static RedirectProgram load(Kernel kernel, XskMap map, RedirectRules rules, boolean frags) {
		return load(kernel, map, rules, null, MapLimits.MEASURED, frags);
	}

	/**
	 * Generate and load a program that is to take the place of another one, and count on
	 * where that one stops.
	 * @param kernel where to load it
	 * @param map the map to redirect into, that of the other program
	 * @param rules what to redirect
	 * @param before the program that is to be replaced; see {@link XdpLink#update}
	 * @return the program
	 * @throws XskSystemException when the kernel refuses
	 * @throws XskException when the rules are more than a program can hold
	 */
	public static RedirectProgram loadAfter(Kernel kernel, XskMap map, RedirectRules rules, RedirectProgram before) {
		return load(kernel, map, rules, before, MapLimits.MEASURED);
	}

	static RedirectProgram load(Kernel kernel, XskMap map, RedirectRules rules, @Nullable RedirectProgram before,
			MapLimits limits) {
		return load(kernel, map, rules, before, limits, before != null && before.frags);
	}

	private static RedirectProgram load(Kernel kernel, XskMap map, RedirectRules rules,
			@Nullable RedirectProgram before, MapLimits limits, boolean frags) {
		RedirectMaps maps = new RedirectMaps(kernel, map, rules.names().size(),
				(before != null && before.maps != null) ? before.maps.emptySlotCounters() : null);
		return CloseableStack.closingOnFailure(maps,
				() -> load(kernel, rules, maps, limits, frags, LengthCheck.choices(frags)));
	}

	/** The verifier knows best what the process and the kernel can do: it is asked. */
	private static RedirectProgram load(Kernel kernel, RedirectRules rules, RedirectMaps maps, MapLimits limits,
			boolean frags, List<LengthCheck> choices) {
		try {
			return load(kernel, rules, maps, limits, frags, choices.get(0));
		}
		catch (XskSystemException ex) {
			boolean tooComplex = ex.getErrno() == Errno.E2BIG;
			boolean refused = tooComplex || ex.getErrno() == Errno.EACCES || ex.getErrno() == Errno.EINVAL;
			maps.closeSets();
			if (refused && choices.size() > 1) {
				return load(kernel, rules, maps, limits, frags, choices.subList(1, choices.size()));
			}
			if (tooComplex && !limits.equals(MapLimits.SMALLEST)) {
				// maps instead of comparisons: fewer ways through the program
				return load(kernel, rules, maps, MapLimits.SMALLEST, frags, LengthCheck.choices(frags));
			}
			throw ex;
		}
	}

	private static RedirectProgram load(Kernel kernel, RedirectRules rules, RedirectMaps maps, MapLimits limits,
			boolean frags, LengthCheck lengthCheck) {
		Assembled program = RedirectCompiler.compile(rules, maps, limits, lengthCheck);
		FileDescriptor descriptor = ProgramLoader.load(kernel, NAME, program.code(),
				frags ? LinuxBpf.BPF_F_XDP_HAS_FRAGS : 0);
		return CloseableStack.closingOnFailure(descriptor, () -> {
			maps.closeSets();
			return new RedirectProgram(kernel, descriptor, BpfObjects.programInfo(kernel, descriptor.value()), rules,
					maps, program.listing(), frags);
		});
	}

	/**
	 * Use a program that somebody else loaded and pinned. Needs no capability, but the
	 * right to read and write the file, and, before Linux 5.19, CAP_BPF.
	 * @param kernel where to open it
	 * @param path the path on a BPF file system
	 * @return the program
	 * @throws XskSystemException when the kernel does not open it
	 * @throws XskException when it is something else than an XDP program
	 */
	public static RedirectProgram openPinned(Kernel kernel, Path path) {
		return foreign(kernel, BpfObjects.openPinned(kernel, path).open((errno) -> PinErrors.open(kernel, path, errno)),
				"'" + path + "'");
	}

	/**
	 * Use a program whose descriptor was passed to this process. Needs no capability.
	 * @param kernel where it is open
	 * @param fd a descriptor of the program; it is duplicated and stays the caller's
	 * @return the program
	 * @throws XskSystemException when the descriptor is not open, or not one of a BPF
	 * object
	 * @throws XskException when it is something else than an XDP program
	 */
	public static RedirectProgram ofDescriptor(Kernel kernel, int fd) {
		return foreign(kernel, FileDescriptor.duplicate(kernel, fd), "Descriptor " + fd);
	}

	private static RedirectProgram foreign(Kernel kernel, FileDescriptor descriptor, String origin) {
		return CloseableStack.closingOnFailure(descriptor, () -> new RedirectProgram(kernel, descriptor,
				BpfObjects.requireXdpProgram(kernel, descriptor.value(), origin), null, null, List.of(), false));
	}

	/**
	 * Open the XSKMAP that somebody else's program redirects into. Needs CAP_SYS_ADMIN;
	 * with less, open the map where it is pinned ({@link XskMap#openPinned}).
	 * @return the map, which the caller closes
	 * @throws XskSystemException when the kernel does not open the program's maps
	 * @throws XskException when the program uses no XSKMAP, or several
	 */
	public XskMap openMap() {
		return ProgramMapFinder.open(this.kernel, this.descriptor.value(), toString());
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
	 * @return the rules, {@code null} for somebody else's program
	 */
	public @Nullable RedirectRules rules() {
		return this.rules;
	}

	/**
	 * Return the instructions of the program in a form for people.
	 * @return one line for each, with labels between them; empty for somebody else's
	 * program
	 */
	public List<String> listing() {
		return this.listing;
	}

	/**
	 * Read what the program has counted.
	 * @return the counters, {@code null} for somebody else's program
	 * @throws XskSystemException when the kernel does not answer
	 * @throws IllegalStateException after {@link #close()}
	 */
	public synchronized @Nullable RedirectCounters counters() {
		if (this.maps == null || this.rules == null) {
			return null;
		}
		Map<String, Long> matches = new LinkedHashMap<>();
		List<String> names = this.rules.names();
		long[] counted = this.maps.matchCounters().sums(names.size());
		for (int i = 0; i < counted.length; i++) {
			matches.put(names.get(i), counted[i] + this.inherited.getOrDefault(names.get(i), 0L));
		}
		Map<Integer, Long> emptySlots = new TreeMap<>();
		long[] missed = this.maps.emptySlotCounters().sums(this.maps.queues());
		for (int queue = 0; queue < missed.length; queue++) {
			if (missed[queue] > 0) {
				emptySlots.put(queue, missed[queue]);
			}
		}
		return new RedirectCounters(this.rules, matches, emptySlots, this.maps.queues() - 1);
	}

	/** Count on where another program has stopped. */
	synchronized void inherit(RedirectProgram before) {
		@Nullable RedirectCounters counters = before.counters();
		if (counters != null) {
			this.inherited = counters.matches();
		}
	}

	/** Count from zero, since what was counted before cannot be read. */
	synchronized void forget(XskSystemException reason) {
		this.inherited = Map.of();
		this.inheritanceFailure = reason;
	}

	/**
	 * Return why the counters start at zero, although the program took the place of
	 * another one.
	 * @return the reason, {@code null} when they do not
	 */
	public synchronized @Nullable XskSystemException inheritanceFailure() {
		return this.inheritanceFailure;
	}

	/**
	 * Close the descriptors. The program itself lives on while it is attached. A second
	 * call does nothing.
	 * @throws XskSystemException when the kernel refuses to close one; the others are
	 * closed all the same
	 */
	@Override
	public synchronized void close() {
		try (this.maps; this.descriptor) {
			// the last one first, each whatever the others throw
		}
	}

	@Override
	public String toString() {
		return "RedirectProgram[id=%d, tag=%s, %s]".formatted(this.info.id(), this.info.tag(),
				(this.rules != null) ? "rules=" + this.rules : "name=" + this.info.name());
	}

}
