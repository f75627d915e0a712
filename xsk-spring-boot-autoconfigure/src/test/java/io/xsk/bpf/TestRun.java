package io.xsk.bpf;

import io.xsk.bpf.asm.LinuxXdp;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.NativeMemory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs XDP programs on packets ({@code BPF_PROG_TEST_RUN}) and opens what they need.
 */
final class TestRun {

	private static final int XDP_MD_SIZE = 24;

	private static final int XDP_MD_INGRESS_IFINDEX = 12;

	private final Kernel kernel;

	TestRun(Kernel kernel) {
		this.kernel = kernel;
	}

	/** An AF_XDP socket that is bound to nothing: it occupies a slot all the same. */
	FileDescriptor xsk() {
		return socket(LinuxSocket.AF_XDP);
	}

	FileDescriptor socket(int family) {
		return FileDescriptor.own(this.kernel,
				this.kernel.socket(family, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0));
	}

	int verdict(int programFd, byte[] packet) {
		return run(attributes(programFd, packet));
	}

	int verdict(int programFd, byte[] packet, int interfaceIndex, int queueId) {
		NativeMemory context = this.kernel.allocate(XDP_MD_SIZE)
			.putInt(LinuxXdp.XDP_MD_DATA_END, packet.length)
			.putInt(XDP_MD_INGRESS_IFINDEX, interfaceIndex)
			.putInt(LinuxXdp.XDP_MD_RX_QUEUE_INDEX, queueId);
		return run(attributes(programFd, packet).putInt(LinuxBpf.TEST_RUN_CTX_SIZE_IN, XDP_MD_SIZE)
			.putAddress(LinuxBpf.TEST_RUN_CTX_IN, context));
	}

	/** For hundreds of thousands of packets: memory is made once. */
	Runner runner(int programFd) {
		return new Runner(programFd);
	}

	private NativeMemory attributes(int programFd, byte[] packet) {
		return this.kernel.allocate(LinuxBpf.BPF_ATTR_SIZE)
			.putInt(LinuxBpf.TEST_RUN_PROG_FD, programFd)
			.putInt(LinuxBpf.TEST_RUN_DATA_SIZE_IN, packet.length)
			.putAddress(LinuxBpf.TEST_RUN_DATA_IN, this.kernel.allocate(packet.length).putBytes(0, packet))
			.putInt(LinuxBpf.TEST_RUN_REPEAT, 1);
	}

	private int run(NativeMemory attributes) {
		assertThat(this.kernel.bpf(LinuxBpf.BPF_PROG_TEST_RUN, attributes)).as("BPF_PROG_TEST_RUN").isZero();
		return attributes.getInt(LinuxBpf.TEST_RUN_RETVAL);
	}

	/** Runs one program on many packets. */
	final class Runner {

		private static final int CAPACITY = 4096;

		private final NativeMemory packet = TestRun.this.kernel.allocate(CAPACITY);

		private final NativeMemory attributes;

		private Runner(int programFd) {
			this.attributes = TestRun.this.kernel.allocate(LinuxBpf.BPF_ATTR_SIZE)
				.putInt(LinuxBpf.TEST_RUN_PROG_FD, programFd)
				.putAddress(LinuxBpf.TEST_RUN_DATA_IN, this.packet)
				.putInt(LinuxBpf.TEST_RUN_REPEAT, 1);
		}

		int verdict(byte[] bytes) {
			this.packet.putBytes(0, bytes);
			this.attributes.putInt(LinuxBpf.TEST_RUN_DATA_SIZE_IN, bytes.length)
				.putInt(LinuxBpf.TEST_RUN_DATA_SIZE_OUT, 0);
			int result = TestRun.this.kernel.bpf(LinuxBpf.BPF_PROG_TEST_RUN, this.attributes);
			if (result != 0) {
				throw new AssertionError("BPF_PROG_TEST_RUN: " + result);
			}
			return this.attributes.getInt(LinuxBpf.TEST_RUN_RETVAL);
		}

	}

}
