package io.xsk.sample.quickstart;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Runs the quickstart in processes of its own, and ends them in more than one way.
 */
@KernelTest
class QuickstartProcessTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private static final String[] WITHOUT_RIGHTS = { "setpriv", "--bounding-set=-all", "--inh-caps=-all" };

	private final List<Process> processes = new ArrayList<>();

	@TempDir
	private Path directory;

	@AfterEach
	void killWhatIsLeft() {
		this.processes.forEach((process) -> process.destroyForcibly().onExit().join());
	}

	@Test
	void removesEverythingWhenItIsTerminated() throws Exception {
		Running running = awaitAnswers(quickstart());
		running.process().destroy();
		awaitEnd(running);
		assertThat(running.output()).contains("Detached from XDP on interface")
			.contains("%s and its peer are removed".formatted(running.interfaceName()));
		assertThat(KernelObjects.hasInterface(running.interfaceName())).isFalse();
		awaitNothingLeft(running);
	}

	@Test
	void leavesNothingWhenItIsKilled() throws Exception {
		Running running = awaitAnswers(quickstart());
		running.process().destroyForcibly();
		awaitNothingLeft(running);
	}

	@Test
	void startsAtOnceAfterItWasKilled() throws Exception {
		awaitAnswers(quickstart()).process().destroyForcibly();
		awaitAnswers(quickstart());
	}

	@Test
	void holdsItsNamespaceByOneThreadAlone() throws Exception {
		Running running = awaitAnswers(quickstart());
		assertThat(KernelObjects.countThreadsIn(running.namespace())).isEqualTo(1);
	}

	@Test
	void runsTwiceAtTheSameTime() throws Exception {
		Running first = awaitAnswers(quickstart());
		Running second = awaitAnswers(quickstart());
		assertThat(second.interfaceName()).isNotEqualTo(first.interfaceName());
	}

	@Test
	void explainsThatSomebodyElseHasTheInterface() throws Exception {
		Running first = awaitAnswers(quickstart());
		Running second = run(command(), first.interfaceName());
		awaitEnd(second);
		assertThat(second.process().exitValue()).isEqualTo(1);
		assertThat(second.output()).contains("APPLICATION FAILED TO START")
			.contains("'%s' has the XDP program %d".formatted(first.interfaceName(), first.program()));
		assertThat(KernelObjects.programOf(first.interfaceName())).isEqualTo(first.program());
	}

	@Test
	void saysInTwoLinesThatRightsAreMissing() throws Exception {
		Running running = run(command(WITHOUT_RIGHTS));
		awaitEnd(running);
		assertThat(running.process().exitValue()).isEqualTo(1);
		assertThat(running.output().lines()).hasSize(2)
			.first()
			.asString()
			.contains("rights", "CAP_NET_RAW", "CAP_NET_ADMIN", "CAP_BPF", "CAP_SYS_ADMIN");
	}

	@Test
	void scriptSaysInTwoLinesThatRightsAreMissing() throws Exception {
		List<String> command = new ArrayList<>(List.of(WITHOUT_RIGHTS));
		command.add(Path.of("run").toAbsolutePath().toString());
		Running running = run(command);
		awaitEnd(running);
		assertThat(running.process().exitValue()).isEqualTo(1);
		assertThat(running.output().lines()).hasSize(2).last().asString().startsWith("Run it as root: sudo ");
	}

	private Running quickstart() throws Exception {
		return run(command());
	}

	private static List<String> command(String... prefix) {
		List<String> command = new ArrayList<>(List.of(prefix));
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
				QuickstartApplication.class.getName(), "--server.port=0"));
		return command;
	}

	private Running run(List<String> command, String... arguments) throws Exception {
		List<String> whole = new ArrayList<>(command);
		whole.addAll(List.of(arguments));
		Path output = Files.createTempFile(this.directory, "quickstart", ".out");
		ProcessBuilder builder = new ProcessBuilder(whole).redirectErrorStream(true).redirectOutput(output.toFile());
		// lest the JVM says that it took them up
		builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
		Process process = builder.start();
		this.processes.add(process);
		return new Running(process, output, "xskq" + process.pid(), 0, "");
	}

	private static Running awaitAnswers(Running running) throws Exception {
		await().atMost(TIMEOUT).until(() -> {
			assertThat(running.process().isAlive()).as(running.output()).isTrue();
			return running.output().contains(", got back 1");
		});
		Set<String> namespaces = KernelObjects.namespacesOf(running.process().pid());
		namespaces.removeAll(KernelObjects.namespacesOf(ProcessHandle.current().pid()));
		assertThat(namespaces).hasSize(1);
		return new Running(running.process(), running.file(), running.interfaceName(),
				KernelObjects.programOf(running.interfaceName()), namespaces.iterator().next());
	}

	private static void awaitEnd(Running running) throws Exception {
		assertThat(running.process().waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).as(running.output()).isTrue();
	}

	private static void awaitNothingLeft(Running running) {
		await().atMost(TIMEOUT).untilAsserted(() -> {
			assertThat(KernelObjects.hasInterface(running.interfaceName())).isFalse();
			assertThat(KernelObjects.hasProgram(running.program())).isFalse();
			assertThat(KernelObjects.countThreadsIn(running.namespace())).isZero();
		});
	}

	/** A process, and what it has made in the kernel. */
	private record Running(Process process, Path file, String interfaceName, int program, String namespace) {

		private String output() throws Exception {
			return Files.readString(this.file);
		}

	}

}
