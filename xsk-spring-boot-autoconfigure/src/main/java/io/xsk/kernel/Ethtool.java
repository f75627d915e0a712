package io.xsk.kernel;

import java.util.OptionalInt;

import org.jspecify.annotations.Nullable;

/**
 * What {@code ethtool} asks of a driver ({@code linux/ethtool.h}, Linux 6.18). A driver
 * may leave any question unanswered.
 */
final class Ethtool implements AutoCloseable {

	private static final int SIOCETHTOOL = 0x8946;

	private static final int ETHTOOL_GDRVINFO = 0x3;

	private static final int ETHTOOL_GRXRINGS = 0x2d;

	private static final int ETHTOOL_GFLAGS = 0x25;

	private static final int ETHTOOL_GCHANNELS = 0x3c;

	private static final int VALUE_SIZE = 8;

	private static final int VALUE_DATA = 4;

	private static final int ETH_FLAG_RXVLAN = 1 << 8;

	private static final int IFREQ_SIZE = 40;

	private static final int IFREQ_DATA = 16;

	private static final int IFNAMSIZ = 16;

	private static final int DRVINFO_SIZE = 196;

	private static final int DRVINFO_DRIVER = 4;

	private static final int DRVINFO_DRIVER_LENGTH = 32;

	private static final int CHANNELS_SIZE = 36;

	private static final int CHANNELS_RX_COUNT = 20;

	private static final int CHANNELS_COMBINED_COUNT = 32;

	private static final int RXNFC_SIZE = 192;

	private static final int RXNFC_DATA = 8;

	private final Kernel kernel;

	private final FileDescriptor socket;

	private final String name;

	private Ethtool(Kernel kernel, FileDescriptor socket, String name) {
		this.kernel = kernel;
		this.socket = socket;
		this.name = name;
	}

	static Ethtool open(Kernel kernel, String name) {
		// any socket will do, and a Unix one is never forbidden to a service
		int fd = kernel.socket(LinuxSocket.AF_UNIX, LinuxSocket.SOCK_DGRAM | LinuxSocket.SOCK_CLOEXEC, 0);
		return new Ethtool(kernel, SystemCalls.descriptor(kernel, fd, "socket", "AF_UNIX, SOCK_DGRAM"), name);
	}

	@Nullable String driver() {
		NativeMemory answer = this.kernel.allocate(DRVINFO_SIZE);
		return ask(ETHTOOL_GDRVINFO, answer) ? answer.getName(DRVINFO_DRIVER, DRVINFO_DRIVER_LENGTH) : null;
	}

	OptionalInt rxQueues() {
		NativeMemory channels = this.kernel.allocate(CHANNELS_SIZE);
		if (ask(ETHTOOL_GCHANNELS, channels)) {
			int count = channels.getInt(CHANNELS_RX_COUNT) + channels.getInt(CHANNELS_COMBINED_COUNT);
			if (count > 0) {
				return OptionalInt.of(count);
			}
		}
		NativeMemory rings = this.kernel.allocate(RXNFC_SIZE);
		if (ask(ETHTOOL_GRXRINGS, rings) && rings.getLong(RXNFC_DATA) > 0) {
			return OptionalInt.of((int) rings.getLong(RXNFC_DATA));
		}
		return OptionalInt.empty();
	}

	/** Whether VLAN tags are taken out of the frames of received packets. */
	boolean stripsVlanTags() {
		NativeMemory flags = this.kernel.allocate(VALUE_SIZE);
		return ask(ETHTOOL_GFLAGS, flags) && (flags.getInt(VALUE_DATA) & ETH_FLAG_RXVLAN) != 0;
	}

	private boolean ask(int command, NativeMemory answer) {
		answer.putInt(0, command);
		NativeMemory ifreq = this.kernel.allocate(IFREQ_SIZE)
			.putName(0, this.name, IFNAMSIZ)
			.putAddress(IFREQ_DATA, answer);
		return this.kernel.ioctl(this.socket.value(), SIOCETHTOOL, ifreq) == 0;
	}

	@Override
	public void close() {
		this.socket.close();
	}

}
