package io.xsk.sample.benchmark.peer;

import java.util.Map;

import io.xsk.bpf.UpdateMode;
import io.xsk.core.XskMapTemplate;

/**
 * Activates and deactivates one bound socket again and again: by the map's two calls
 * alone, and by the template with all that it verifies.
 */
final class ActivationWorkload implements Workload {

	private final XskPort port;

	private final XskMapTemplate template;

	ActivationWorkload(PeerOptions options) {
		this.port = XskPort.open(options.interfaceName());
		this.template = new XskMapTemplate(this.port.map());
	}

	@Override
	public void start() {
		// works when it is told to
	}

	@Override
	public Map<String, Long> answer(String command, long number) {
		long start = System.nanoTime();
		switch (command) {
			case "activation" -> {
				for (long i = 0; i < number; i++) {
					this.port.map().update(0, this.port.socket().fd(), UpdateMode.ANY);
					this.port.map().delete(0);
				}
			}
			case "template" -> {
				for (long i = 0; i < number; i++) {
					this.template.activate(this.port.socket());
					this.template.deactivate(this.port.socket());
				}
			}
			default -> throw new IllegalArgumentException("There is no command '%s'.".formatted(command));
		}
		return Map.of("nanos", System.nanoTime() - start);
	}

}
