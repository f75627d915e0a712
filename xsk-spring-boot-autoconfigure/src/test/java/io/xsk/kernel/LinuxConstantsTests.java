package io.xsk.kernel;

import org.junit.jupiter.api.Test;

/**
 * Tests for {@link LinuxSocket}, {@link LinuxMemory} and {@link Errno} against the
 * headers of the C library and the kernel.
 */
class LinuxConstantsTests {

	@Test
	void socketConstants() {
		CHeaders headers = CHeaders.of("sys/socket.h", "poll.h")
			.with("#ifndef AF_XDP\n#define AF_XDP 44\n#endif")
			.with("#ifndef SOL_XDP\n#define SOL_XDP 283\n#endif");
		Layout layout = new Layout(LinuxSocket.class, headers);
		layout.struct("POLLFD", "struct pollfd")
			.field("FD", "fd")
			.field("EVENTS", "events")
			.field("REVENTS", "revents")
			.check();
		layout.everyOtherConstantIsOfTheSameName();
	}

	@Test
	void memoryConstants() {
		new Layout(LinuxMemory.class, CHeaders.of("linux/mman.h", "sys/mman.h", "sys/resource.h"))
			.everyOtherConstantIsOfTheSameName();
	}

	@Test
	void errorNumbers() {
		new Layout(Errno.class, CHeaders.of("errno.h")).everyOtherConstantIsOfTheSameName();
	}

}
