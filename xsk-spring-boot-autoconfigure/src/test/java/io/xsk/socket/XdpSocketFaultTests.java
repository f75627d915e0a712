package io.xsk.socket;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mockito.AdditionalAnswers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.willReturn;
import static org.mockito.Mockito.mock;

/**
 * Tests of what {@link XdpSocket} leaves behind when a call fails.
 */
@KernelTest
class XdpSocketFaultTests {

	/** So many that a queue is free again when it has its turn. */
	private static final int QUEUES = 256;

	private static final AtomicInteger OPENED = new AtomicInteger();

	private static OpenResources before;

	private static VethPair veth;

	private static NetworkInterface networkInterface;

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	@BeforeAll
	static void setUpAll() {
		before = OpenResources.snapshot();
		veth = VethPair.create(QUEUES);
		networkInterface = veth.info();
	}

	@AfterAll
	static void tearDownAll() {
		veth.close();
		before.assertUnchanged();
	}

	@AfterEach
	void nothingIsLeft() {
		this.kernel.assertNothingOpen();
		assertThat(OpenResources.snapshot().count("AF_XDP")).isZero();
		assertThat(OpenResources.snapshot().count("mapped socket")).isZero();
	}

	static Stream<Arguments> faults() {
		FaultInjectingKernel healthy = new FaultInjectingKernel();
		open(healthy, config().build()).close();
		List<String> calls = healthy.calls();
		assertThat(calls).as("the calls of an open that succeeds")
			.containsSequence("setsockopt XDP_UMEM_REG", "setsockopt XDP_UMEM_FILL_RING")
			.endsWith("getsockopt XDP_OPTIONS");
		return IntStream.rangeClosed(1, calls.size())
			.boxed()
			.flatMap((number) -> errnos(calls.get(number - 1))
				.map((errno) -> Arguments.of(number, calls.get(number - 1), errno, Errno.symbol(errno))));
	}

	private static Stream<Integer> errnos(String call) {
		return switch (call) {
			case "socket AF_XDP" -> Stream.of(Errno.EPERM, Errno.EAFNOSUPPORT, Errno.ESOCKTNOSUPPORT,
					Errno.EPROTONOSUPPORT, Errno.ENOMEM, Errno.ENOBUFS, Errno.ENOSYS);
			case "mmap" -> Stream.of(Errno.ENOMEM, Errno.EINVAL, Errno.EAGAIN, Errno.EPERM, Errno.EBADF);
			case "setsockopt XDP_UMEM_REG" ->
				Stream.of(Errno.EINVAL, Errno.ENOBUFS, Errno.ENOMEM, Errno.EFAULT, Errno.EBUSY);
			case "bind" -> Stream.of(Errno.EBUSY, Errno.ENODEV, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOMEM,
					Errno.ENETDOWN, Errno.EPERM, Errno.ENXIO);
			case "setsockopt XDP_MAX_TX_SKB_BUDGET" -> Stream.of(Errno.EACCES, Errno.EINVAL, Errno.EFAULT);
			default -> call.startsWith("setsockopt")
					? Stream.of(Errno.EINVAL, Errno.EBUSY, Errno.ENOMEM, Errno.ENOPROTOOPT, Errno.EFAULT)
					: Stream.of(Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOPROTOOPT, Errno.EFAULT, Errno.EBADF);
		};
	}

	@ParameterizedTest(name = "call {0}, {1}: {3}")
	@MethodSource("faults")
	void aFailedCallIsExplainedAndNothingIsLeftOpen(int number, String call, int errno, String symbol) {
		this.kernel.failing(number, errno);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> open(this.kernel, config().build()))
			.satisfies((failure) -> {
				assertThat(failure.getErrno()).isEqualTo(errno);
				assertThat(failure.getErrnoSymbol()).isEqualTo(symbol);
				assertThat(failure.getCall()).isEqualTo(call.replace(" AF_XDP", ""));
				assertThat(failure.getArguments()).isNotBlank();
				assertThat(failure.getDescription()).endsWith(".");
				assertThat(failure.getAction()).isNotBlank();
				assertThat(failure).hasNoSuppressedExceptions();
			});
		assertThat(this.kernel.calls()).as("nothing is done after the failure").hasSize(number);
	}

	@Test
	void theQueueIsFreeAfterALateFailure() {
		int queue = OPENED.getAndIncrement() % QUEUES;
		this.kernel.failing("getsockopt XDP_OPTIONS", Errno.EFAULT, 1);
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> open(this.kernel, queue, config().build()));
		open(this.kernel, queue, config().bindTimeout(Duration.ofSeconds(5)).build()).close();
	}

	@Test
	void everythingElseIsReleasedWhenAReleaseFailsToo() {
		this.kernel.failing("bind", Errno.ENOMEM).failing("munmap", Errno.EINVAL).failing("close", Errno.EBADF);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> open(this.kernel, config().build()))
			.satisfies((failure) -> {
				assertThat(failure.getErrno()).isEqualTo(Errno.ENOMEM);
				assertThat(failure.getSuppressed()).hasSize(1);
				assertThat(failure.getSuppressed()[0].getSuppressed()).hasSize(6);
			});
		assertThat(this.kernel.releases()).hasSize(7);
	}

	@Test
	void closeReleasesTheRingsThenTheDescriptorThenTheUmemAlsoWhenEachOfThemFails() {
		XdpSocket socket = open(this.kernel, config().build());
		this.kernel.failing("munmap", Errno.EINVAL).failing("close", Errno.EBADF);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(socket::close)
			.satisfies((failure) -> assertThat(failure.getSuppressed()).hasSize(6));
		assertThat(this.kernel.releases()).containsExactly("munmap", "munmap", "munmap", "munmap",
				"close socket AF_XDP", "close eventfd", "munmap");
		socket.close();
		assertThat(this.kernel.releases()).as("a second close does nothing").hasSize(7);
	}

	@Test
	void driverErrorsOfZeroCopyFallBackToCopy() {
		for (int errno : new int[] { Errno.EOPNOTSUPP, Errno.EINVAL, Errno.ENOMEM, Errno.ENOSPC, Errno.ENETDOWN }) {
			this.kernel.failing("bind", errno, 1);
			try (XdpSocket socket = open(this.kernel, config().zeroCopy(ZeroCopy.PREFER).build())) {
				assertThat(socket.isZeroCopy()).isFalse();
				assertThat(socket.zeroCopyFallback()).contains("errno %d (%s)".formatted(errno, Errno.symbol(errno)));
			}
		}
	}

	@Test
	void anOlderKernelSendsFewerPacketsACall() {
		this.kernel.failing("setsockopt XDP_MAX_TX_SKB_BUDGET", Errno.ENOPROTOOPT, 1);
		open(this.kernel, config().build()).close();
	}

	@Test
	void anOldKernelIsNamed() {
		Kernel fiveThree = mock(Kernel.class, AdditionalAnswers.delegatesTo(JnaKernel.load()));
		willReturn(96).given(fiveThree)
			.getsockopt(anyInt(), eq(LinuxSocket.SOL_XDP), eq(LinuxIfXdp.XDP_MMAP_OFFSETS), any());
		FaultInjectingKernel old = new FaultInjectingKernel(fiveThree);
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> open(old, config().build()))
			.withMessageContaining("in 96 bytes")
			.withMessageContaining("Linux 5.4");
		old.assertNothingOpen();
	}

	@Test
	void aQuestionThatTheKernelDoesNotAnswerIsExplained() {
		try (XdpSocket socket = open(this.kernel, config().build())) {
			this.kernel.failing("getsockopt XDP_STATISTICS", Errno.EOPNOTSUPP, 1).failing("poll", Errno.ENOMEM, 1);
			assertThatExceptionOfType(XskSystemException.class).isThrownBy(socket::statistics)
				.withMessageContaining("getsockopt XDP_STATISTICS");
			assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> socket.await(Duration.ofMillis(1)))
				.withMessageContaining("poll");
			this.kernel.failing("poll", Errno.EINTR, 1);
			assertThat(socket.await(Duration.ofMillis(1))).as("a signal is no failure").isFalse();
		}
	}

	private static XdpSocketConfig.Builder config() {
		return TestFrames.small().zeroCopy(ZeroCopy.FORBID).bindTimeout(Duration.ZERO);
	}

	private static XdpSocket open(FaultInjectingKernel kernel, XdpSocketConfig config) {
		return open(kernel, OPENED.getAndIncrement() % QUEUES, config);
	}

	private static XdpSocket open(FaultInjectingKernel kernel, int queue, XdpSocketConfig config) {
		return XdpSocket.open(kernel, networkInterface, queue, config);
	}

}
