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
		// one for each throw: it is to say who called
		return new KernelUnavailableException(this.reason.getDescription(), this.reason.getAction(),
				this.reason.getCause());
	}

	@Override
	public int socket(int family, int type, int protocol) {
		throw unavailability();
	}

	@Override
	public int close(int fd) {
		throw unavailability();
	}

	@Override
	public int duplicate(int fd) {
		throw unavailability();
	}

	@Override
	public int bind(int fd, NativeMemory address) {
		throw unavailability();
	}

	@Override
	public int setsockopt(int fd, int level, int option, NativeMemory value) {
		throw unavailability();
	}

	@Override
	public int getsockopt(int fd, int level, int option, NativeMemory value) {
		throw unavailability();
	}

	@Override
	public int sendto(int fd, @Nullable NativeMemory data, int length, int flags) {
		throw unavailability();
	}

	@Override
	public int recvfrom(int fd, @Nullable NativeMemory data, int flags) {
		throw unavailability();
	}

	@Override
	public int poll(NativeMemory pollfds, int count, int timeoutMillis) {
		throw unavailability();
	}

	@Override
	public int eventfd() {
		throw unavailability();
	}

	@Override
	public int read(int fd, NativeMemory data) {
		throw unavailability();
	}

	@Override
	public int write(int fd, NativeMemory data) {
		throw unavailability();
	}

	@Override
	public int ioctl(int fd, int request, NativeMemory argument) {
		throw unavailability();
	}

	@Override
	public long mmap(long length, int protection, int flags, int fd, long offset) {
		throw unavailability();
	}

	@Override
	public int munmap(long address, long length) {
		throw unavailability();
	}

	@Override
	public int bpf(int command, NativeMemory attributes) {
		throw unavailability();
	}

	@Override
	public int getrlimit(int resource, NativeMemory limit) {
		throw unavailability();
	}

	@Override
	public int capget(NativeMemory header, NativeMemory data) {
		throw unavailability();
	}

	@Override
	public int setAffinity(NativeMemory cpus) {
		throw unavailability();
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
		throw unavailability();
	}

	@Override
	public ByteBuffer view(long address, int length) {
		throw unavailability();
	}

}
