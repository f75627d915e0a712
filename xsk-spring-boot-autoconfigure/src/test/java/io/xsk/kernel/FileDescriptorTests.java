package io.xsk.kernel;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import io.xsk.XskSystemException;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link FileDescriptor}.
 */
@KernelTest
class FileDescriptorTests {

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	@AfterEach
	void nothingIsLeftOpen() {
		this.kernel.assertNothingOpen();
	}

	@Test
	void itIsClosedOnceHoweverOften() {
		FileDescriptor descriptor = open();
		int fd = descriptor.value();
		assertThat(descriptor.isOpen()).isTrue();
		assertThat(descriptor).hasToString(Integer.toString(fd));
		descriptor.close();
		descriptor.close();
		assertThat(descriptor.isOpen()).isFalse();
		assertThat(descriptor).hasToString(fd + " (closed)");
		assertThat(this.kernel.releases()).hasSize(1);
	}

	@Test
	void itCannotBeUsedAfterItsClose() {
		FileDescriptor descriptor = open();
		int fd = descriptor.value();
		descriptor.close();
		assertThatIllegalStateException().isThrownBy(descriptor::value)
			.withMessageContaining("File descriptor " + fd + " is closed");
	}

	@Test
	void ofManyThreadsThatCloseItOneDoes() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			for (int round = 1; round <= 50; round++) {
				FileDescriptor descriptor = open();
				CountDownLatch start = new CountDownLatch(1);
				for (Future<?> closer : IntStream.range(0, 8).<Future<?>>mapToObj((i) -> threads.submit(() -> {
					start.await();
					descriptor.close();
					return null;
				})).peek((closer) -> start.countDown()).toList()) {
					closer.get();
				}
				assertThat(this.kernel.releases()).hasSize(round);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void somebodyElsesCloseIsReported() {
		FileDescriptor descriptor = open();
		int fd = descriptor.value();
		this.kernel.close(fd);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(descriptor::close)
			.withMessage(
					"close(fd=%d) failed with errno 9 (EBADF): the descriptor was closed by somebody else."
							+ " Find the code that closes descriptors it does not own; it may have closed others too.",
					fd);
		descriptor.close();
	}

	@Test
	void anInterruptedCloseHasClosed() {
		FileDescriptor descriptor = open();
		this.kernel.failing("close", Errno.EINTR);
		descriptor.close();
		assertThat(descriptor.isOpen()).isFalse();
	}

	@Test
	void aDuplicateOutlivesTheOriginal() {
		FileDescriptor original = open();
		try (FileDescriptor duplicate = FileDescriptor.duplicate(this.kernel, original.value())) {
			assertThat(duplicate.value()).isNotEqualTo(original.value());
			original.close();
			assertThat(this.kernel.getsockopt(duplicate.value(), LinuxSocket.SOL_SOCKET, LinuxSocket.SO_DOMAIN,
					this.kernel.allocate(4)))
				.isEqualTo(4);
		}
	}

	@Test
	void whatIsNotOpenCannotBeDuplicated() {
		FileDescriptor descriptor = open();
		int fd = descriptor.value();
		descriptor.close();
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> FileDescriptor.duplicate(this.kernel, fd))
			.withMessageStartingWith("fcntl F_DUPFD_CLOEXEC(fd=%d) failed with errno 9 (EBADF)", fd)
			.withMessageContaining("keep it open until this call returns");
	}

	@Test
	void anErrorNumberIsNoDescriptor() {
		assertThatIllegalArgumentException().isThrownBy(() -> FileDescriptor.own(this.kernel, -Errno.EPERM));
	}

	private FileDescriptor open() {
		return FileDescriptor.own(this.kernel,
				this.kernel.socket(LinuxSocket.AF_UNIX, LinuxSocket.SOCK_DGRAM | LinuxSocket.SOCK_CLOEXEC, 0));
	}

}
