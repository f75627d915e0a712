package io.xsk.socket;

import java.time.Duration;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.PassProgram;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests of {@link XskVerifier}.
 */
@KernelTest
class XskVerifierTests {

	private static final int NO_DESCRIPTOR = 1_000_000;

	private static final int NO_INTERFACE = 1_000_000_000;

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	private final XskVerifier verifier = new XskVerifier(this.kernel);

	private OpenResources before;

	private VethPair veth;

	@BeforeEach
	void setUp() {
		this.before = OpenResources.snapshot();
		this.veth = VethPair.create(2);
	}

	@AfterEach
	void tearDown() {
		this.veth.close();
		this.kernel.assertNothingOpen();
		this.before.assertUnchanged();
	}

	@Test
	void acceptsAnOpenSocketOfOurs() {
		try (XdpSocket socket = open(Direction.BOTH)) {
			accepts(socket);
		}
	}

	@Test
	void acceptsTheDescriptorOfASocketThatIsReadyAndLeavesItWorking() {
		try (RawXsk foreign = raw(0).complete().fill().bind();
				Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			for (int i = 0; i < 3; i++) {
				accepts(foreign);
			}
			redirection.to(foreign);
			accepts(foreign);
			assertThat(new XdpOptions(this.kernel, foreign.fd()).statistics().rxDropped()).isZero();
		}
	}

	@Test
	void acceptsASocketOfOursThatIsPassedAsADescriptor() {
		for (int queue = 0; queue < 2; queue++) {
			try (XdpSocket socket = XdpSocket.open(this.kernel, this.veth.info(), queue, TestFrames.small().build())) {
				accepts(new Passed(this.veth.index(), queue, socket.fd()));
			}
		}
	}

	@Test
	void acceptsASocketWhoseFramesAreAllUnderWay() {
		XdpSocketConfig config = TestFrames.small().fillRingSize(4).build();
		try (XdpSocket socket = XdpSocket.open(this.kernel, this.veth.info(), 0, config);
				RawXsk other = raw(1).complete().fill().bind();
				Redirection redirection = new Redirection(this.kernel, this.veth.info())) {
			redirection.to(socket);
			redirection.to(other);
			// some flows go to queue 0, and more of them than it has frames
			for (int i = 0; i < 100; i++) {
				this.veth.sendFrame(TestFrames.numbered(i));
			}
			assertThat(socket.fill().used()).isZero();
			accepts(socket);
			accepts(new Passed(this.veth.index(), 0, socket.fd()));
		}
	}

	@Test
	void acceptsSocketsThatShareTheUmemOfAnother() {
		try (RawXsk first = raw(0).complete().fill().bind();
				RawXsk sameQueue = raw(0).ring(LinuxIfXdp.XDP_RX_RING).share(first);
				RawXsk otherQueue = raw(1).ring(LinuxIfXdp.XDP_UMEM_FILL_RING)
					.ring(LinuxIfXdp.XDP_UMEM_COMPLETION_RING)
					.ring(LinuxIfXdp.XDP_RX_RING)
					.fill()
					.share(first)) {
			accepts(first);
			accepts(sameQueue);
			accepts(otherQueue);
			refuses(new Passed(this.veth.index(), 0, otherQueue.fd()), "bound to another interface or queue");
		}
	}

	@Test
	void acceptsASocketWhoseInterfaceIsDown() {
		try (XdpSocket socket = open(Direction.RECEIVE)) {
			Commands.run("ip", "link", "set", this.veth.name(), "down");
			accepts(socket);
			accepts(new Passed(this.veth.index(), 0, socket.fd()));
		}
	}

	@Test
	void refusesAClosedSocket() {
		XdpSocket socket = open(Direction.BOTH);
		socket.close();
		refuses(socket, "is closed", "Open a new one");
	}

	@Test
	void refusesASocketThatOnlySends() {
		try (XdpSocket socket = open(Direction.SEND)) {
			refuses(socket, "only sends", "direction to both or receive");
			refuses(new Passed(this.veth.index(), 0, socket.fd()), "has no RX ring", "XDP_RX_RING");
		}
	}

	@Test
	void refusesASocketWhoseInterfaceIsGone() {
		try (XdpSocket socket = open(Direction.BOTH)) {
			Passed passed = new Passed(this.veth.index(), 0, socket.fd());
			this.veth.delete();
			refuses(socket, "interface is gone", "open a new one");
			refuses(passed, "interface is gone", "open a new one");
		}
	}

	@Test
	void refusesADescriptorThatIsNotOpen() {
		refuses(new Passed(this.veth.index(), 0, NO_DESCRIPTOR), "not open in this process");
		refuses(new Passed(this.veth.index(), 0, -1), "not open in this process");
	}

	@Test
	void refusesADescriptorThatIsNoSocket() {
		try (PassProgram program = PassProgram.load()) {
			refuses(new Passed(this.veth.index(), 0, program.fd()), "is not a socket, not an XDP socket");
		}
	}

	@Test
	void refusesASocketOfAnotherFamily() {
		int fd = this.kernel.socket(LinuxSocket.AF_UNIX, LinuxSocket.SOCK_DGRAM | LinuxSocket.SOCK_CLOEXEC, 0);
		try (FileDescriptor socket = FileDescriptor.own(this.kernel, fd)) {
			refuses(new Passed(this.veth.index(), 0, socket.value()), "address family 1, not an XDP socket");
		}
	}

	@Test
	void refusesAnUnboundSocket() {
		try (RawXsk foreign = raw(0).complete().fill()) {
			refuses(foreign, "not bound", "Bind it to its queue");
			foreign.bind();
			accepts(foreign);
		}
	}

	@Test
	void refusesASocketThatIsBoundElsewhere() {
		try (RawXsk foreign = raw(0).complete().fill().bind(); VethPair other = VethPair.create()) {
			refuses(new Passed(this.veth.index(), 1, foreign.fd()), "bound to another interface or queue");
			refuses(new Passed(other.index(), 0, foreign.fd()), "bound to another interface or queue");
			refuses(new Passed(NO_INTERFACE, 0, foreign.fd()), "interface is gone");
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 65_536, 65_537, -1, Integer.MIN_VALUE })
	void refusesAQueueThatBindWouldCutToSixteenBits(int queue) {
		try (RawXsk foreign = raw(0).complete().fill().bind()) {
			refuses(new Passed(this.veth.index(), queue, foreign.fd()), "no socket can be bound to that queue",
					"from 0 to 65535");
		}
	}

	@Test
	void refusesASocketWhoseFillRingWasNeverFilled() {
		try (RawXsk foreign = raw(0).complete().bind()) {
			refuses(foreign, "fill ring was never filled", "Put free frames into its fill ring");
			foreign.fill();
			accepts(foreign);
		}
	}

	@Test
	void withoutRightsItStillSeesWhetherASocketIsBoundAndFilled() {
		this.kernel.failing("socket AF_XDP", Errno.EPERM);
		FaultInjectingKernel root = new FaultInjectingKernel();
		try (RawXsk unbound = new RawXsk(root, this.veth.index(), 0).complete().fill();
				RawXsk ready = new RawXsk(root, this.veth.index(), 0).complete().fill().bind();
				RawXsk empty = new RawXsk(root, this.veth.index(), 1).complete().bind()) {
			refuses(unbound, "not bound");
			accepts(ready);
			refuses(empty, "fill ring was never filled");
			// the one thing that it cannot see then
			accepts(new Passed(this.veth.index(), 1, ready.fd()));
		}
		root.assertNothingOpen();
	}

	@ParameterizedTest
	@ValueSource(strings = { "getsockopt SOL_SOCKET", "setsockopt XDP_RX_RING", "bind", "getsockopt XDP_MMAP_OFFSETS",
			"mmap", "socket AF_XDP" })
	void aCallThatFailsOtherwiseIsReportedAndLeavesNothingOpen(String call) {
		FaultInjectingKernel root = new FaultInjectingKernel();
		try (RawXsk foreign = new RawXsk(root, this.veth.index(), 0).complete().fill().bind()) {
			String name = call.equals("getsockopt SOL_SOCKET") ? "getsockopt" : call;
			this.kernel.failing(name, Errno.ENOMEM, 1);
			assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> this.verifier.verify(foreign))
				.satisfies((failure) -> assertThat(failure.getErrno()).isEqualTo(Errno.ENOMEM));
			this.kernel.assertNothingOpen();
			this.kernel.healthy();
			accepts(foreign);
		}
	}

	private void accepts(Xsk xsk) {
		assertThatNoException().isThrownBy(() -> this.verifier.verify(xsk));
	}

	private void refuses(Xsk xsk, String... texts) {
		assertThatExceptionOfType(XskNotReadyException.class).isThrownBy(() -> this.verifier.verify(xsk))
			.satisfies((failure) -> {
				assertThat(failure.getMessage()).contains(texts);
				assertThat(failure.getAction()).isNotBlank();
			});
	}

	private RawXsk raw(int queue) {
		return new RawXsk(this.kernel, this.veth.index(), queue);
	}

	private XdpSocket open(Direction direction) {
		return XdpSocket.open(this.kernel, this.veth.info(), 0,
				TestFrames.small().direction(direction).bindTimeout(Duration.ofSeconds(5)).build());
	}

	/** A descriptor that somebody passes in. */
	private record Passed(int interfaceIndex, int queueId, int fd) implements Xsk {
	}

}
