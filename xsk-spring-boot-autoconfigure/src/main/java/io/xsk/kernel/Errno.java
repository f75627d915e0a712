package io.xsk.kernel;

/**
 * Error numbers of Linux ({@code asm-generic/errno.h}, 6.18), as positive numbers.
 *
 * @since 0.1.0
 */
public final class Errno {

	/** The caller lacks a right. */
	public static final int EPERM = 1;

	/** No such entry. */
	public static final int ENOENT = 2;

	/** Interrupted by a signal. */
	public static final int EINTR = 4;

	/** No such device: the socket is unbound or its interface is gone. */
	public static final int ENXIO = 6;

	/** Not an open descriptor. */
	public static final int EBADF = 9;

	/** Try again. */
	public static final int EAGAIN = 11;

	/** No memory. */
	public static final int ENOMEM = 12;

	/** The file mode or a limit forbids it. */
	public static final int EACCES = 13;

	/** Bad address. */
	public static final int EFAULT = 14;

	/** Taken. */
	public static final int EBUSY = 16;

	/** Exists already. */
	public static final int EEXIST = 17;

	/** No such interface. */
	public static final int ENODEV = 19;

	/** An argument is not valid. */
	public static final int EINVAL = 22;

	/** Out of range. */
	public static final int ERANGE = 34;

	/** Too big. */
	public static final int E2BIG = 7;

	/** Not a socket. */
	public static final int ENOTSOCK = 88;

	/** The protocol is not known. */
	public static final int EPROTONOSUPPORT = 93;

	/** The socket type is not known. */
	public static final int ESOCKTNOSUPPORT = 94;

	/** The option is not known. */
	public static final int ENOPROTOOPT = 92;

	/** Not supported. */
	public static final int EOPNOTSUPP = 95;

	/** The address family is not known. */
	public static final int EAFNOSUPPORT = 97;

	/** The interface is down. */
	public static final int ENETDOWN = 100;

	/** No buffers: a limit is reached. */
	public static final int ENOBUFS = 105;

	/** The link has no interface any more. */
	public static final int ENOLINK = 67;

	/** The call does not exist. */
	public static final int ENOSYS = 38;

	/** No space. */
	public static final int ENOSPC = 28;

	/** The name is too long. */
	public static final int ENAMETOOLONG = 36;

	/** A part of the path is not a directory. */
	public static final int ENOTDIR = 20;

	/** The system's limit on open files is reached. */
	public static final int ENFILE = 23;

	/** The process's limit on open files is reached. */
	public static final int EMFILE = 24;

	/** The file system is read-only. */
	public static final int EROFS = 30;

	private static final String[] SYMBOLS = """
			EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT
			ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG
			ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP
			- ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL
			ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV
			ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD
			ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE
			EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT
			EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN
			ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY
			EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE
			ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL -
			""".strip().split("\\s+");

	private Errno() {
	}

	/**
	 * Return the symbol of an error number.
	 * @param errno a positive error number
	 * @return {@code EBUSY} for example, or {@code errno} with the number where it has
	 * none
	 */
	public static String symbol(int errno) {
		boolean known = errno >= 1 && errno <= SYMBOLS.length && !SYMBOLS[errno - 1].equals("-");
		return known ? SYMBOLS[errno - 1] : "errno " + errno;
	}

}
