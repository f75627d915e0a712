package io.xsk.kernel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import com.jayway.jsonpath.JsonPath;
import io.xsk.XskSystemException;
import io.xsk.test.Commands;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.PassProgram;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link NetworkInterface}.
 */
@KernelTest
class NetworkInterfaceTests {

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	@AfterEach
	void nothingIsLeftOpen() {
		this.kernel.assertNothingOpen();
	}

	@Test
	void itIsWhatTheIpCommandShows() {
		try (VethPair pair = VethPair.create(3)) {
			Commands.run("ip", "link", "set", pair.name(), "mtu", "1280");
			NetworkInterface info = NetworkInterface.byName(this.kernel, pair.name());
			String shown = Commands.run("ip", "-j", "-d", "link", "show", pair.name());
			assertThat(info.index()).isEqualTo(JsonPath.<Integer>read(shown, "$[0].ifindex"));
			assertThat(info.name()).isEqualTo(JsonPath.<String>read(shown, "$[0].ifname"));
			assertThat(info.mtu()).isEqualTo(JsonPath.<Integer>read(shown, "$[0].mtu")).isEqualTo(1280);
			assertThat(info.driver()).isEqualTo(JsonPath.<String>read(shown, "$[0].linkinfo.info_kind"))
				.isEqualTo("veth");
			assertThat(info.queues()).isEqualTo(JsonPath.<Integer>read(shown, "$[0].num_rx_queues")).isEqualTo(3);
			assertThat(info.up()).isTrue();
			assertThat(info.linkUp()).isTrue();
			assertThat(info.program()).isNull();
			assertThat(NetworkInterface.byIndex(this.kernel, info.index())).hasValue(info);
		}
	}

	@Test
	void queuesAreThoseInUseAndNotThoseAllocated() {
		try (VethPair pair = VethPair.create(8)) {
			assertThat(pair.info().queues()).isEqualTo(8);
			pair.channels(3, 5);
			assertThat(pair.info().queues()).isEqualTo(3);
			String shown = Commands.run("ip", "-j", "-d", "link", "show", pair.name());
			assertThat(JsonPath.<Integer>read(shown, "$[0].num_rx_queues")).isEqualTo(8);
		}
	}

	@Test
	void switchedOnAndCarrierAreTwoThings() {
		try (VethPair pair = VethPair.create()) {
			pair.exec("ip", "link", "set", pair.peerName(), "down");
			assertThat(pair.info().up()).isTrue();
			assertThat(pair.info().linkUp()).isFalse();
			Commands.run("ip", "link", "set", pair.name(), "down");
			assertThat(pair.info().up()).isFalse();
			assertThat(pair.info().linkUp()).isFalse();
			pair.exec("ip", "link", "set", pair.peerName(), "up");
			assertThat(pair.info().linkUp()).isFalse();
			Commands.run("ip", "link", "set", pair.name(), "up");
			assertThat(pair.info().up()).isTrue();
			assertThat(pair.info().linkUp()).isTrue();
		}
	}

	@Test
	void alternativeNamesFindItToo() {
		try (VethPair pair = VethPair.create()) {
			String shortName = pair.name() + "a";
			String longName = pair.name() + "-behind-the-second-slot-of-the-machine";
			for (String name : List.of(shortName, longName)) {
				Commands.run("ip", "link", "property", "add", "dev", pair.name(), "altname", name);
				assertThat(NetworkInterface.byName(this.kernel, name)).isEqualTo(pair.info());
			}
		}
	}

	@Test
	void anUnknownNameIsReportedWithTheKnownOnes() {
		try (VethPair pair = VethPair.create()) {
			assertThatExceptionOfType(UnknownInterfaceException.class)
				.isThrownBy(() -> NetworkInterface.byName(this.kernel, "nosuch0"))
				.withMessageContaining("There is no network interface 'nosuch0'")
				.withMessageContaining("Choose one of lo, ")
				.withMessageContaining(pair.name())
				.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("nosuch0"));
		}
	}

	@Test
	void namesThatNoInterfaceCanHaveAreUnknownToo() {
		for (String name : List.of("", "a b", "eth0/1", "ä".repeat(7), "x".repeat(15), "x".repeat(16), "x".repeat(127),
				"x".repeat(128), "x".repeat(5000))) {
			assertThatExceptionOfType(UnknownInterfaceException.class).as(name)
				.isThrownBy(() -> NetworkInterface.byName(this.kernel, name));
		}
	}

	@Test
	void anInterfaceThatIsDeletedIsGone() {
		try (VethPair pair = VethPair.create()) {
			pair.delete();
			assertThat(NetworkInterface.byIndex(this.kernel, pair.index())).isEmpty();
			assertThatExceptionOfType(UnknownInterfaceException.class)
				.isThrownBy(() -> NetworkInterface.byName(this.kernel, pair.name()));
		}
	}

	@Test
	void anIndexThatNoInterfaceCanHaveIsEmpty() {
		assertThat(NetworkInterface.byIndex(this.kernel, Integer.MAX_VALUE)).isEmpty();
	}

	@Test
	void namesAreThoseOfThisNamespaceInTheOrderOfTheirIndices() {
		try (VethPair first = VethPair.create(); VethPair second = VethPair.create()) {
			assertThat(NetworkInterface.names(this.kernel)).startsWith("lo")
				.containsSubsequence(first.name(), second.name())
				.doesNotContain(first.peerName(), second.peerName());
		}
	}

	@Test
	void inAnotherNamespaceItIsThatOnesWhateverSysfsShows() {
		try (VethPair pair = VethPair.create(2)) {
			NetworkInterface peer = pair.inPeer(() -> NetworkInterface.byName(this.kernel, pair.peerName()));
			assertThat(peer.queues()).isEqualTo(2);
			assertThat(peer.driver()).isEqualTo("veth");
			assertThat(peer.linkUp()).isTrue();
			assertThat(pair.inPeer(() -> NetworkInterface.names(this.kernel))).contains(pair.peerName())
				.doesNotContain(pair.name());
			assertThat(pair.inPeer(() -> Files.exists(Path.of("/sys/class/net", pair.peerName())))).isFalse();
			assertThat(pair.inPeer(() -> Files.exists(Path.of("/sys/class/net", pair.name())))).isTrue();
		}
	}

	@Test
	void aDriverNeedNotSayItsNameNorItsQueues() {
		try (VethPair pair = VethPair.create()) {
			NetworkInterface loopback = pair.inPeer(() -> NetworkInterface.byName(this.kernel, "lo"));
			assertThat(loopback.driver()).isNull();
			assertThat(loopback.queues()).isEqualTo(1);
			assertThat(loopback.mtu()).isEqualTo(65_536);
		}
	}

	@Test
	void anAttachedProgramIsShownWithItsMode() {
		try (VethPair pair = VethPair.create()) {
			try (PassProgram program = PassProgram.attach(pair.index(), LinuxBpf.XDP_FLAGS_DRV_MODE)) {
				assertThat(pair.info().program()).isEqualTo(new AttachedProgram(XdpMode.NATIVE, program.id()));
			}
			assertThat(pair.info().program()).isNull();
			try (PassProgram program = PassProgram.attach(pair.index(), LinuxBpf.XDP_FLAGS_SKB_MODE)) {
				assertThat(pair.info().program()).isEqualTo(new AttachedProgram(XdpMode.GENERIC, program.id()));
			}
			assertThat(pair.info().program()).isNull();
		}
	}

	@Test
	void itIsFoundAmongManyInterfaces() {
		try (VethPair pair = VethPair.create()) {
			for (int i = 0; i < 300; i++) {
				pair.exec("ip", "link", "add", "many" + i, "type", "ifb");
				if (i % 100 == 99) {
					List<String> names = pair.inPeer(() -> NetworkInterface.names(this.kernel));
					assertThat(names).hasSize(i + 3).doesNotHaveDuplicates().endsWith("many" + i);
				}
			}
		}
	}

	@Test
	void whateverFailsIsClosedAndSaid() {
		try (VethPair pair = VethPair.create()) {
			NetworkInterface.byName(this.kernel, pair.name());
			int calls = this.kernel.calls().size();
			for (int call = 1; call <= calls; call++) {
				String failing = this.kernel.calls().get(call - 1);
				this.kernel.failing(call, Errno.EMFILE);
				if (failing.startsWith("ioctl")) {
					// a driver may leave a question unanswered
					assertThat(NetworkInterface.byName(this.kernel, pair.name()).index()).isEqualTo(pair.index());
				}
				else {
					assertThatExceptionOfType(XskSystemException.class).as(failing)
						.isThrownBy(() -> NetworkInterface.byName(this.kernel, pair.name()))
						.withMessageContaining("failed with errno 24 (EMFILE)");
				}
				this.kernel.healthy().assertNothingOpen();
			}
		}
	}

}
