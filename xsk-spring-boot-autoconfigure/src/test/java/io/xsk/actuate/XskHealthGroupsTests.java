package io.xsk.actuate;

import io.xsk.autoconfigure.XskAutoConfiguration;
import io.xsk.autoconfigure.XskHealthContributorAutoConfiguration;
import io.xsk.core.XskMapOperations;
import io.xsk.setup.XskSockets;
import io.xsk.test.KernelTest;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what the health endpoint makes of {@link XskHealthContributor}.
 */
@KernelTest
class XskHealthGroupsTests {

	private VethPair veth;

	private ApplicationContextRunner runner;

	@BeforeEach
	void setUp() {
		this.veth = VethPair.create(2);
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(XskAutoConfiguration.class, XskHealthContributorAutoConfiguration.class,
							EndpointAutoConfiguration.class, HealthContributorAutoConfiguration.class,
							HealthContributorRegistryAutoConfiguration.class, HealthEndpointAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=health",
					"xsk.interfaces.wan.name=" + this.veth.name(), "xsk.interfaces.wan.redirect.udp-ports=53",
					"xsk.sockets.dns.interface=wan", "xsk.sockets.dns.queues=0", "xsk.sockets.ntp.interface=wan",
					"xsk.sockets.ntp.queues=1");
	}

	@AfterEach
	void tearDown() {
		this.veth.close();
	}

	@Test
	void aGroupCanNameOneSocket() {
		this.runner
			.withPropertyValues("management.endpoint.health.group.first.include=xsk/dns",
					"management.endpoint.health.group.all.include=xsk")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				HealthEndpoint endpoint = context.getBean(HealthEndpoint.class);
				assertThat(endpoint.health().getStatus()).isEqualTo(Status.UP);
				assertThat(endpoint.healthForPath("xsk", "ntp").getStatus()).isEqualTo(Status.UP);
				context.getBean(XskMapOperations.class)
					.deactivate(context.getBean(XskSockets.class).group("ntp").orElseThrow().sockets().get(0));
				assertThat(endpoint.healthForPath("xsk", "ntp").getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
				assertThat(endpoint.healthForPath("xsk", "dns").getStatus()).isEqualTo(Status.UP);
				assertThat(endpoint.healthForPath("first").getStatus()).isEqualTo(Status.UP);
				assertThat(endpoint.healthForPath("all").getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
				assertThat(endpoint.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			});
	}

	@Test
	void aGroupOfASocketThatDoesNotExistIsRefused() {
		this.runner.withPropertyValues("management.endpoint.health.group.first.include=xsk/dsn")
			.run((context) -> assertThat(context).hasFailed());
	}

	@Test
	void socketsThatAreSwitchedOffDoNotMakeAnApplicationIll() {
		this.runner.withPropertyValues("xsk.enabled=false").run((context) -> {
			HealthEndpoint endpoint = context.getBean(HealthEndpoint.class);
			assertThat(endpoint.healthForPath("xsk", "dns").getStatus()).isEqualTo(Status.UNKNOWN);
			assertThat(endpoint.health().getStatus()).isIn(Status.UP, Status.UNKNOWN);
		});
	}

}
