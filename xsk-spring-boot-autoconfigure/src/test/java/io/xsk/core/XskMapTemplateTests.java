package io.xsk.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.xsk.XskException;
import io.xsk.XskSystemException;
import io.xsk.bpf.Occupancy;
import io.xsk.bpf.UpdateMode;
import io.xsk.bpf.XskMap;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.LinuxSocket;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.socket.Xsk;
import io.xsk.socket.XskNotReadyException;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link XskMapTemplate} on the running kernel, with all rights.
 */
@KernelTest
@ExtendWith(OutputCaptureExtension.class)
class XskMapTemplateTests {

	private static final XdpSocketConfig SMALL = XdpSocketConfig.builder()
		.frameCount(128)
		.rxRingSize(64)
		.txRingSize(64)
		.fillRingSize(64)
		.completionRingSize(64)
		.build();

	private final Kernel kernel = JnaKernel.load();

	private final OpenResources before = OpenResources.snapshot();

	private final List<AutoCloseable> resources = new ArrayList<>();

	private VethPair veth;

	private XskMap map;

	private XskMapTemplate template;

	@BeforeEach
	void setUp() {
		this.veth = own(VethPair.create(2));
		this.map = own(XskMap.create(this.kernel, "xsks", 4));
		this.template = new XskMapTemplate(this.map);
	}

	@AfterEach
	void tearDown() throws Exception {
		for (int i = this.resources.size() - 1; i >= 0; i--) {
			this.resources.get(i).close();
		}
		this.before.assertUnchanged();
	}

	@Test
	void activatesASocketThatTakesTheSlotOfAClosedOne() {
		XskSockets sockets = new XskSockets(this.kernel,
				List.of(XskInterfaceConfig.redirecting(this.veth.name(), RedirectRules.all())),
				List.of(new XskSocketConfig("rx", this.veth.name(), QueueSelection.of(0), SMALL, false)));
		XskMapTemplate template = new XskMapTemplate(sockets);
		for (int round = 0; round < 2; round++) {
			sockets.open();
			assertThat(template.activate(sockets.receiving().get(0)).state()).isEqualTo(BindingState.ACTIVE);
			sockets.close();
		}
	}

	@Test
	void activatesAndDeactivatesWithALogLineEach(CapturedOutput output) {
		XdpSocket socket = open(1);
		XskBinding binding = this.template.activate(socket);
		assertThat(binding.state()).isEqualTo(BindingState.ACTIVE);
		assertThat(binding.xsk()).isSameAs(socket);
		assertThat(this.map.occupancy(1)).isEqualTo(Occupancy.OCCUPIED);
		assertThat(this.map.occupancy(0)).isEqualTo(Occupancy.EMPTY);
		assertThat(output).contains("Attached to XDP on interface %d queue 1".formatted(this.veth.index()));

		this.template.deactivate(socket);
		assertThat(this.map.occupancy(1)).isEqualTo(Occupancy.EMPTY);
		assertThat(output).contains("Detached from XDP on interface %d queue 1".formatted(this.veth.index()));
	}

	@Test
	void aSocketThatWasNeverActivatedIsInactive() {
		XskBinding binding = this.template.inspect(open(0));
		assertThat(binding.state()).isEqualTo(BindingState.INACTIVE);
		assertThat(binding.verifiedBy()).isEqualTo(Verification.PROBE);
		assertThat(binding.since()).as("nobody watched since when").isNull();
		assertThat(this.map.occupancy(0)).isEqualTo(Occupancy.EMPTY);
	}

	@Test
	void anActiveSocketIsVerifiedByProbeAndKeepsItsSince() {
		XdpSocket socket = open(0);
		XskBinding activated = this.template.activate(socket);
		XskBinding inspected = this.template.inspect(socket);
		assertThat(inspected.state()).isEqualTo(BindingState.ACTIVE);
		assertThat(inspected.verifiedBy()).isEqualTo(Verification.PROBE);
		assertThat(inspected.since()).isEqualTo(activated.since());
		assertThat(inspected.reason()).isNull();
	}

	@Test
	void aDeletedSlotIsMissingAndLookingDoesNotMendIt() {
		XdpSocket socket = open(0);
		this.template.activate(socket);
		Commands.run("bpftool", "map", "delete", "id", "" + this.map.info().id(), "key", "0", "0", "0", "0");
		assertThat(this.template.inspect(socket).state()).isEqualTo(BindingState.MISSING);
		assertThat(this.template.inspect(socket).verifiedBy()).isEqualTo(Verification.PROBE);
		assertThat(this.map.occupancy(0)).isEqualTo(Occupancy.EMPTY);
		assertThat(this.template.activate(socket).state()).isEqualTo(BindingState.ACTIVE);
	}

	@Test
	void aSlotWithAnotherSocketIsForeignAndIsLeftAloneByDeactivate(CapturedOutput output) {
		XdpSocket socket = open(0);
		this.template.activate(socket);
		XdpSocket other = open(1);
		this.map.update(0, other.fd(), UpdateMode.ANY);
		XskBinding binding = this.template.inspect(socket);
		assertThat(binding.state()).isEqualTo(BindingState.FOREIGN);
		assertThat(binding.verifiedBy()).isEqualTo(Verification.PROBE);

		this.template.deactivate(socket);
		assertThat(this.map.putIfAbsent(0, other.fd())).as("the other socket is still there").isTrue();
		assertThat(output).contains("Not detached from XDP on interface %d queue 0".formatted(this.veth.index()));
		assertThat(this.template.inspect(socket).state()).isEqualTo(BindingState.INACTIVE);
	}

	@Test
	void aSocketWhoseInterfaceIsGoneIsDeadAndCanStillBeDeactivated() {
		XdpSocket socket = open(0);
		this.template.activate(socket);
		this.veth.delete();
		XskBinding binding = this.template.inspect(socket);
		assertThat(binding.state()).isEqualTo(BindingState.DEAD);
		assertThat(binding.reason()).contains("gone");
		this.template.deactivate(socket);
		assertThat(this.map.occupancy(0)).isEqualTo(Occupancy.EMPTY);
	}

	@Test
	void anInterfaceThatIsDownKeepsItsSocketActive() {
		XdpSocket socket = open(0);
		this.template.activate(socket);
		Commands.run("ip", "link", "set", this.veth.name(), "down");
		assertThat(this.template.inspect(socket).state()).isEqualTo(BindingState.ACTIVE);
	}

	@Test
	void exclusiveFailsOnATakenSlotAndReplaceTakesItOver() {
		XdpSocket socket = open(0);
		XdpSocket other = open(1);
		this.map.update(0, other.fd(), UpdateMode.ANY);
		assertThatExceptionOfType(SlotOccupiedException.class)
			.isThrownBy(() -> this.template.activate(socket, ActivationPolicy.EXCLUSIVE))
			.withMessageContaining("BPF_NOEXIST")
			.withMessageContaining("EEXIST")
			.withMessageContaining("key=0")
			.withMessageContaining("value=" + socket.fd())
			.withMessageContaining("xsk.activation.policy=replace")
			.satisfies((ex) -> assertThat(ex.getQueueId()).isZero());
		assertThat(this.map.putIfAbsent(0, other.fd())).isTrue();
		assertThat(this.template.bindings()).isEmpty();

		assertThat(this.template.activate(socket, ActivationPolicy.REPLACE).state()).isEqualTo(BindingState.ACTIVE);
		assertThat(this.map.putIfAbsent(0, other.fd())).isFalse();
	}

	@Test
	void theTemplatesPolicyIsWhatActivateUses() {
		XdpSocket socket = open(0);
		this.map.update(0, open(1).fd(), UpdateMode.ANY);
		this.template.setActivationPolicy(ActivationPolicy.EXCLUSIVE);
		assertThatExceptionOfType(SlotOccupiedException.class).isThrownBy(() -> this.template.activate(socket));
	}

	@Test
	void activatingTwiceIsAllowedUnderBothPolicies() {
		XdpSocket socket = open(0);
		XskBinding first = this.template.activate(socket);
		XskBinding second = this.template.activate(socket, ActivationPolicy.EXCLUSIVE);
		assertThat(second.since()).isEqualTo(first.since());
		assertThat(this.template.bindings()).hasSize(1);
	}

	@Test
	void bindingsAreListedByQueueWithoutThoseThatWereClosed() {
		XdpSocket second = open(1);
		XdpSocket first = open(0);
		this.template.activate(second);
		this.template.activate(first);
		assertThat(this.template.bindings()).extracting(XskBinding::queueId).containsExactly(0, 1);
		this.template.deactivate(first);
		assertThat(this.template.bindings()).extracting(XskBinding::state)
			.containsExactly(BindingState.INACTIVE, BindingState.ACTIVE);
		first.close();
		assertThat(this.template.bindings()).extracting(XskBinding::queueId).containsExactly(1);
	}

	@Test
	void aClosedSocketIsForgottenWithoutAskingTheKernel() {
		XdpSocket socket = open(0);
		this.template.activate(socket);
		socket.close();
		this.template.deactivate(socket);
		assertThat(this.template.bindings()).isEmpty();
		assertThat(this.map.occupancy(0)).isEqualTo(Occupancy.EMPTY);
	}

	@Test
	void anotherSocketTakesThePlaceOfOneThatWasClosedWhileActive() {
		XdpSocket first = open(0);
		this.template.activate(first);
		first.close();
		XdpSocket second = open(0);
		assertThat(this.template.activate(second).state()).isEqualTo(BindingState.ACTIVE);
		assertThat(this.template.inspect(first).state()).isEqualTo(BindingState.INACTIVE);
		this.template.deactivate(first);
		assertThat(this.template.bindings()).singleElement().satisfies((binding) -> {
			assertThat(binding.xsk()).isSameAs(second);
			assertThat(binding.state()).isEqualTo(BindingState.ACTIVE);
		});
	}

	@Test
	void aSocketThatIsClosedWhileItIsAskedIsNotTakenForTheOneThatGotItsDescriptor() {
		XdpSocket socket = open(0);
		ClosingKernel closing = new ClosingKernel(socket);
		try (XskMap watched = XskMap.create(closing.asKernel(), "xsks", 2)) {
			XskMapTemplate asked = new XskMapTemplate(watched);
			asked.activate(socket);
			closing.armed = true;
			assertThat(asked.inspect(socket).state()).isEqualTo(BindingState.ACTIVE);
			assertThat(closing.closedDuringTheCall).as("the close waits for the question").isFalse();
		}
		Awaitility.await().until(() -> !socket.isOpen());
	}

	@Test
	void aMapThatIsClosedMakesNoBindingFail() {
		XdpSocket socket = open(0);
		this.template.activate(socket);
		this.map.close();
		assertThat(this.template.inspect(socket).state()).isEqualTo(BindingState.INACTIVE);
		assertThat(this.template.bindings()).singleElement()
			.satisfies((binding) -> assertThat(binding.reason()).contains("closed"));
	}

	@Test
	void anInterfaceWithoutAMapIsExplainedByActivateAndInactiveForTheRest() {
		XskMapTemplate none = new XskMapTemplate((XskMapResolver) (interfaceIndex) -> null);
		XdpSocket socket = open(0);
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> none.activate(socket))
			.withMessageContaining("No XSKMAP is known")
			.withMessageContaining("index " + this.veth.index());
		assertThat(none.inspect(socket).state()).isEqualTo(BindingState.INACTIVE);
		none.deactivate(socket);
	}

	@Test
	void aDescriptorFromElsewhereThatWasClosedIsMissingAndSpoilsNoOther() {
		XdpSocket elsewhere = open(1);
		this.template.activate(new Descriptor(this.veth.index(), 1, elsewhere.fd()));
		XdpSocket ours = open(0);
		this.template.activate(ours);
		elsewhere.close();
		assertThat(this.template.bindings()).extracting(XskBinding::state)
			.containsExactly(BindingState.ACTIVE, BindingState.MISSING);
	}

	@Test
	void deactivatingAgainChangesNothing() {
		FaultInjectingKernel counting = new FaultInjectingKernel(this.kernel);
		try (XskMap counted = XskMap.create(counting, "xsks", 2)) {
			XskMapTemplate asked = new XskMapTemplate(counted);
			XdpSocket socket = open(0);
			asked.activate(socket);
			asked.deactivate(socket);
			int calls = counting.calls().size();
			asked.deactivate(socket);
			assertThat(counting.calls().subList(calls, counting.calls().size()))
				.noneSatisfy((call) -> assertThat(call.toString()).contains("UPDATE_ELEM", "DELETE_ELEM"));
		}
	}

	@Test
	void aProbeThatDoesNotWorkKeepsNoSocketInTheMap() {
		FaultInjectingKernel faulty = new FaultInjectingKernel(this.kernel);
		try (XskMap faultyMap = XskMap.create(faulty, "xsks", 2)) {
			XskMapTemplate asked = new XskMapTemplate(faultyMap);
			XdpSocket socket = open(0);
			asked.activate(socket);
			faulty.failing("bpf BPF_PROG_LOAD", Errno.ENOMEM, 10);
			asked.deactivate(socket);
			faulty.healthy();
			assertThat(faultyMap.occupancy(0)).isEqualTo(Occupancy.EMPTY);
		}
	}

	@Test
	void aSecurityModuleThatForbidsTheProbeLeavesAnAnswerAndIsToldOnce(CapturedOutput output) {
		FaultInjectingKernel forbidden = new FaultInjectingKernel(this.kernel).failing("bpf BPF_PROG_LOAD",
				Errno.EACCES);
		try (XskMap unprobed = XskMap.create(forbidden, "xsks", 2)) {
			XskMapTemplate asked = new XskMapTemplate(unprobed);
			XdpSocket socket = open(0);
			asked.activate(socket);
			assertThat(asked.bindings()).singleElement().satisfies((binding) -> {
				assertThat(binding.state()).isEqualTo(BindingState.ACTIVE);
				assertThat(binding.verifiedBy()).isEqualTo(Verification.UPDATE);
			});
			asked.inspect(socket);
			assertThat(output.toString().split("cannot be looked at without changing them", -1)).hasSize(2);
			asked.deactivate(socket);
			assertThat(asked.inspect(socket).verifiedBy()).isEqualTo(Verification.NONE);
		}
	}

	@Test
	void aProbeThatDoesNotRunSpoilsNoOtherBinding() {
		FaultInjectingKernel faulty = new FaultInjectingKernel(this.kernel);
		try (XskMap faultyMap = XskMap.create(faulty, "xsks", 2)) {
			XskMapTemplate asked = new XskMapTemplate(faultyMap);
			asked.activate(open(0));
			asked.activate(open(1));
			asked.bindings();
			faulty.failing("bpf BPF_PROG_TEST_RUN", Errno.EINTR, 1);
			assertThat(asked.bindings()).extracting(XskBinding::verifiedBy)
				.containsExactly(Verification.NONE, Verification.PROBE);
			faulty.failing("bpf BPF_PROG_TEST_RUN", Errno.EINTR, 1);
			assertThat(asked.bindings().get(0).reason()).contains("The kernel does not tell", "EINTR");
		}
	}

	@Test
	void refusesADescriptorThatIsNotASocketOfThisKind() {
		try (FileDescriptor unix = FileDescriptor.own(this.kernel,
				this.kernel.socket(LinuxSocket.AF_UNIX, LinuxSocket.SOCK_DGRAM | LinuxSocket.SOCK_CLOEXEC, 0))) {
			assertNotReady(new Descriptor(this.veth.index(), 0, unix.value()));
		}
		assertNotReady(new Descriptor(this.veth.index(), 0, 1_000_000));
	}

	@Test
	void refusesASocketThatIsNotBound() {
		try (FileDescriptor unbound = FileDescriptor.own(this.kernel,
				this.kernel.socket(LinuxSocket.AF_XDP, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, 0))) {
			assertNotReady(new Descriptor(this.veth.index(), 0, unbound.value()));
		}
	}

	@Test
	void refusesASocketThatIsBoundElsewhere() {
		XdpSocket socket = open(1);
		assertNotReady(new Descriptor(this.veth.index(), 0, socket.fd()));
		VethPair other = own(VethPair.create(2));
		assertNotReady(new Descriptor(other.index(), 1, socket.fd()));
		assertNotReady(new Descriptor(Integer.MAX_VALUE, 1, socket.fd()));
	}

	@Test
	void acceptsADescriptorFromElsewhere() {
		XdpSocket socket = open(1);
		Xsk descriptor = new Descriptor(this.veth.index(), 1, socket.fd());
		assertThat(this.template.activate(descriptor).state()).isEqualTo(BindingState.ACTIVE);
		assertThat(this.template.inspect(descriptor).state()).isEqualTo(BindingState.ACTIVE);
		this.template.deactivate(descriptor);
		assertThat(this.map.occupancy(1)).isEqualTo(Occupancy.EMPTY);
	}

	@Test
	void refusesQueueIdsThatDoNotFit() {
		int fd = open(0).fd();
		assertThatExceptionOfType(XskNotReadyException.class)
			.isThrownBy(() -> this.template.activate(new Descriptor(this.veth.index(), -1, fd)))
			.withMessageContaining("0 to 65535");
		for (int queueId : new int[] { 4, 65_536, Integer.MAX_VALUE }) {
			assertThatExceptionOfType(XskNotReadyException.class)
				.isThrownBy(() -> this.template.activate(new Descriptor(this.veth.index(), queueId, fd)))
				.withMessageContaining("4 entries")
				.withMessageContaining("max-entries");
		}
		assertThatExceptionOfType(XskNotReadyException.class).as("a queue that the interface does not have")
			.isThrownBy(() -> this.template.activate(new Descriptor(this.veth.index(), 3, fd)))
			.withMessageContaining("bound to another interface or queue");
	}

	@Test
	void aFailureOfTheKernelNamesCallArgumentsAndErrno() {
		FaultInjectingKernel faulty = new FaultInjectingKernel(this.kernel);
		try (XskMap faultyMap = XskMap.create(faulty, "xsks", 2)) {
			XdpSocket socket = open(0);
			faulty.failing("bpf BPF_MAP_UPDATE_ELEM", Errno.EPERM);
			assertThatExceptionOfType(XskSystemException.class)
				.isThrownBy(() -> new XskMapTemplate(faultyMap).activate(socket))
				.satisfies((ex) -> {
					assertThat(ex.getErrno()).isEqualTo(Errno.EPERM);
					assertThat(ex.getMessage()).contains("BPF_MAP_UPDATE_ELEM", "fd=" + faultyMap.fd(), "key=0",
							"value=" + socket.fd(), "flags=", "errno 1 (EPERM)");
				});
		}
	}

	@Test
	void packetsReachTheSocketExactlyWhileItIsActive() {
		try (XskSockets sockets = new XskSockets(this.kernel,
				List.of(XskInterfaceConfig.redirecting(this.veth.name(), RedirectRules.all())),
				List.of(new XskSocketConfig("rx", this.veth.name(), QueueSelection.all(), SMALL, false)))) {
			sockets.open();
			XskMapTemplate all = new XskMapTemplate(sockets);
			List<Xsk> receiving = sockets.receiving();
			try (DatagramSocket stack = udpSocket(7000)) {
				this.veth.sendUdp(7000, new byte[] { 1 });
				assertThat(payload(stack)).containsExactly(1);
				receiving.forEach(all::activate);
				this.veth.sendUdp(7000, new byte[] { 2 });
				assertThat(receiveOne(receiving)).isEqualTo((byte) 2);
				receiving.forEach(all::deactivate);
				this.veth.sendUdp(7000, new byte[] { 3 });
				assertThat(payload(stack)).containsExactly(3);
			}
		}
	}

	@Test
	void manyThreadsMayActivateInspectAndDeactivateAtOnce() throws Exception {
		XdpSocket first = open(0);
		XdpSocket second = open(1);
		ExecutorService executor = Executors.newFixedThreadPool(4);
		try {
			List<Callable<Void>> tasks = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				XdpSocket socket = (i % 2 == 0) ? first : second;
				tasks.add(() -> {
					for (int round = 0; round < 200; round++) {
						this.template.activate(socket);
						this.template.bindings();
						this.template.deactivate(socket);
					}
					return null;
				});
			}
			for (Future<Void> future : executor.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
				future.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(this.map.occupancy(0)).isEqualTo(Occupancy.EMPTY);
		assertThat(this.map.occupancy(1)).isEqualTo(Occupancy.EMPTY);
	}

	private void assertNotReady(Xsk xsk) {
		assertThatExceptionOfType(XskNotReadyException.class).isThrownBy(() -> this.template.activate(xsk))
			.satisfies((ex) -> assertThat(ex.getAction()).isNotBlank());
		assertThat(this.template.bindings()).isEmpty();
	}

	private DatagramSocket udpSocket(int port) {
		try {
			DatagramSocket socket = new DatagramSocket(port);
			socket.setSoTimeout(5000);
			return socket;
		}
		catch (SocketException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private byte[] payload(DatagramSocket socket) {
		DatagramPacket packet = new DatagramPacket(new byte[64], 64);
		try {
			socket.receive(packet);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return Arrays.copyOf(packet.getData(), packet.getLength());
	}

	private byte receiveOne(List<Xsk> sockets) {
		List<Byte> last = new ArrayList<>();
		Awaitility.await().until(() -> {
			for (Xsk xsk : sockets) {
				((XdpSocket) xsk).receive((packet) -> last.add(lastByte(packet.data())), 16);
			}
			return !last.isEmpty();
		});
		return last.get(0);
	}

	/** A veth pads nothing: the payload ends where the frame does. */
	private static byte lastByte(ByteBuffer packet) {
		return packet.get(packet.limit() - 1);
	}

	private XdpSocket open(int queueId) {
		return own(XdpSocket.open(this.kernel, this.veth.info(), queueId, SMALL));
	}

	private <T extends AutoCloseable> T own(T resource) {
		this.resources.add(resource);
		return resource;
	}

	private record Descriptor(int interfaceIndex, int queueId, int fd) implements Xsk {
	}

	/**
	 * Has another thread close the socket in the middle of an update, and sees whether
	 * that gets through.
	 */
	private static final class ClosingKernel implements InvocationHandler {

		private final Kernel kernel = JnaKernel.load();

		private final XdpSocket socket;

		private final CountDownLatch closed = new CountDownLatch(1);

		private boolean armed;

		private boolean closedDuringTheCall;

		private ClosingKernel(XdpSocket socket) {
			this.socket = socket;
		}

		private Kernel asKernel() {
			return (Kernel) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Kernel.class }, this);
		}

		@Override
		public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
			if (this.armed && method.getName().equals("bpf") && arguments[0].equals(LinuxBpf.BPF_MAP_UPDATE_ELEM)) {
				this.armed = false;
				new Thread(() -> {
					this.socket.close();
					this.closed.countDown();
				}).start();
				this.closedDuringTheCall = this.closed.await(200, TimeUnit.MILLISECONDS);
			}
			return method.invoke(this.kernel, arguments);
		}

	}

}
