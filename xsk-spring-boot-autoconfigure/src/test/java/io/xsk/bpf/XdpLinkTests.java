package io.xsk.bpf;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.List;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.kernel.XdpMode;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRules;
import io.xsk.test.ChildJvm;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link XdpLink}.
 */
@KernelTest
class XdpLinkTests {

	private static final int PORT = 9053;

	private static final RedirectRules RULES = RedirectRules.udpPorts(PortRange.of(PORT));

	private final JnaKernel kernel = JnaKernel.load();

	private final OpenResources before = OpenResources.snapshot();

	private final VethPair pair = VethPair.create(2);

	private final XskMap map = XskMap.create(this.kernel, "link_tests", 2);

	private final RedirectProgram program = RedirectProgram.load(this.kernel, this.map, RULES);

	@AfterEach
	void close() {
		this.program.close();
		this.map.close();
		this.pair.close();
		this.before.assertUnchanged();
	}

	@ParameterizedTest
	@CsvSource({ "NATIVE, NATIVE, xdp", "GENERIC, GENERIC, xdpgeneric", "AUTO, NATIVE, xdp" })
	void aProgramIsAttachedInTheModeUntilItsLinkIsClosed(AttachMode mode, XdpMode became, String shown) {
		try (XdpLink link = attach(mode)) {
			assertThat(link.mode()).isEqualTo(became);
			assertThat(link.fallbackReason()).isNull();
			assertThat(link.interfaceIndex()).isEqualTo(this.pair.index());
			assertThat(link.isAttached()).isTrue();
			assertThat(Commands.run("bpftool", "link", "show", "id", Integer.toString(link.id())))
				.contains("xdp  prog " + this.program.info().id());
			assertThat(ipLink()).contains(" %s qdisc ".formatted(shown), "prog/xdp id " + this.program.info().id(),
					"tag " + this.program.info().tag());
			assertThat(this.pair.info().program()).isNotNull()
				.satisfies((attached) -> assertThat(attached.mode()).isEqualTo(became));
		}
		assertThat(ipLink()).doesNotContain("xdp");
		assertThat(Commands.run("bpftool", "net", "show", "dev", this.pair.name())).doesNotContain("xsk_redirect");
	}

	@Test
	void anotherProgramTakesThePlaceAndCountsOn() {
		try (FileDescriptor xsk = new TestRun(this.kernel).xsk();
				RedirectProgram after = RedirectProgram.loadAfter(this.kernel, this.map, RedirectRules.all(),
						this.program);
				XdpLink link = attach(AttachMode.AUTO)) {
			this.map.update(0, xsk.value(), UpdateMode.ANY);
			int id = link.id();
			link.update(this.program, after);
			assertThat(this.pair.info().program().id()).isEqualTo(after.info().id());
			assertThat(link.id()).isEqualTo(id);
			assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> link.update(this.program, after))
				.withMessageContaining("BPF_LINK_UPDATE")
				.withMessageContaining("EPERM")
				.withMessageContaining("the link attaches another program than the one to be replaced");
			assertThat(this.pair.info().program().id()).isEqualTo(after.info().id());
			this.pair.delete();
			assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> link.update(after, this.program))
				.withMessageContaining("ENOLINK")
				.withMessageContaining("restart the application");
		}
	}

	@Test
	void closingTwiceIsFineAndSoIsAskingAfterwards() {
		XdpLink link = attach(AttachMode.AUTO);
		link.close();
		link.close();
		assertThat(link.isAttached()).isFalse();
		attach(AttachMode.GENERIC).close();
	}

	@ParameterizedTest
	@EnumSource(value = AttachMode.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
	void onTheWireAnEmptySlotPassesAndAnOccupiedOneTakesThePacket(AttachMode mode) throws Exception {
		try (XdpLink link = attach(mode);
				FileDescriptor xsk = new TestRun(this.kernel).xsk();
				DatagramSocket receiver = new DatagramSocket(new InetSocketAddress(this.pair.address(), PORT));
				DatagramSocket bystander = new DatagramSocket(new InetSocketAddress(this.pair.address(), PORT + 1))) {
			assertThat(link.isAttached()).isTrue();
			assertThat(arrives(receiver, 1)).isTrue();
			// Bound to nothing, the socket takes packets and drops them
			this.map.update(0, xsk.value(), UpdateMode.ANY);
			this.map.update(1, xsk.value(), UpdateMode.ANY);
			assertThat(arrives(receiver, 2)).isFalse();
			assertThat(arrives(bystander, 3)).isTrue();
			this.map.delete(0);
			this.map.delete(1);
			assertThat(arrives(receiver, 4)).isTrue();
		}
	}

	@Test
	void autoFallsBackWhereTheMtuOfThePeerIsTooLarge() {
		this.pair.exec("ip", "link", "set", this.pair.peerName(), "mtu", "9000");
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> attach(AttachMode.NATIVE))
			.withMessageContaining(
					"failed with errno 34 (ERANGE): the MTU of '%s' (1500), or of its peer, is too large for"
							+ " native XDP. Lower it on both sides (ip link set dev %1$s mtu 1500)",
					this.pair.name())
			.isNotInstanceOf(InterfaceInUseException.class);
		try (XdpLink link = attach(AttachMode.AUTO)) {
			assertThat(link.mode()).isEqualTo(XdpMode.GENERIC);
			assertThat(link.fallbackReason()).isEqualTo(
					"Attached to '%s' in generic mode, which is slower, because native".formatted(this.pair.name())
							+ " mode failed with errno 34 (ERANGE): its MTU of 1500 or that of its peer is"
							+ " too large for it.");
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { Errno.EOPNOTSUPP, Errno.ERANGE, Errno.ENOMEM })
	void autoFallsBackWhenTheDriverCannot(int errno) {
		FaultInjectingKernel failing = new FaultInjectingKernel().failing("bpf BPF_LINK_CREATE", errno, 1);
		try (XdpLink link = XdpLink.attach(failing, this.program, this.pair.info(), AttachMode.AUTO)) {
			assertThat(link.mode()).isEqualTo(XdpMode.GENERIC);
			assertThat(link.fallbackReason()).contains(Errno.symbol(errno)).endsWith(".").doesNotContain(". ");
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { Errno.EPERM, Errno.ENODEV, Errno.ENOSPC, Errno.EBUSY, Errno.EEXIST, Errno.EINVAL })
	void autoDoesNotFallBackForAnotherReason(int errno) {
		FaultInjectingKernel failing = new FaultInjectingKernel().failing("bpf BPF_LINK_CREATE", errno, 1);
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> XdpLink.attach(failing, this.program, this.pair.info(), AttachMode.AUTO))
			.withMessageContaining("mode=NATIVE")
			.satisfies((ex) -> assertThat(ex.getErrno()).isEqualTo(errno));
	}

	@Test
	void autoFallsBackForAnEinvalOnlyWhereTheMtuCanBeItsReason() {
		Commands.run("ip", "link", "set", this.pair.name(), "mtu", "1501");
		FaultInjectingKernel failing = new FaultInjectingKernel().failing("bpf BPF_LINK_CREATE", Errno.EINVAL, 1);
		try (XdpLink link = XdpLink.attach(failing, this.program, this.pair.info(), AttachMode.AUTO)) {
			assertThat(link.mode()).isEqualTo(XdpMode.GENERIC);
			assertThat(link.fallbackReason()).contains("EINVAL", "MTU of 1501");
		}
	}

	@Test
	void whenGenericModeFailsTooBothReasonsAreKept() {
		FaultInjectingKernel failing = new FaultInjectingKernel().failing("bpf BPF_LINK_CREATE", Errno.ENOMEM, 2);
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> XdpLink.attach(failing, this.program, this.pair.info(), AttachMode.AUTO))
			.withMessageContaining("mode=GENERIC")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasSize(1)
				.allSatisfy((suppressed) -> assertThat(suppressed).hasMessageContaining("mode=NATIVE")));
	}

	@Test
	void tooFewQueuesForThePeerAreExplained() {
		this.pair.channels(1, 1);
		assertThatExceptionOfType(XskSystemException.class).isThrownBy(() -> attach(AttachMode.AUTO))
			.withMessageContaining("(ENOSPC): '%s' has fewer RX queues than its peer has TX queues", this.pair.name());
	}

	@Test
	void anInterfaceWithoutNativeXdpIsExplained() {
		NetworkInterface bridge = withoutNativeXdp();
		try {
			assertThatExceptionOfType(XskSystemException.class)
				.isThrownBy(() -> XdpLink.attach(this.kernel, this.program, bridge, AttachMode.NATIVE))
				.withMessageContaining("(EOPNOTSUPP): the driver of '%s' has no native XDP", bridge.name())
				.withMessageContaining("Use attach-mode auto or generic");
			try (XdpLink link = XdpLink.attach(this.kernel, this.program, bridge, AttachMode.AUTO)) {
				assertThat(link.mode()).isEqualTo(XdpMode.GENERIC);
				assertThat(link.fallbackReason()).contains("EOPNOTSUPP", "its driver has no native XDP");
			}
		}
		finally {
			Commands.run("ip", "link", "delete", bridge.name());
		}
	}

	private NetworkInterface withoutNativeXdp() {
		String name = this.pair.name() + "x";
		Commands.run("ip", "link", "add", name, "type", "vxlan", "id", "1", "dstport", "0");
		return NetworkInterface.byName(this.kernel, name);
	}

	@Test
	void aSecondProgramIsToldWhoHoldsTheInterface() {
		try (XdpLink holder = attach(AttachMode.NATIVE)) {
			for (AttachMode mode : List.of(AttachMode.NATIVE, AttachMode.AUTO)) {
				InterfaceInUseException failure = assertInUse(mode, Errno.EBUSY);
				assertThat(failure.getDescription())
					.contains("'%s' has the XDP program %d (xsk_redirect) in native mode already, held by link %d"
						.formatted(this.pair.name(), this.program.info().id(), holder.id()));
				assertThat(failure.getAction()).contains("bpftool link show id " + holder.id(), "map.pinned-path");
			}
			assertThat(assertInUse(AttachMode.GENERIC, Errno.EEXIST).getDescription())
				.endsWith("native and generic mode exclude each other.");
			assertThat(holder.isAttached()).isTrue();
		}
		try (XdpLink holder = attach(AttachMode.GENERIC)) {
			assertInUse(AttachMode.NATIVE, Errno.EEXIST);
			assertInUse(AttachMode.AUTO, Errno.EEXIST);
			assertThat(assertInUse(AttachMode.GENERIC, Errno.EBUSY).getDescription())
				.contains("in generic mode already")
				.doesNotContain("exclude");
			assertThat(holder.isAttached()).isTrue();
		}
	}

	@ParameterizedTest
	@CsvSource({ "xdpdrv, NATIVE", "xdpgeneric, GENERIC" })
	void aProgramThatWasAttachedByNetlinkIsRemovedByTheCommandThatIsNamed(String type, AttachMode mode) {
		Commands.run("bpftool", "net", "attach", type, "id", Integer.toString(this.program.info().id()), "dev",
				this.pair.name());
		InterfaceInUseException failure = assertInUse(mode, Errno.EBUSY);
		assertThat(failure.getDescription()).contains("attached by netlink");
		String command = "ip link set dev %s %s off".formatted(this.pair.name(), type);
		assertThat(failure.getAction()).contains(command);
		Commands.run(command.split(" "));
		attach(mode).close();
	}

	@Test
	void withoutAdministratorsRightsTheHolderIsKnownByIdAlone() {
		try (XdpLink holder = attach(AttachMode.NATIVE)) {
			assertThat(holder.isAttached()).isTrue();
			Commands.Result result = ChildJvm.of(Attaching.class)
				.unprivileged("net_raw", "net_admin", "bpf")
				.run(this.pair.name());
			assertThat(result.output())
				.contains("'%s' has the XDP program %d in native mode already.".formatted(this.pair.name(),
						this.program.info().id()))
				.contains("as root, 'bpftool net' and 'bpftool link' show more")
				.contains("ip link set dev %s xdpdrv off".formatted(this.pair.name()));
			assertThat(holder.isAttached()).isTrue();
		}
		assertThat(
				ChildJvm.of(Attaching.class).unprivileged("net_raw", "net_admin", "bpf").run(this.pair.name()).output())
			.contains("attached XdpLink[");
	}

	@Test
	void aLinkWhoseInterfaceIsGoneIsNotAttached() {
		NetworkInterface info = this.pair.info();
		try (XdpLink link = attach(AttachMode.NATIVE)) {
			this.pair.delete();
			Awaitility.await().until(() -> !link.isAttached());
			assertThatExceptionOfType(XskSystemException.class)
				.isThrownBy(() -> XdpLink.attach(this.kernel, this.program, info, AttachMode.AUTO))
				.withMessageContaining("(EINVAL): the interface '%s' is gone", info.name());
		}
	}

	@Test
	void aLinkThatSomebodyDetachedIsNotAttached() {
		try (XdpLink link = attach(AttachMode.NATIVE)) {
			Commands.run("bpftool", "link", "detach", "id", Integer.toString(link.id()));
			assertThat(link.isAttached()).isFalse();
		}
	}

	@Test
	void theProgramRunsOnWhenOnlyItsLinkIsOpen() {
		try (XdpLink link = attach(AttachMode.AUTO)) {
			this.program.close();
			this.map.close();
			assertThat(link.isAttached()).isTrue();
			assertThat(ipLink()).contains("prog/xdp id");
		}
	}

	@Test
	void anEinvalWithAnOrdinaryMtuPointsToTheKernelsLog() {
		FaultInjectingKernel failing = new FaultInjectingKernel().failing("bpf BPF_LINK_CREATE", Errno.EINVAL);
		assertThatExceptionOfType(XskSystemException.class)
			.isThrownBy(() -> XdpLink.attach(failing, this.program, this.pair.info(), AttachMode.NATIVE))
			.withMessageContaining("does not take such a program")
			.withMessageContaining("dmesg");
	}

	private XdpLink attach(AttachMode mode) {
		return XdpLink.attach(this.kernel, this.program, this.pair.info(), mode);
	}

	private InterfaceInUseException assertInUse(AttachMode mode, int errno) {
		InterfaceInUseException[] failure = new InterfaceInUseException[1];
		assertThatExceptionOfType(InterfaceInUseException.class).isThrownBy(() -> attach(mode)).satisfies((ex) -> {
			assertThat(ex.getErrno()).isEqualTo(errno);
			assertThat(ex.getInterfaceName()).isEqualTo(this.pair.name());
			assertThat(ex.getProgram()).isNotNull()
				.satisfies((held) -> assertThat(held.id()).isEqualTo(this.program.info().id()));
			failure[0] = ex;
		});
		return failure[0];
	}

	private String ipLink() {
		return Commands.run("ip", "-d", "link", "show", "dev", this.pair.name());
	}

	private boolean arrives(DatagramSocket receiver, int number) throws Exception {
		this.pair.sendUdp(receiver.getLocalPort(), new byte[] { (byte) number });
		// Behind it, one that nothing redirects: when it is there, the first one was
		// handled
		try (DatagramSocket behind = new DatagramSocket(
				new InetSocketAddress(InetAddress.getByName(this.pair.address()), 0))) {
			this.pair.sendUdp(behind.getLocalPort(), new byte[1]);
			behind.setSoTimeout(5000);
			behind.receive(new DatagramPacket(new byte[1], 1));
		}
		DatagramPacket packet = new DatagramPacket(new byte[1], 1);
		receiver.setSoTimeout(100);
		try {
			receiver.receive(packet);
			assertThat(packet.getData()[0]).isEqualTo((byte) number);
			return true;
		}
		catch (SocketTimeoutException ex) {
			return false;
		}
	}

	/** Attaches a program of its own. */
	static final class Attaching {

		private Attaching() {
		}

		public static void main(String[] args) {
			Kernel kernel = JnaKernel.load();
			try (XskMap map = XskMap.create(kernel, "child", 1);
					RedirectProgram program = RedirectProgram.load(kernel, map, RedirectRules.all());
					XdpLink link = XdpLink.attach(kernel, program, NetworkInterface.byName(kernel, args[0]),
							AttachMode.AUTO)) {
				System.out.println("attached " + link);
			}
			catch (InterfaceInUseException ex) {
				System.out.println(ex.getMessage());
			}
		}

	}

}
