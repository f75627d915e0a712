package io.xsk.kernel.jna;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntSupplier;

import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.LinuxMemory;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;
import io.xsk.test.Commands;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.PassProgram;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JnaKernel}.
 */
@KernelTest
class JnaKernelTests {

	private static final int O_CLOEXEC = 0_2000000;

	private final Kernel kernel = JnaKernel.load();

	private final NativeMemory memory = this.kernel.allocate(256);

	@Test
	void everyCallReturnsTheNegatedErrorNumber() {
		assertThat(this.kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_DGRAM, 0)).isEqualTo(-Errno.ESOCKTNOSUPPORT);
		assertThat(this.kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW, 1)).isEqualTo(-Errno.EPROTONOSUPPORT);
		assertThat(this.kernel.socket(999, LinuxSocket.SOCK_RAW, 0)).isEqualTo(-Errno.EAFNOSUPPORT);
		assertThat(this.kernel.close(-1)).isEqualTo(-Errno.EBADF);
		assertThat(this.kernel.duplicate(-1)).isEqualTo(-Errno.EBADF);
		assertThat(this.kernel.bind(-1, this.memory)).isEqualTo(-Errno.EBADF);
		assertThat(this.kernel.setsockopt(-1, LinuxSocket.SOL_XDP, 1, this.memory)).isEqualTo(-Errno.EBADF);
		assertThat(this.kernel.getsockopt(-1, LinuxSocket.SOL_XDP, 1, this.memory)).isEqualTo(-Errno.EBADF);
		assertThat(this.kernel.sendto(-1, this.memory, 1, 0)).isEqualTo(-Errno.EBADF);
		assertThat(this.kernel.sendto(-1, null, 0, 0)).isEqualTo(-Errno.EBADF);
		assertThat(this.kernel.recvfrom(-1, this.memory, 0)).isEqualTo(-Errno.EBADF);
		assertThat(this.kernel.recvfrom(-1, null, 0)).isEqualTo(-Errno.EBADF);
		assertThat(this.kernel.poll(this.memory, -1, 0)).isEqualTo(-Errno.EINVAL);
		assertThat(this.kernel.ioctl(-1, 0x8946, this.memory)).isEqualTo(-Errno.EBADF);
		assertThat(this.kernel.mmap(0, 0, LinuxMemory.MAP_PRIVATE | LinuxMemory.MAP_ANONYMOUS, -1, 0))
			.isEqualTo(-Errno.EINVAL);
		assertThat(this.kernel.munmap(1, 1)).isEqualTo(-Errno.EINVAL);
		assertThat(this.kernel.bpf(9999, this.memory)).isEqualTo(-Errno.EINVAL);
		assertThat(this.kernel.bpf(LinuxBpf.BPF_MAP_DELETE_ELEM,
				this.kernel.allocate(LinuxBpf.MAP_ELEM_SIZE).putInt(LinuxBpf.MAP_ELEM_MAP_FD, -1)))
			.isEqualTo(-Errno.EBADF);
		assertThat(this.kernel.getrlimit(-1, this.memory)).isEqualTo(-Errno.EINVAL);
		assertThat(this.kernel.capget(this.kernel.allocate(8), this.memory)).isEqualTo(-Errno.EINVAL);
	}

	@Test
	void anAnswerOfACallIsItsLength() {
		try (FileDescriptor socket = socket(LinuxSocket.AF_NETLINK, LinuxSocket.SOCK_RAW)) {
			assertThat(
					this.kernel.getsockopt(socket.value(), LinuxSocket.SOL_SOCKET, LinuxSocket.SO_DOMAIN, this.memory))
				.isEqualTo(Integer.BYTES);
			assertThat(this.memory.getInt(0)).isEqualTo(LinuxSocket.AF_NETLINK);
			assertThat(this.kernel.recvfrom(socket.value(), this.memory, LinuxSocket.MSG_DONTWAIT))
				.isEqualTo(-Errno.EAGAIN);
		}
	}

	@Test
	void pollWaitsForAsLongAsItIsTold() {
		try (FileDescriptor socket = socket(LinuxSocket.AF_NETLINK, LinuxSocket.SOCK_RAW)) {
			this.memory.putInt(LinuxSocket.POLLFD_FD, socket.value())
				.putShort(LinuxSocket.POLLFD_EVENTS, LinuxSocket.POLLIN);
			assertThat(this.kernel.poll(this.memory, 1, 10)).isZero();
			this.memory.putShort(LinuxSocket.POLLFD_EVENTS, LinuxSocket.POLLIN | LinuxSocket.POLLOUT);
			assertThat(this.kernel.poll(this.memory, 1, -1)).isEqualTo(1);
			assertThat(this.memory.getShort(LinuxSocket.POLLFD_REVENTS)).isEqualTo(LinuxSocket.POLLOUT);
		}
	}

	@Test
	void limitsAreThoseOfTheProcess() {
		assertThat(this.kernel.getrlimit(LinuxMemory.RLIMIT_MEMLOCK, this.memory)).isZero();
		String shown = Commands
			.run("prlimit", "--memlock", "--raw", "--noheadings", "--output=SOFT",
					"--pid=" + ProcessHandle.current().pid())
			.strip();
		long soft = this.memory.getLong(0);
		assertThat(shown).isEqualTo((soft == LinuxMemory.RLIM_INFINITY) ? "unlimited" : Long.toString(soft));
		assertThat(this.kernel.pageSize()).isEqualTo(Integer.parseInt(Commands.run("getconf", "PAGESIZE").strip()));
	}

	@Test
	void anAddressPastTwoGigabytesIsNoError() {
		// what a mapping's address looks like as a signed number must not matter
		long length = 4096;
		long address = this.kernel.mmap(length, LinuxMemory.PROT_READ,
				LinuxMemory.MAP_PRIVATE | LinuxMemory.MAP_ANONYMOUS, -1, 0);
		assertThat(address).isGreaterThan(Integer.MAX_VALUE);
		assertThat(this.kernel.munmap(address, length)).isZero();
	}

	@Test
	void errorNumbersOfThreadsAreKeptApart() throws Exception {
		Map<Integer, IntSupplier> failures = new LinkedHashMap<>();
		failures.put(Errno.EBADF, () -> this.kernel.close(-1));
		failures.put(Errno.EAFNOSUPPORT, () -> this.kernel.socket(999, LinuxSocket.SOCK_RAW, 0));
		failures.put(Errno.EINVAL,
				() -> (int) this.kernel.mmap(0, 0, LinuxMemory.MAP_PRIVATE | LinuxMemory.MAP_ANONYMOUS, -1, 0));
		failures.put(Errno.ESOCKTNOSUPPORT, () -> this.kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_DGRAM, 0));
		int rounds = 50_000;
		ExecutorService threads = Executors.newFixedThreadPool(failures.size());
		try {
			List<Callable<Integer>> tasks = new ArrayList<>();
			failures.forEach((errno, call) -> tasks.add(() -> {
				int right = 0;
				for (int i = 0; i < rounds; i++) {
					right += (call.getAsInt() == -errno) ? 1 : 0;
				}
				return right;
			}));
			for (Future<Integer> right : threads.invokeAll(tasks)) {
				assertThat(right.get()).isEqualTo(rounds);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void noDescriptorIsInheritedByAChild() throws IOException {
		OpenResources before = OpenResources.snapshot();
		try (VethPair pair = VethPair.create();
				FileDescriptor xdp = socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW);
				FileDescriptor netlink = socket(LinuxSocket.AF_NETLINK, LinuxSocket.SOCK_RAW);
				FileDescriptor map = map();
				FileDescriptor copy = FileDescriptor.duplicate(this.kernel, map.value());
				PassProgram program = PassProgram.attach(pair.index(), LinuxBpf.XDP_FLAGS_SKB_MODE)) {
			for (int fd : new int[] { xdp.value(), netlink.value(), map.value(), copy.value(), program.fd(),
					program.linkFd() }) {
				assertThat(flags(fd) & O_CLOEXEC).as(Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString())
					.isEqualTo(O_CLOEXEC);
			}
		}
		before.assertUnchanged();
	}

	private static int flags(int fd) throws IOException {
		return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))
			.stream()
			.filter((line) -> line.startsWith("flags:"))
			.map((line) -> Integer.parseInt(line.substring("flags:".length()).strip(), 8))
			.findFirst()
			.orElseThrow();
	}

	private FileDescriptor socket(int family, int type) {
		return FileDescriptor.own(this.kernel, this.kernel.socket(family, type | LinuxSocket.SOCK_CLOEXEC, 0));
	}

	private FileDescriptor map() {
		return FileDescriptor.own(this.kernel,
				this.kernel.bpf(LinuxBpf.BPF_MAP_CREATE,
						this.kernel.allocate(LinuxBpf.BPF_ATTR_SIZE)
							.putInt(LinuxBpf.MAP_CREATE_TYPE, LinuxBpf.BPF_MAP_TYPE_XSKMAP)
							.putInt(LinuxBpf.MAP_CREATE_KEY_SIZE, 4)
							.putInt(LinuxBpf.MAP_CREATE_VALUE_SIZE, 4)
							.putInt(LinuxBpf.MAP_CREATE_MAX_ENTRIES, 4)));
	}

}
