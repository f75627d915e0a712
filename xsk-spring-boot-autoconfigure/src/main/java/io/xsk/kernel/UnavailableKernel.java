package io.xsk.kernel;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

/**
 * Stands for a kernel that cannot be called: each call throws the reason. With it the
 * sockets of an application can be configured and injected on any system. Thread-safe.
 *
 * @since 0.1.0
 */
public final class UnavailableKernel implements Kernel {

	private static final int PAGE_SIZE = 4096;

	private final KernelUnavailableException reason;

	/**
	 * Create a kernel.
	 * @param reason why it cannot be called, and what to do
	 */
	public UnavailableKernel(KernelUnavailableException reason) {
		this.reason = reason;
	}

	@Override
	public KernelUnavailableException unavailability() {
		return this.reason;
	}

	@Override
	public int socket(int family, int type, int protocol) {
		throw this.reason;
	}

	@Override
	public int close(int fd) {
		throw this.reason;
	}

	@Override
	public int duplicate(int fd) {
		throw this.reason;
	}

	@Override
	public int bind(int fd, NativeMemory address) {
		throw this.reason;
	}

	@Override
	public int setsockopt(int fd, int level, int option, NativeMemory value) {
		throw this.reason;
	}

	@Override
	public int getsockopt(int fd, int level, int option, NativeMemory value) {
		throw this.reason;
	}

	@Override
	public int sendto(int fd, @Nullable NativeMemory data, int length, int flags) {
		throw this.reason;
	}

	@Override
	public int recvfrom(int fd, @Nullable NativeMemory data, int flags) {
		throw this.reason;
	}

	@Override
	public int poll(NativeMemory pollfds, int count, int timeoutMillis) {
		throw this.reason;
	}

	@Override
	public int eventfd() {
		throw this.reason;
	}

	@Override
	public int read(int fd, NativeMemory data) {
		throw this.reason;
	}

	@Override
	public int write(int fd, NativeMemory data) {
		throw this.reason;
	}

	@Override
	public int ioctl(int fd, int request, NativeMemory argument) {
		throw this.reason;
	}

	@Override
	public long mmap(long length, int protection, int flags, int fd, long offset) {
		throw this.reason;
	}

	@Override
	public int munmap(long address, long length) {
		throw this.reason;
	}

	@Override
	public int bpf(int command, NativeMemory attributes) {
		throw this.reason;
	}

	@Override
	public int getrlimit(int resource, NativeMemory limit) {
		throw this.reason;
	}

	@Override
	public int capget(NativeMemory header, NativeMemory data) {
		throw this.reason;
	}

	@Override
	public int setAffinity(NativeMemory cpus) {
		throw this.reason;
	}

	/**
	 * Return the page size that most systems have, so that a configuration can be checked
	 * anywhere.
	 */
	@Override
	public int pageSize() {
		return PAGE_SIZE;
	}

	@Override
	public NativeMemory allocate(int size) {
		throw this.reason;
	}

	@Override
	public ByteBuffer view(long address, int length) {
		throw this.reason;
	}

}
