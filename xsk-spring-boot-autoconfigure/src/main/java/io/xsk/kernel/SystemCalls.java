package io.xsk.kernel;

import io.xsk.XskSystemException;

/**
 * Results of calls for which no reader can be told more than the call itself says.
 */
final class SystemCalls {

	private SystemCalls() {
	}

	static FileDescriptor descriptor(Kernel kernel, int result, String call, String arguments) {
		return FileDescriptor.own(kernel, check(result, call, arguments));
	}

	static int check(int result, String call, String arguments) {
		if (result < 0) {
			throw new XskSystemException(call, arguments, -result, Errno.symbol(-result),
					"the kernel does not answer a question that every process may ask.",
					"See whether a seccomp filter, the service manager (RestrictAddressFamilies must allow"
							+ " AF_NETLINK, AF_UNIX and AF_XDP) or the limit on open files forbids it.");
		}
		return result;
	}

}
