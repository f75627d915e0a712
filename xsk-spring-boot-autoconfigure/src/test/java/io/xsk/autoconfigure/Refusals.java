package io.xsk.autoconfigure;

import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import io.xsk.kernel.Kernel;
import io.xsk.test.FaultInjectingKernel;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starts applications that are to fail, and says how it is told. No system call may have
 * been made by then.
 */
final class Refusals {

	/** On an interface that does not exist: who looks for it has come too far. */
	private static final List<String> VALID = List.of("xsk.interfaces.wan.name=nosuchif0",
			"xsk.interfaces.wan.redirect.udp-ports=53", "xsk.sockets.dns.interface=wan");

	private Refusals() {
	}

	/**
	 * Assert that a configuration that works is refused with some changes.
	 * @param property what the analysis names
	 * @param advice what its action contains
	 * @param changes properties, separated by semicolons
	 */
	static void assertRefused(String property, String advice, String changes) {
		FailureAnalysis analysis = analyze((runner) -> runner.withPropertyValues(VALID.toArray(String[]::new))
			.withPropertyValues(changes.strip().split("\\s*;\\s*")));
		assertThat(analysis.getDescription()).contains("'" + property + "'");
		assertThat(analysis.getAction()).contains(advice).endsWith(".").doesNotEndWith("..");
	}

	/** Start with an {@code application.yml} alone. */
	static FailureAnalysis analyze(String yaml) {
		return analyze(
				(runner) -> runner.withInitializer((context) -> YamlEnvironment.add(context.getEnvironment(), yaml)));
	}

	private static FailureAnalysis analyze(UnaryOperator<ApplicationContextRunner> configuration) {
		FaultInjectingKernel kernel = new FaultInjectingKernel();
		FailureAnalysis[] analysis = new FailureAnalysis[1];
		ConfigurableEnvironment[] environment = { new StandardEnvironment() };
		configuration
			.apply(new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class))
				.withBean(Kernel.class, () -> kernel)
				.withInitializer((context) -> environment[0] = context.getEnvironment()))
			.run((context) -> {
				assertThat(context).hasFailed();
				analysis[0] = Stream.of(new XskUnboundPropertyFailureAnalyzer(), new XskFailureAnalyzer(environment[0]))
					.map((analyzer) -> analyzer.analyze(context.getStartupFailure()))
					.filter(Objects::nonNull)
					.findFirst()
					.orElse(null);
			});
		assertThat(analysis[0]).isNotNull();
		assertThat(kernel.calls()).isEmpty();
		return analysis[0];
	}

}
