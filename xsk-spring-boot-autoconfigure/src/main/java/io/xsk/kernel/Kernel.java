package io.xsk.kernel;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

/**
 * The system calls of Linux that an XSK needs, as raw as the kernel offers them. Every
 * call returns what the kernel returns, or the negated error number ({@code -EBUSY});
 * none throws for an error of the kernel, so that a data thread can ask without an
 * allocation. The classes above turn an error into an exception that explains it.
 * <p>
 * Memory is passed as {@link NativeMemory}, which stays reachable until the call has
 * returned. Implementations are thread-safe.
 *
 * @since 0.1.0
 * @see Errno
 */
public interface Kernel {

	/**
	 * {@code socket(2)}.
	 * @param family the address family
	 * @param type the type, with {@link LinuxSocket#SOCK_CLOEXEC}
	 * @param protocol the protocol
	 * @return a file descriptor or a negated error number
	 */
	int socket(int family, int type, int protocol);

	/**
	 * {@code close(2)}.
	 * @param fd the descriptor
	 * @return 0 or a negated error number
	 */
	int close(int fd);

	/**
	 * {@code fcntl(2)} with {@code F_DUPFD_CLOEXEC}: another descriptor of the same open
	 * file, closed on exec.
	 * @param fd the descriptor
	 * @return a file descriptor or a negated error number
	 */
	int duplicate(int fd);

	/**
	 * {@code bind(2)}.
	 * @param fd the socket
	 * @param address the address, as long as the memory
	 * @return 0 or a negated error number
	 */
	int bind(int fd, NativeMemory address);

	/**
	 * {@code setsockopt(2)}.
	 * @param fd the socket
	 * @param level the level, {@link LinuxSocket#SOL_XDP} for example
	 * @param option the option
	 * @param value the value, as long as the memory
	 * @return 0 or a negated error number
	 */
	int setsockopt(int fd, int level, int option, NativeMemory value);

	/**
	 * {@code getsockopt(2)}.
	 * @param fd the socket
	 * @param level the level
	 * @param option the option
	 * @param value receives the value
	 * @return the length that the kernel wrote, or a negated error number
	 */
	int getsockopt(int fd, int level, int option, NativeMemory value);

	/**
	 * {@code sendto(2)} without an address.
	 * @param fd the socket
	 * @param data what to send, or {@code null} to only wake the kernel
	 * @param length how many bytes of it
	 * @param flags the flags
	 * @return the number of bytes or a negated error number
	 */
	int sendto(int fd, @Nullable NativeMemory data, int length, int flags);

	/**
	 * {@code recvfrom(2)} without an address.
	 * @param fd the socket
	 * @param data receives the message, or {@code null} to only wake the kernel
	 * @param flags the flags
	 * @return the number of bytes or a negated error number
	 */
	int recvfrom(int fd, @Nullable NativeMemory data, int flags);

	/**
	 * {@code poll(2)}.
	 * @param pollfds an array of {@code struct pollfd}
	 * @param count the number of its elements
	 * @param timeoutMillis how long to wait, in milliseconds; negative for ever
	 * @return the number of ready descriptors, 0 at the timeout, or a negated error
	 * number
	 */
	int poll(NativeMemory pollfds, int count, int timeoutMillis);

	/**
	 * {@code eventfd(2)} with {@code EFD_CLOEXEC} and {@code EFD_NONBLOCK}: a counter
	 * that starts at 0 and makes {@link #poll} return while it is not 0.
	 * @return a file descriptor or a negated error number
	 */
	int eventfd();

	/**
	 * {@code read(2)}.
	 * @param fd the descriptor
	 * @param data receives the bytes, at most as many as it is long
	 * @return the number of bytes or a negated error number
	 */
	int read(int fd, NativeMemory data);

	/**
	 * {@code write(2)}.
	 * @param fd the descriptor
	 * @param data what to write, all of it
	 * @return the number of bytes or a negated error number
	 */
	int write(int fd, NativeMemory data);

	/**
	 * {@code ioctl(2)} with a pointer argument.
	 * @param fd the descriptor
	 * @param request the request
	 * @param argument read and written by the kernel
	 * @return 0 or a negated error number
	 */
	int ioctl(int fd, int request, NativeMemory argument);

	/**
	 * {@code mmap(2)} at an address of the kernel's choice.
	 * @param length the length in bytes
	 * @param protection the protection bits
	 * @param flags the flags
	 * @param fd the descriptor to map, -1 for anonymous memory
	 * @param offset the offset into it
	 * @return the address or a negated error number (from -4095 to -1)
	 */
	long mmap(long length, int protection, int flags, int fd, long offset);

	/**
	 * {@code munmap(2)}.
	 * @param address the address that {@link #mmap} gave
	 * @param length the length in bytes
	 * @return 0 or a negated error number
	 */
	int munmap(long address, long length);

	/**
	 * {@code bpf(2)}.
	 * @param command the command
	 * @param attributes {@code union bpf_attr}, as long as the memory
	 * @return what the command returns (a descriptor or 0) or a negated error number
	 */
	int bpf(int command, NativeMemory attributes);

	/**
	 * {@code getrlimit(2)}.
	 * @param resource the resource
	 * @param limit receives {@code struct rlimit}: two longs
	 * @return 0 or a negated error number
	 */
	int getrlimit(int resource, NativeMemory limit);

	/**
	 * {@code capget(2)} of the calling thread.
	 * @param header {@code struct __user_cap_header_struct}
	 * @param data receives two {@code struct __user_cap_data_struct}
	 * @return 0 or a negated error number
	 */
	int capget(NativeMemory header, NativeMemory data);

	/**
	 * {@code sched_setaffinity(2)} of the calling thread.
	 * @param cpus a mask of the CPUs that it may run on: bit n of the little-endian words
	 * stands for CPU n
	 * @return 0 or a negated error number
	 */
	int setAffinity(NativeMemory cpus);

	/**
	 * Return the size of a memory page.
	 * @return the size in bytes, 4096 on x86-64
	 */
	int pageSize();

	/**
	 * Allocate zeroed memory for arguments of calls. It is freed by the garbage collector
	 * when neither it nor memory that refers to it is reachable any more.
	 * @param size the size in bytes
	 * @return the memory
	 */
	NativeMemory allocate(int size);

	/**
	 * View memory that was mapped. The view does not keep the mapping alive: reading or
	 * writing it after {@link #munmap} ends the process.
	 * @param address where the view starts
	 * @param length its length in bytes
	 * @return a buffer in native byte order
	 */
	ByteBuffer view(long address, int length);

	/**
	 * Return why this kernel cannot be called.
	 * @return what each call throws, {@code null} where calls are made
	 */
	default @Nullable KernelUnavailableException unavailability() {
		return null;
	}

}
