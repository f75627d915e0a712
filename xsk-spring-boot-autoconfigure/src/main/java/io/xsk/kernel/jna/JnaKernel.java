package io.xsk.kernel.jna;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Map;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.KernelUnavailableException;
import io.xsk.kernel.NativeMemory;
import org.jspecify.annotations.Nullable;

/**
 * The running Linux kernel, called through JNA. Has no state of its own; one instance
 * serves a whole application. Thread-safe.
 *
 * @since 0.1.0
 */
public final class JnaKernel implements Kernel {

	private static final int F_DUPFD_CLOEXEC = 1030;

	private static final int CALLING_THREAD = 0;

	private static final int EFD_CLOEXEC = 0x80000;

	private static final int EFD_NONBLOCK = 0x800;

	/** Number of bpf(2) by the JVM's name of the architecture (asm/unistd.h). */
	private static final Map<String, Integer> SYS_BPF = Map.of("amd64", 321, "x86_64", 321, "aarch64", 280, "riscv64",
			280, "loongarch64", 280, "ppc64le", 361, "s390x", 351);

	private final int sysBpf;

	private final int pageSize;

	private JnaKernel(int sysBpf) {
		this.sysBpf = sysBpf;
		this.pageSize = LibC.getpagesize();
	}

	/**
	 * Return whether this system can have AF_XDP at all: Linux on a 64-bit processor
	 * whose system call numbers are known. Asks no library and no kernel.
	 * @return {@code false} when {@link #load()} is bound to fail
	 */
	public static boolean isSupportedSystem() {
		return System.getProperty("os.name").equals("Linux") && SYS_BPF.containsKey(architecture());
	}

	/**
	 * Load the seam.
	 * @return the running kernel
	 * @throws KernelUnavailableException when this is not a Linux system of a known
	 * architecture, or when JNA cannot load its native library
	 */
	public static JnaKernel load() {
		Integer sysBpf = SYS_BPF.get(architecture());
		if (sysBpf == null || !isSupportedSystem()) {
			throw new KernelUnavailableException(
					"AF_XDP needs Linux on one of %s, and this is %s on %s.".formatted(SYS_BPF.keySet(),
							System.getProperty("os.name"), architecture()),
					"Run the application on such a system, or set xsk.enabled=false.", null);
		}
		try {
			return new JnaKernel(sysBpf);
		}
		catch (LinkageError ex) {
			throw new KernelUnavailableException("JNA cannot load its native library: " + rootMessage(ex) + ".", """
					JNA unpacks it into ~/.cache/JNA, $XDG_CACHE_HOME or the directory that the system property \
					jna.tmpdir names, which must be writable and not mounted noexec. Point jna.tmpdir at such a \
					directory, or unpack libjnidispatch.so from the JNA jar beforehand and start the JVM with \
					-Djna.boot.library.path=DIRECTORY -Djna.nounpack=true. On JDK 24 and later start it with \
					--enable-native-access=ALL-UNNAMED too.""", ex);
		}
	}

	private static String architecture() {
		return System.getProperty("os.arch").toLowerCase(Locale.ROOT);
	}

	private static String rootMessage(Throwable error) {
		Throwable root = error;
		while (root.getCause() != null) {
			root = root.getCause();
		}
		return String.valueOf(root.getMessage()).strip();
	}

	@Override
	public int socket(int family, int type, int protocol) {
		return result(LibC.socket(family, type, protocol));
	}

	@Override
	public int close(int fd) {
		return result(LibC.close(fd));
	}

	@Override
	public int duplicate(int fd) {
		return result(LibC.fcntl(fd, F_DUPFD_CLOEXEC, 0));
	}

	@Override
	public int bind(int fd, NativeMemory address) {
		try {
			return result(LibC.bind(fd, address.address(), address.size()));
		}
		finally {
			Reference.reachabilityFence(address);
		}
	}

	@Override
	public int setsockopt(int fd, int level, int option, NativeMemory value) {
		try {
			return result(LibC.setsockopt(fd, level, option, value.address(), value.size()));
		}
		finally {
			Reference.reachabilityFence(value);
		}
	}

	@Override
	public int getsockopt(int fd, int level, int option, NativeMemory value) {
		NativeMemory length = allocate(Integer.BYTES).putInt(0, value.size());
		try {
			int result = result(LibC.getsockopt(fd, level, option, value.address(), length.address()));
			return (result < 0) ? result : length.getInt(0);
		}
		finally {
			Reference.reachabilityFence(value);
			Reference.reachabilityFence(length);
		}
	}

	@Override
	public int sendto(int fd, @Nullable NativeMemory data, int length, int flags) {
		try {
			return result(LibC.sendto(fd, (data != null) ? data.address() : 0, length, flags, 0, 0));
		}
		finally {
			Reference.reachabilityFence(data);
		}
	}

	@Override
	public int recvfrom(int fd, @Nullable NativeMemory data, int flags) {
		try {
			return result(LibC.recvfrom(fd, (data != null) ? data.address() : 0, (data != null) ? data.size() : 0,
					flags, 0, 0));
		}
		finally {
			Reference.reachabilityFence(data);
		}
	}

	@Override
	public int poll(NativeMemory pollfds, int count, int timeoutMillis) {
		try {
			return result(LibC.poll(pollfds.address(), count, timeoutMillis));
		}
		finally {
			Reference.reachabilityFence(pollfds);
		}
	}

	@Override
	public int eventfd() {
		return result(LibC.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	}

	@Override
	public int read(int fd, NativeMemory data) {
		try {
			return result(LibC.read(fd, data.address(), data.size()));
		}
		finally {
			Reference.reachabilityFence(data);
		}
	}

	@Override
	public int write(int fd, NativeMemory data) {
		try {
			return result(LibC.write(fd, data.address(), data.size()));
		}
		finally {
			Reference.reachabilityFence(data);
		}
	}

	@Override
	public int ioctl(int fd, int request, NativeMemory argument) {
		try {
			return result(LibC.ioctl(fd, Integer.toUnsignedLong(request), argument.address()));
		}
		finally {
			Reference.reachabilityFence(argument);
		}
	}

	@Override
	public long mmap(long length, int protection, int flags, int fd, long offset) {
		long address = LibC.mmap(0, length, protection, flags, fd, offset);
		return (address == -1) ? -Native.getLastError() : address;
	}

	@Override
	public int munmap(long address, long length) {
		return result(LibC.munmap(address, length));
	}

	@Override
	public int bpf(int command, NativeMemory attributes) {
		try {
			return result(LibC.syscall(this.sysBpf, command, attributes.address(), attributes.size()));
		}
		finally {
			Reference.reachabilityFence(attributes);
		}
	}

	@Override
	public int getrlimit(int resource, NativeMemory limit) {
		try {
			return result(LibC.getrlimit(resource, limit.address()));
		}
		finally {
			Reference.reachabilityFence(limit);
		}
	}

	@Override
	public int capget(NativeMemory header, NativeMemory data) {
		try {
			return result(LibC.capget(header.address(), data.address()));
		}
		finally {
			Reference.reachabilityFence(header);
			Reference.reachabilityFence(data);
		}
	}

	@Override
	public int setAffinity(NativeMemory cpus) {
		try {
			return result(LibC.sched_setaffinity(CALLING_THREAD, cpus.size(), cpus.address()));
		}
		finally {
			Reference.reachabilityFence(cpus);
		}
	}

	@Override
	public int pageSize() {
		return this.pageSize;
	}

	@Override
	public NativeMemory allocate(int size) {
		ByteBuffer buffer = ByteBuffer.allocateDirect(size);
		return new NativeMemory(buffer, Pointer.nativeValue(Native.getDirectBufferPointer(buffer)));
	}

	@Override
	public ByteBuffer view(long address, int length) {
		return new Pointer(address).getByteBuffer(0, length).order(ByteOrder.nativeOrder());
	}

	/** The error number is the calling thread's only until its next call. */
	private static int result(long value) {
		return (value == -1) ? -Native.getLastError() : (int) value;
	}

}
