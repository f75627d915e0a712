package io.xsk.sample.coreonly;

import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapTemplate;
import io.xsk.setup.XskSockets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Shows that the auto-configuration needs neither actuator nor Micrometer.
 */
class CoreOnlyApplicationTests {

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.boot.actuate.endpoint.annotation.Endpoint",
			"org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint",
			"org.springframework.boot.health.contributor.HealthIndicator",
			"org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator",
			"io.micrometer.core.instrument.MeterRegistry",
			"org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration" })
	void hasNeitherActuatorNorMicrometer(String className) {
		assertThat(ClassUtils.isPresent(className, null)).isFalse();
	}

	@Test
	void startsWithoutAnyProperty() {
		try (ConfigurableApplicationContext context = run()) {
			assertThat(context.getBean(XskSockets.class).isOpen()).isFalse();
			assertThat(context.getBean(XskMapTemplate.class).bindings()).isEmpty();
			assertThat(context.getBeanDefinitionNames()).doesNotContain("xskEndpoint", "xskHealthContributor");
		}
	}

	@Test
	@KernelTest
	void activatesWhatIsConfigured() throws Exception {
		try (VethPair pair = new VethPair()) {
			ConfigurableApplicationContext context = run("--xsk.interfaces.wan.name=" + pair.name(),
					"--xsk.interfaces.wan.redirect.udp-ports=9000", "--xsk.sockets.test.interface=wan");
			try (context) {
				assertThat(context.getBean(XskMapTemplate.class).bindings()).hasSize(1)
					.extracting(XskBinding::state)
					.containsOnly(BindingState.ACTIVE);
				assertThat(context.getBeanDefinitionNames()).contains("xskSockets", "xskActivationLifecycle")
					.doesNotContain("xskEndpoint", "xskHealthContributor");
			}
		}
	}

	private static ConfigurableApplicationContext run(String... args) {
		return SpringApplication.run(CoreOnlyApplication.class, args);
	}

}
