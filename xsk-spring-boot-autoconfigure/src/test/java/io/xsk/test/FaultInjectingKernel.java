package io.xsk.test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.NativeMemory;
import io.xsk.kernel.jna.JnaKernel;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A kernel that counts its calls, fails those that it is told to fail, and keeps account
 * of what is open. All else is done by the kernel behind it. A call that is made to fail
 * is not passed on.
 * <p>
 * {@code close} and {@code munmap} are accounted for apart from the other calls, so that
 * a test which fails call after call does not fail the clean-up. Thread-safe.
 *
 * @since 0.1.0
 */
public final class FaultInjectingKernel implements Kernel {

	/** Commands of bpf(2) whose result is a descriptor. */
	private static final Set<Integer> BPF_OPENS = Set.of(LinuxBpf.BPF_MAP_CREATE, LinuxBpf.BPF_PROG_LOAD,
			LinuxBpf.BPF_OBJ_GET, LinuxBpf.BPF_PROG_GET_FD_BY_ID, LinuxBpf.BPF_MAP_GET_FD_BY_ID,
			LinuxBpf.BPF_LINK_CREATE, LinuxBpf.BPF_LINK_GET_FD_BY_ID);

	private static final int ALWAYS = Integer.MAX_VALUE;

	private final Kernel kernel;

	private final List<String> calls = new ArrayList<>();

	private final List<String> releases = new ArrayList<>();

	private final Map<Integer, Integer> faultsByNumber = new HashMap<>();

	private final Map<String, Fault> faultsByName = new HashMap<>();

	private final Map<Integer, String> descriptors = new TreeMap<>();

	private final Map<Long, Long> mappings = new TreeMap<>();

	/**
	 * Create a kernel over the running one.
	 */
	public FaultInjectingKernel() {
		this(JnaKernel.load());
	}

	/**
	 * Create a kernel over another one.
	 * @param kernel who does what is not made to fail
	 */
	public FaultInjectingKernel(Kernel kernel) {
		this.kernel = kernel;
	}

	/**
	 * Fail one call, counted from now.
	 * @param callNumber which one: 1 is the next call; {@code close} and {@code munmap}
	 * do not count
	 * @param errno the error number that it returns
	 * @return this
	 */
	public synchronized FaultInjectingKernel failing(int callNumber, int errno) {
		this.faultsByNumber.put(this.calls.size() + callNumber, errno);
		return this;
	}

	/**
	 * Fail all calls of a name.
	 * @param call the name as {@link #calls()} and {@link #releases()} show it, without
	 * its detail or with it: {@code bpf} or {@code bpf BPF_MAP_CREATE}. A {@code close}
	 * or {@code munmap} does its work all the same, and then reports the error.
	 * @param errno the error number that they return
	 * @return this
	 */
	public FaultInjectingKernel failing(String call, int errno) {
		return failing(call, errno, ALWAYS);
	}

	/**
	 * Fail the next calls of a name.
	 * @param call the name, as above
	 * @param errno the error number that they return
	 * @param times how many of them fail
	 * @return this
	 */
	public synchronized FaultInjectingKernel failing(String call, int errno, int times) {
		this.faultsByName.put(call, new Fault(errno, times));
		return this;
	}

	/**
	 * Fail nothing any more.
	 * @return this
	 */
	public synchronized FaultInjectingKernel healthy() {
		this.faultsByNumber.clear();
		this.faultsByName.clear();
		return this;
	}

	/**
	 * Return the calls made so far, those that failed among them, but for {@code close},
	 * {@code munmap} and the methods of {@link Kernel} that are no system calls.
	 * @return names with a detail, {@code setsockopt XDP_UMEM_REG} for example; call
	 * number n is element n - 1
	 */
	public synchronized List<String> calls() {
		return List.copyOf(this.calls);
	}

	/**
	 * Return the calls of {@code close} and {@code munmap} made so far.
	 * @return names, with what was released: {@code close bpf BPF_MAP_CREATE} for example
	 */
	public synchronized List<String> releases() {
		return List.copyOf(this.releases);
	}

	/**
	 * Return the descriptors that were opened here and not closed here.
	 * @return which call opened them, by their numbers
	 */
	public synchronized Map<Integer, String> openDescriptors() {
		return Map.copyOf(this.descriptors);
	}

	/**
	 * Return the mappings that were made here and not removed here.
	 * @return their lengths in bytes, by their addresses
	 */
	public synchronized Map<Long, Long> openMappings() {
		return Map.copyOf(this.mappings);
	}

	/**
	 * Assert that everything that was opened or mapped here is closed and unmapped.
	 */
	public void assertNothingOpen() {
		assertThat(openDescriptors()).as("open descriptors after %s", calls()).isEmpty();
		assertThat(openMappings()).as("mappings after %s", calls()).isEmpty();
	}

	private synchronized int call(String name, boolean opens, IntSupplier call) {
		int result = (int) call(name, (LongSupplier) () -> call.getAsInt());
		if (opens && result >= 0) {
			this.descriptors.put(result, name);
		}
		return result;
	}

	private long call(String name, LongSupplier call) {
		int errno;
		synchronized (this) {
			this.calls.add(name);
			Integer byNumber = this.faultsByNumber.remove(this.calls.size());
			errno = (byNumber != null) ? byNumber : fault(name);
		}
		return (errno != 0) ? -errno : call.getAsLong();
	}

	private synchronized int fault(String name) {
		Fault fault = this.faultsByName.get(name);
		if (fault == null) {
			fault = this.faultsByName.get(name.split(" ")[0]);
		}
		return (fault != null) ? fault.next() : 0;
	}

	@Override
	public int socket(int family, int type, int protocol) {
		return call("socket " + CallNames.family(family), true, () -> this.kernel.socket(family, type, protocol));
	}

	@Override
	public synchronized int close(int fd) {
		this.releases.add("close " + this.descriptors.getOrDefault(fd, "fd " + fd));
		this.descriptors.remove(fd);
		int result = this.kernel.close(fd);
		int errno = fault("close");
		return (errno != 0) ? -errno : result;
	}

	@Override
	public int duplicate(int fd) {
		return call("fcntl F_DUPFD_CLOEXEC", true, () -> this.kernel.duplicate(fd));
	}

	@Override
	public int bind(int fd, NativeMemory address) {
		return call("bind", false, () -> this.kernel.bind(fd, address));
	}

	@Override
	public int setsockopt(int fd, int level, int option, NativeMemory value) {
		return call("setsockopt " + CallNames.option(level, option), false,
				() -> this.kernel.setsockopt(fd, level, option, value));
	}

	@Override
	public int getsockopt(int fd, int level, int option, NativeMemory value) {
		return call("getsockopt " + CallNames.option(level, option), false,
				() -> this.kernel.getsockopt(fd, level, option, value));
	}

	@Override
	public int sendto(int fd, @Nullable NativeMemory data, int length, int flags) {
		return (int) call("sendto", () -> this.kernel.sendto(fd, data, length, flags));
	}

	@Override
	public int recvfrom(int fd, @Nullable NativeMemory data, int flags) {
		return (int) call("recvfrom", () -> this.kernel.recvfrom(fd, data, flags));
	}

	@Override
	public int poll(NativeMemory pollfds, int count, int timeoutMillis) {
		return (int) call("poll", () -> this.kernel.poll(pollfds, count, timeoutMillis));
	}

	@Override
	public int eventfd() {
		return call("eventfd", true, this.kernel::eventfd);
	}

	@Override
	public int read(int fd, NativeMemory data) {
		return (int) call("read", () -> this.kernel.read(fd, data));
	}

	@Override
	public int write(int fd, NativeMemory data) {
		return (int) call("write", () -> this.kernel.write(fd, data));
	}

	@Override
	public int ioctl(int fd, int request, NativeMemory argument) {
		return call("ioctl 0x%x".formatted(request), false, () -> this.kernel.ioctl(fd, request, argument));
	}

	@Override
	public synchronized long mmap(long length, int protection, int flags, int fd, long offset) {
		long address = call("mmap", () -> this.kernel.mmap(length, protection, flags, fd, offset));
		if (address > 0) {
			this.mappings.put(address, length);
		}
		return address;
	}

	@Override
	public synchronized int munmap(long address, long length) {
		this.releases.add("munmap");
		this.mappings.remove(address, length);
		int result = this.kernel.munmap(address, length);
		int errno = fault("munmap");
		return (errno != 0) ? -errno : result;
	}

	@Override
	public int bpf(int command, NativeMemory attributes) {
		return call("bpf " + CallNames.bpf(command), BPF_OPENS.contains(command),
				() -> this.kernel.bpf(command, attributes));
	}

	@Override
	public int getrlimit(int resource, NativeMemory limit) {
		return call("getrlimit", false, () -> this.kernel.getrlimit(resource, limit));
	}

	@Override
	public int capget(NativeMemory header, NativeMemory data) {
		return call("capget", false, () -> this.kernel.capget(header, data));
	}

	@Override
	public int setAffinity(NativeMemory cpus) {
		return call("sched_setaffinity", false, () -> this.kernel.setAffinity(cpus));
	}

	@Override
	public int pageSize() {
		return this.kernel.pageSize();
	}

	@Override
	public NativeMemory allocate(int size) {
		return this.kernel.allocate(size);
	}

	@Override
	public ByteBuffer view(long address, int length) {
		return this.kernel.view(address, length);
	}

	/** An error that some calls return. */
	private static final class Fault {

		private final int errno;

		private int left;

		private Fault(int errno, int times) {
			this.errno = errno;
			this.left = times;
		}

		private int next() {
			if (this.left == 0) {
				return 0;
			}
			this.left -= (this.left != ALWAYS) ? 1 : 0;
			return this.errno;
		}

	}

}
