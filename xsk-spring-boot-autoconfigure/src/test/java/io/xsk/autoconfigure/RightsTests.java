package io.xsk.autoconfigure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.xsk.bpf.AttachMode;
import io.xsk.bpf.UpdateMode;
import io.xsk.bpf.XskMap;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.ChildJvm;
import io.xsk.test.Commands;
import io.xsk.test.KernelTest;
import io.xsk.test.TemporaryDirectory;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application can do, and what it says, with fewer rights than root has. Each
 * runs in a JVM of its own, as an ordinary user.
 */
@KernelTest
class RightsTests {

	private static final int PORT = 9000;

	private VethPair veth;

	private TemporaryDirectory directory;

	@BeforeEach
	void setUp() throws IOException {
		this.veth = VethPair.create();
		this.directory = TemporaryDirectory.create();
		Files.setPosixFilePermissions(this.directory.path(), PosixFilePermissions.fromString("rwxr-xr-x"));
		Commands.run("mount", "-t", "bpf", "-o", "mode=755", "bpf", this.directory.path().toString());
	}

	@AfterEach
	void tearDown() {
		Commands.run("umount", this.directory.path().toString());
		this.directory.close();
		this.veth.close();
	}

	@Test
	void netRawAloneReceivesThroughAMapThatAnotherProcessFeeds() throws IOException {
		Path path = this.directory.path().resolve("xsks");
		try (XskSockets owner = owner(path)) {
			owner.open();
			Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
			XskMap map = owner.resolve(this.veth.index());
			try (Application application = Application
				.start(ChildJvm.of(RightsApplication.class).unprivileged("net_raw"), pinned(path))) {
				assertThat(application.ask("inspect")).isEqualTo("ACTIVE UPDATE");
				this.veth.sendUdp(PORT, new byte[58]);
				assertThat(application.ask("receive")).isEqualTo("100 bytes");

				application.ask("deactivate");
				assertThat(application.ask("inspect")).isEqualTo("INACTIVE NONE");
				assertThat(map.occupancy(0)).hasToString("EMPTY");

				application.ask("activate");
				map.delete(0);
				assertThat(application.ask("inspect")).as("an update restores the slot").isEqualTo("ACTIVE UPDATE");
				assertThat(map.occupancy(0)).hasToString("OCCUPIED");

				try (VethPair elsewhere = VethPair.create();
						XdpSocket other = XdpSocket.open(JnaKernel.load(), elsewhere.info(), 0,
								XdpSocketConfig.builder().build())) {
					map.update(0, other.fd(), UpdateMode.ANY);
					assertThat(application.ask("inspect")).isEqualTo("FOREIGN UPDATE");
					application.ask("deactivate");
					assertThat(map.putIfAbsent(0, other.fd())).as("left alone").isTrue();
				}

				application.ask("activate");
				this.veth.delete();
				assertThat(application.ask("inspect")).isEqualTo("DEAD NONE");
			}
			assertThat(map.occupancy(0)).hasToString("EMPTY");
		}
	}

	@Test
	void netRawNetAdminAndBpfLoadAProgramOfTheirOwn() {
		ChildJvm child = ChildJvm.of(RightsApplication.class).unprivileged("net_raw", "net_admin", "bpf");
		try (Application application = Application.start(child, loading())) {
			assertThat(this.veth.info().program()).isNotNull();
			assertThat(application.ask("inspect")).isEqualTo("ACTIVE PROBE");
			this.veth.sendUdp(PORT, new byte[58]);
			assertThat(application.ask("receive")).isEqualTo("100 bytes");
		}
		assertThat(this.veth.info().program()).isNull();
	}

	@Test
	void loadingWithNetRawAloneNamesTheMissingCapabilities() {
		assertThat(fails(ChildJvm.of(RightsApplication.class).unprivileged("net_raw"), loading())).contains(
				"APPLICATION FAILED TO START", "Interface 'wan'", "CAP_BPF", "CAP_NET_ADMIN", "AmbientCapabilities");
	}

	@Test
	void noRightsAtAllAreExplained() throws IOException {
		Path path = this.directory.path().resolve("xsks");
		try (XskSockets owner = owner(path)) {
			owner.open();
			Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
			assertThat(fails(ChildJvm.of(RightsApplication.class).unprivileged(), pinned(path)))
				.contains("APPLICATION FAILED TO START", "Socket 'rx'", "EPERM", "CAP_NET_RAW", "AmbientCapabilities");
		}
	}

	@Test
	void aPinnedMapWithoutPermissionIsExplained() {
		Path path = this.directory.path().resolve("xsks");
		try (XskSockets owner = owner(path)) {
			owner.open();
			assertThat(fails(ChildJvm.of(RightsApplication.class).unprivileged("net_raw"), pinned(path)))
				.contains("APPLICATION FAILED TO START", "EACCES", path.toString(), "chmod");
		}
	}

	@Test
	void aPinnedMapThatIsMissingIsExplained() {
		Path path = this.directory.path().resolve("nobody");
		assertThat(fails(ChildJvm.of(RightsApplication.class), pinned(path))).contains("APPLICATION FAILED TO START",
				"ENOENT", path.toString());
	}

	@Test
	void aMemlockLimitThatIsTooLowIsExplainedBeforeAnythingIsMade() {
		ChildJvm child = ChildJvm.of(RightsApplication.class)
			.unprivileged("net_raw", "net_admin", "bpf")
			.under("prlimit", "--memlock=1048576");
		assertThat(fails(child, loading())).contains("APPLICATION FAILED TO START", "RLIMIT_MEMLOCK", "LimitMEMLOCK",
				"CAP_IPC_LOCK");
	}

	private XskSockets owner(Path path) {
		return new XskSockets(JnaKernel.load(), List.of(new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO,
				RedirectRules.udpPorts(PortRange.of(PORT)), null, null, path)), List.of());
	}

	private String[] pinned(Path path) {
		return new String[] { "--xsk.interfaces.wan.name=" + this.veth.name(),
				"--xsk.interfaces.wan.map.pinned-path=" + path, "--xsk.sockets.rx.interface=wan",
				"--xsk.sockets.rx.queues=0" };
	}

	private String[] loading() {
		return new String[] { "--xsk.interfaces.wan.name=" + this.veth.name(),
				"--xsk.interfaces.wan.redirect.udp-ports=" + PORT, "--xsk.sockets.rx.interface=wan",
				"--xsk.sockets.rx.queues=0" };
	}

	private static String fails(ChildJvm child, String... arguments) {
		Commands.Result result = child.run(arguments);
		assertThat(result.exitCode()).as(result.output()).isNotZero();
		return result.output();
	}

	/** A running application that answers lines. */
	private record Application(Process process, BufferedReader output, PrintWriter input) implements AutoCloseable {

		private static Application start(ChildJvm child, String... arguments) {
			Process process = child.start(arguments);
			Application application = new Application(process,
					new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)),
					new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8));
			try {
				assertThat(application.answer()).isEqualTo("READY");
				return application;
			}
			catch (Throwable ex) {
				process.destroyForcibly();
				throw ex;
			}
		}

		private String ask(String command) {
			this.input.println(command);
			return answer();
		}

		private String answer() {
			StringBuilder log = new StringBuilder();
			try {
				for (String line = this.output.readLine(); line != null; line = this.output.readLine()) {
					if (line.startsWith("> ")) {
						return line.substring(2);
					}
					log.append(line).append('\n');
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			throw new AssertionError("The application ended: " + log);
		}

		@Override
		public void close() {
			this.input.close();
			try {
				if (this.process.waitFor(20, TimeUnit.SECONDS)) {
					return;
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			this.process.destroyForcibly();
			throw new AssertionError("The application did not end with its input.");
		}

	}

}
