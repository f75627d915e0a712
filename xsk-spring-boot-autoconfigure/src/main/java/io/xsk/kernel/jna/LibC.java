package io.xsk.kernel.jna;

import com.sun.jna.Native;

/**
 * The C library, mapped directly and with primitives alone: {@code size_t} and
 * {@code off_t} are 64 bits wide on every system that {@link JnaKernel} accepts, and
 * addresses are passed as numbers, so that JNA allocates nothing per call.
 */
final class LibC {

	static {
		Native.register(LibC.class, "c");
	}

	private LibC() {
	}

	static native int socket(int family, int type, int protocol);

	static native int close(int fd);

	static native int fcntl(int fd, int command, long argument);

	static native int bind(int fd, long address, int length);

	static native int setsockopt(int fd, int level, int option, long value, int length);

	static native int getsockopt(int fd, int level, int option, long value, long length);

	static native long sendto(int fd, long data, long length, int flags, long address, int addressLength);

	static native long recvfrom(int fd, long data, long length, int flags, long address, long addressLength);

	static native int poll(long pollfds, long count, int timeout);

	static native int eventfd(int initial, int flags);

	static native long read(int fd, long data, long length);

	static native long write(int fd, long data, long length);

	static native int ioctl(int fd, long request, long argument);

	static native long mmap(long address, long length, int protection, int flags, int fd, long offset);

	static native int munmap(long address, long length);

	static native int getrlimit(int resource, long limit);

	static native int capget(long header, long data);

	static native int sched_setaffinity(int thread, long size, long mask);

	static native int getpagesize();

	static native long syscall(long number, long first, long second, long third);

}
