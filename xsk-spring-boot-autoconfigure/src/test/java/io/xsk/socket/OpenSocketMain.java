package io.xsk.socket;

import io.xsk.XskException;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.jna.JnaKernel;

/**
 * Opens a socket on queue 0 of an interface, in a process with other rights than the
 * tests have, and prints what came of it.
 */
final class OpenSocketMain {

	private OpenSocketMain() {
	}

	public static void main(String[] args) {
		Kernel kernel = JnaKernel.load();
		XdpSocketConfig config = TestFrames.small().build();
		if (args.length > 1) {
			require(kernel, Long.parseLong(args[1]));
			return;
		}
		try (XdpSocket socket = XdpSocket.open(kernel, NetworkInterface.byName(kernel, args[0]), 0, config)) {
			System.out.println("opened " + socket);
		}
		catch (XskException ex) {
			System.out.println(ex.getMessage());
		}
	}

	private static void require(Kernel kernel, long bytes) {
		try {
			MemoryLock.require(kernel, bytes, "The UMEMs of 2 sockets");
			System.out.println("allowed");
		}
		catch (MemoryLockException ex) {
			System.out.println(ex.getLimit() + " < " + ex.getNeed() + ": " + ex.getMessage());
		}
	}

}
