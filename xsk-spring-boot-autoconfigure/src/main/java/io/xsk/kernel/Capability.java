package io.xsk.kernel;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * The capabilities that AF_XDP and BPF ask for ({@code capabilities(7)}).
 *
 * @since 0.1.0
 */
public enum Capability {

	/** Attach an XDP program; with {@link #BPF}, load one. */
	NET_ADMIN(12),

	/** Create an XDP socket. */
	NET_RAW(13),

	/** Lock memory past RLIMIT_MEMLOCK. */
	IPC_LOCK(14),

	/** Everything that BPF can do, opening objects by id among it. */
	SYS_ADMIN(21),

	/** Create maps and, with {@link #NET_ADMIN}, load XDP programs; since Linux 5.8. */
	BPF(39);

	private static final int VERSION_3 = 0x20080522;

	private final int number;

	Capability(int number) {
		this.number = number;
	}

	/**
	 * Return the effective capabilities of the calling thread.
	 * @param kernel the kernel to ask
	 * @return those of this enumeration that it has, none when the kernel does not say
	 */
	public static Set<Capability> effective(Kernel kernel) {
		NativeMemory header = kernel.allocate(8).putInt(0, VERSION_3);
		NativeMemory data = kernel.allocate(24);
		boolean known = kernel.capget(header, data) == 0;
		return of(known ? Integer.toUnsignedLong(data.getInt(0)) | (long) data.getInt(12) << 32 : 0);
	}

	static Set<Capability> of(long bits) {
		Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
		for (Capability capability : values()) {
			if ((bits >>> capability.number & 1) == 1) {
				capabilities.add(capability);
			}
		}
		return capabilities;
	}

	/**
	 * Return the name that {@code capabilities(7)} uses.
	 * @return {@code CAP_NET_RAW} for example
	 */
	public String fullName() {
		return "CAP_" + name();
	}

	/**
	 * Tell how a process is given capabilities.
	 * @param capabilities those that it lacks
	 * @return a sentence for people
	 */
	public static String howToGrant(Capability... capabilities) {
		StringBuilder systemd = new StringBuilder();
		StringBuilder container = new StringBuilder();
		StringBuilder setpriv = new StringBuilder();
		for (Capability capability : capabilities) {
			systemd.append(' ').append(capability.fullName());
			container.append(" --cap-add ").append(capability.name());
			setpriv.append(setpriv.isEmpty() ? "+" : ",+").append(capability.name().toLowerCase(Locale.ROOT));
		}
		return ("Run as root, or grant them: in a systemd unit AmbientCapabilities=%s; in a container%s; from a root"
				+ " shell setpriv --reuid USER --clear-groups --inh-caps %s --ambient-caps %s java …")
			.formatted(systemd.substring(1), container, setpriv, setpriv);
	}

}
