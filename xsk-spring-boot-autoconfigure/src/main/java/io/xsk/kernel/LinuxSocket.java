package io.xsk.kernel;

/**
 * Constants of {@code sys/socket.h} and {@code poll.h} (Linux 6.18).
 *
 * @since 0.1.0
 */
public final class LinuxSocket {

	/** Sockets within the machine. */
	public static final int AF_UNIX = 1;

	/** Messages from and to the kernel. */
	public static final int AF_NETLINK = 16;

	/** XDP sockets. */
	public static final int AF_XDP = 44;

	/** Datagrams. */
	public static final int SOCK_DGRAM = 2;

	/** Raw packets. */
	public static final int SOCK_RAW = 3;

	/** Close on exec. */
	public static final int SOCK_CLOEXEC = 0x80000;

	/** Options of every socket. */
	public static final int SOL_SOCKET = 1;

	/** Options of XDP sockets. */
	public static final int SOL_XDP = 283;

	/** Read the address family of a socket. */
	public static final int SO_DOMAIN = 39;

	/** How long the kernel polls the queue in place of the driver's interrupt, in µs. */
	public static final int SO_BUSY_POLL = 46;

	/** Read which NAPI instance the last packet came from; 0 for none. */
	public static final int SO_INCOMING_NAPI_ID = 56;

	/** Let the application decide when the driver's queue is polled, since Linux 5.11. */
	public static final int SO_PREFER_BUSY_POLL = 69;

	/** How many packets the kernel takes per busy poll, since Linux 5.11. */
	public static final int SO_BUSY_POLL_BUDGET = 70;

	/** Do not block. */
	public static final int MSG_DONTWAIT = 0x40;

	/** There is something to read. */
	public static final int POLLIN = 1;

	/** Writing does not block. */
	public static final int POLLOUT = 4;

	/** Size of {@code struct pollfd}. */
	public static final int POLLFD_SIZE = 8;

	/** Offset of the descriptor, four bytes. */
	public static final int POLLFD_FD = 0;

	/** Offset of the events asked for, two bytes. */
	public static final int POLLFD_EVENTS = 4;

	/** Offset of the events returned, two bytes. */
	public static final int POLLFD_REVENTS = 6;

	private LinuxSocket() {
	}

}
