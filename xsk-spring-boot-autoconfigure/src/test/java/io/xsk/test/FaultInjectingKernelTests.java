package io.xsk.test;

import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.MemoryMapping;
import io.xsk.kernel.NativeMemory;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link FaultInjectingKernel} and {@link OpenResources}.
 */
@KernelTest
class FaultInjectingKernelTests {

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	@Test
	void callsAreNamedAndWhatTheyOpenIsTracked() {
		OpenResources before = OpenResources.snapshot();
		FileDescriptor socket = socket();
		FileDescriptor map = map();
		FileDescriptor copy = FileDescriptor.duplicate(this.kernel, map.value());
		MemoryMapping memory = MemoryMapping.anonymous(this.kernel, this.kernel.pageSize(), false, "");
		this.kernel.setsockopt(socket.value(), LinuxSocket.SOL_XDP, LinuxIfXdp.XDP_RX_RING,
				this.kernel.allocate(4).putInt(0, 64));
		assertThat(this.kernel.calls()).containsExactly("socket AF_XDP", "bpf BPF_MAP_CREATE", "fcntl F_DUPFD_CLOEXEC",
				"mmap", "setsockopt XDP_RX_RING");
		assertThat(this.kernel.openDescriptors()).containsEntry(socket.value(), "socket AF_XDP")
			.containsEntry(map.value(), "bpf BPF_MAP_CREATE")
			.containsEntry(copy.value(), "fcntl F_DUPFD_CLOEXEC");
		assertThat(this.kernel.openMappings()).containsEntry(memory.address(), memory.length());
		OpenResources during = OpenResources.snapshot();
		assertThat(during.count("AF_XDP") - before.count("AF_XDP")).isEqualTo(1);
		assertThat(during.count("bpf-map") - before.count("bpf-map")).isEqualTo(2);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(before::assertUnchanged)
			.withMessageContaining("bpf-map");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(this.kernel::assertNothingOpen);
		memory.close();
		copy.close();
		map.close();
		socket.close();
		assertThat(this.kernel.releases()).containsExactly("munmap", "close fcntl F_DUPFD_CLOEXEC",
				"close bpf BPF_MAP_CREATE", "close socket AF_XDP");
		this.kernel.assertNothingOpen();
		before.assertUnchanged();
	}

	@Test
	void oneCallFailsByItsNumber() {
		this.kernel.failing(2, Errno.ENOBUFS);
		try (FileDescriptor first = socket()) {
			assertThat(first.isOpen()).isTrue();
			assertThat(this.kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW, 0)).isEqualTo(-Errno.ENOBUFS);
			socket().close();
		}
		assertThat(this.kernel.calls()).hasSize(3);
		this.kernel.assertNothingOpen();
	}

	@Test
	void callsFailByTheirName() {
		this.kernel.failing("socket", Errno.EPERM, 2).failing("bpf BPF_MAP_CREATE", Errno.EPERM);
		assertThat(this.kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW, 0)).isEqualTo(-Errno.EPERM);
		assertThat(this.kernel.socket(LinuxSocket.AF_UNIX, LinuxSocket.SOCK_RAW, 0)).isEqualTo(-Errno.EPERM);
		socket().close();
		assertThat(this.kernel.bpf(LinuxBpf.BPF_MAP_CREATE, mapAttributes())).isEqualTo(-Errno.EPERM);
		assertThat(this.kernel.bpf(LinuxBpf.BPF_MAP_CREATE, mapAttributes())).isEqualTo(-Errno.EPERM);
		this.kernel.healthy();
		map().close();
		this.kernel.assertNothingOpen();
	}

	@Test
	void aFailedCloseHasClosedAllTheSame() {
		OpenResources before = OpenResources.snapshot();
		FileDescriptor socket = socket();
		int fd = socket.value();
		assertThat(this.kernel.failing("close", Errno.EINTR, 1).close(fd)).isEqualTo(-Errno.EINTR);
		before.assertUnchanged();
		this.kernel.assertNothingOpen();
	}

	private FileDescriptor socket() {
		return FileDescriptor.own(this.kernel,
				this.kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0));
	}

	private FileDescriptor map() {
		return FileDescriptor.own(this.kernel, this.kernel.bpf(LinuxBpf.BPF_MAP_CREATE, mapAttributes()));
	}

	private NativeMemory mapAttributes() {
		return this.kernel.allocate(LinuxBpf.BPF_ATTR_SIZE)
			.putInt(LinuxBpf.MAP_CREATE_TYPE, LinuxBpf.BPF_MAP_TYPE_XSKMAP)
			.putInt(LinuxBpf.MAP_CREATE_KEY_SIZE, 4)
			.putInt(LinuxBpf.MAP_CREATE_VALUE_SIZE, 4)
			.putInt(LinuxBpf.MAP_CREATE_MAX_ENTRIES, 4);
	}

}
