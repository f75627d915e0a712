package io.xsk.socket;

import io.xsk.XskSystemException;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link BusyPoll} on the running kernel.
 */
@KernelTest
class BusyPollTests {

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	private OpenResources before;

	private VethPair veth;

	private XdpSocket socket;

	@BeforeEach
	void setUp() {
		this.before = OpenResources.snapshot();
		this.veth = VethPair.create();
		this.socket = XdpSocket.open(this.kernel, this.veth.info(), 0, TestFrames.small().build());
	}

	@AfterEach
	void tearDown() {
		this.socket.close();
		this.veth.close();
		this.before.assertUnchanged();
	}

	@Test
	void setsAndReadsBack() {
		assertThat(new BusyPoll(true, 50, 64).apply(this.kernel, this.socket.fd())).as("a veth has no NAPI id")
			.isFalse();
		assertThat(this.kernel.calls()).endsWith("setsockopt SO_PREFER_BUSY_POLL", "getsockopt SO_PREFER_BUSY_POLL",
				"setsockopt SO_BUSY_POLL", "getsockopt SO_BUSY_POLL", "setsockopt SO_BUSY_POLL_BUDGET",
				"getsockopt SO_BUSY_POLL_BUDGET", "getsockopt SO_INCOMING_NAPI_ID");
		this.socket.busyPoll();
		assertThat(this.kernel.calls()).endsWith("recvfrom");
	}

	@ParameterizedTest
	@CsvSource({ "setsockopt SO_PREFER_BUSY_POLL,1,CAP_NET_ADMIN", "setsockopt SO_BUSY_POLL_BUDGET,92,Linux 5.11",
			"setsockopt SO_BUSY_POLL,22,Choose a time", "getsockopt SO_INCOMING_NAPI_ID,22,does not take" })
	void saysWhyItFails(String call, int errno, String message) {
		this.kernel.failing(call, errno);
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> new BusyPoll(true, 20, 8).apply(this.kernel, this.socket.fd()))
			.withMessageContaining(call + "(fd=")
			.withMessageContaining(message)
			.satisfies((ex) -> assertThat(ex.getErrno()).isEqualTo(errno));
	}

}
