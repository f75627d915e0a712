package io.xsk.sample.benchmark.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import io.xsk.bpf.AttachMode;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSockets;
import org.apache.commons.logging.LogFactory;

/**
 * Goes from nothing to active sockets, as the life cycle of an application does, and
 * back. What an application has before that starts is there: logging, and the kernel.
 */
final class StartWorkload implements Workload {

	private static final long KIB = 1024;

	private static final int SLOTS = 64;

	private final Kernel kernel = JnaKernel.load();

	private final String interfaceName;

	StartWorkload(PeerOptions options) {
		this.interfaceName = options.interfaceName();
	}

	@Override
	public void start() {
		LogFactory.getLog(StartWorkload.class).debug("Ready");
	}

	@Override
	public Map<String, Long> answer(String command, long number) {
		if (!command.equals("start")) {
			throw new IllegalArgumentException("There is no command '%s'.".formatted(command));
		}
		long start = System.nanoTime();
		XskInterfaceConfig interfaceConfig = new XskInterfaceConfig("bench", this.interfaceName, AttachMode.NATIVE,
				RedirectRules.all(), SLOTS, null, null);
		XskSocketConfig socketConfig = new XskSocketConfig("bench", "bench",
				QueueSelection.of(IntStream.range(0, (int) number).toArray()), XskPort.config(), false);
		try (XskSockets sockets = new XskSockets(this.kernel, List.of(interfaceConfig), List.of(socketConfig))) {
			sockets.open();
			XskMapTemplate template = new XskMapTemplate(sockets);
			sockets.receiving().forEach(template::activate);
			long nanos = System.nanoTime() - start;
			long resident = resident();
			sockets.receiving().forEach(template::deactivate);
			return Map.of("nanos", nanos, "resident", resident);
		}
	}

	private static long resident() {
		try {
			return Files.readAllLines(Path.of("/proc/self/status"))
				.stream()
				.filter((line) -> line.startsWith("VmRSS:"))
				.mapToLong((line) -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
				.findFirst()
				.orElse(0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
