package io.xsk.socket;

import io.xsk.XskException;

/**
 * RLIMIT_MEMLOCK does not allow the UMEMs that are wanted.
 *
 * @since 0.1.0
 */
public class MemoryLockException extends XskException {

	private final long limit;

	private final long need;

	/**
	 * Create an exception.
	 * @param what whose memory it is, as the subject of a sentence
	 * @param limit the limit in bytes
	 * @param need the bytes that are wanted
	 */
	public MemoryLockException(String what, long limit, long need) {
		super("%s would lock %d bytes (%d KiB) of memory, and RLIMIT_MEMLOCK allows this process %d bytes (%d KiB)."
			.formatted(what, need, kibibytes(need), limit, limit / 1024), action(need));
		this.limit = limit;
		this.need = need;
	}

	static String action(long need) {
		long kibibytes = kibibytes(need);
		return ("Raise the limit: in a systemd unit LimitMEMLOCK=%1$dK; in a shell ulimit -l %1$d, which"
				+ " /etc/security/limits.conf must allow (USER - memlock %1$d); in a container --ulimit memlock=%2$d."
				+ " Or grant CAP_IPC_LOCK, to which the limit does not apply, or choose a smaller frame-count or"
				+ " fewer queues.")
			.formatted(kibibytes, kibibytes * 1024);
	}

	private static long kibibytes(long bytes) {
		return (bytes + 1023) / 1024;
	}

	/**
	 * Return the limit.
	 * @return the soft limit in bytes
	 */
	public final long getLimit() {
		return this.limit;
	}

	/**
	 * Return the need.
	 * @return the bytes that were wanted
	 */
	public final long getNeed() {
		return this.need;
	}

}
