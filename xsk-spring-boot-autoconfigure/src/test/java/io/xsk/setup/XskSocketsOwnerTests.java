package io.xsk.setup;

import java.nio.file.Path;
import java.util.List;

import io.xsk.bpf.AttachMode;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRules;
import io.xsk.test.FaultInjectingKernel;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link XskSockets}: whose the program and the map of an interface are.
 */
class XskSocketsOwnerTests {

	private static final RedirectRules DNS = RedirectRules.udpPorts(PortRange.of(53));

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	@Test
	void whatIsForAProgramOfOursIsRefusedBesideOneOfSomebodyElses() {
		Path path = Path.of("/sys/fs/bpf/theirs");
		ProgramSource program = ProgramSource.pinned(path);
		assertRefused("program.pinned-path", "redirect", DNS, null, null, null, program);
		assertRefused("program.pinned-path", "map.max-entries", null, 4, null, null, program);
		assertRefused("program.pinned-path", "map.pin-path", null, null, null, path, program);
		assertRefused("program.pinned-path", "map.max-entries", null, 4, path, null, program);
		assertRefused("map.pinned-path", "redirect", DNS, null, path, null, null);
		assertRefused("map.pinned-path", "map.max-entries", null, 4, path, null, null);
		assertRefused("map.pinned-path", "map.pin-path", null, null, path, path, null);
		List<XskInterfaceConfig> theirs = List
			.of(new XskInterfaceConfig("wan", "eth1", AttachMode.AUTO, null, null, path, null, program));
		assertThat(new XskSockets(this.kernel, theirs, List.of()).isOpen()).isFalse();
	}

	private void assertRefused(String theirs, String ours, RedirectRules rules, Integer maxEntries, Path pinnedPath,
			Path pinPath, ProgramSource program) {
		XskInterfaceConfig config = new XskInterfaceConfig("wan", "eth1", AttachMode.AUTO, rules, maxEntries,
				pinnedPath, pinPath, program);
		assertThatExceptionOfType(InvalidXskPropertyException.class)
			.isThrownBy(() -> new XskSockets(this.kernel, List.of(config), List.of()))
			.satisfies((ex) -> {
				assertThat(ex.getProperty()).isEqualTo("xsk.interfaces.wan." + ours);
				assertThat(ex.getAction()).contains("somebody else's")
					.endsWith("Leave out xsk.interfaces.wan.%s, or xsk.interfaces.wan.%s.".formatted(ours, theirs));
			});
	}

}
