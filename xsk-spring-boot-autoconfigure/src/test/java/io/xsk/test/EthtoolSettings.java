package io.xsk.test;

import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;

/**
 * Changes what {@code ethtool} changes ({@code linux/ethtool.h}), so that the tests do
 * without that command. In the network namespace of the calling thread.
 */
final class EthtoolSettings {

	private static final int SIOCETHTOOL = 0x8946;

	private static final int ETHTOOL_STXCSUM = 0x17;

	private static final int ETHTOOL_GCHANNELS = 0x3c;

	private static final int ETHTOOL_SCHANNELS = 0x3d;

	/** Of struct ethtool_channels. */
	private static final int CHANNELS_SIZE = 36;

	private static final int CHANNELS_RX_COUNT = 20;

	private static final int CHANNELS_TX_COUNT = 24;

	/** Of struct ifreq. */
	private static final int IFREQ_SIZE = 40;

	private static final int IFREQ_DATA = 16;

	private EthtoolSettings() {
	}

	/**
	 * Compute the checksums of packets that leave in software, so that they are complete.
	 */
	static void completeChecksums(Kernel kernel, String name) {
		change(kernel, name, kernel.allocate(8).putInt(0, ETHTOOL_STXCSUM).putInt(4, 0));
	}

	static void channels(Kernel kernel, String name, int rx, int tx) {
		NativeMemory channels = kernel.allocate(CHANNELS_SIZE).putInt(0, ETHTOOL_GCHANNELS);
		change(kernel, name, channels);
		change(kernel, name,
				channels.putInt(0, ETHTOOL_SCHANNELS).putInt(CHANNELS_RX_COUNT, rx).putInt(CHANNELS_TX_COUNT, tx));
	}

	private static void change(Kernel kernel, String name, NativeMemory command) {
		int socket = kernel.socket(LinuxSocket.AF_UNIX, LinuxSocket.SOCK_DGRAM | LinuxSocket.SOCK_CLOEXEC, 0);
		try (FileDescriptor owner = FileDescriptor.own(kernel, socket)) {
			NativeMemory ifreq = kernel.allocate(IFREQ_SIZE)
				.putName(0, name, IFREQ_DATA)
				.putAddress(IFREQ_DATA, command);
			int result = kernel.ioctl(owner.value(), SIOCETHTOOL, ifreq);
			if (result < 0) {
				throw new IllegalStateException(
						"ethtool command %d on %s: %s".formatted(command.getInt(0), name, Errno.symbol(-result)));
			}
		}
	}

}
