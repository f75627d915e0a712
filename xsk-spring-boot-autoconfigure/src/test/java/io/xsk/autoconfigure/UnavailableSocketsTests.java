package io.xsk.autoconfigure;

import java.util.concurrent.CompletionException;

import io.xsk.actuate.XskEndpoint;
import io.xsk.actuate.XskHealthContributor;
import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.KernelUnavailableException;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.lifecycle.XskActivationLifecycle;
import io.xsk.lifecycle.XskSocketLifecycle;
import io.xsk.lifecycle.XskWatchLifecycle;
import io.xsk.listener.XskListener;
import io.xsk.listener.XskListenerConfigurer;
import io.xsk.listener.XskListenerContainer;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRules;
import io.xsk.send.XskTemplate;
import io.xsk.setup.XskRedirects;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.Xsk;
import io.xsk.test.ChildJvm;
import io.xsk.test.Commands;
import io.xsk.test.KernelTest;
import io.xsk.test.VethPair;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of applications that run where no socket is to be opened: on another system,
 * switched off, or without any configuration. They start, every bean can be injected, and
 * who uses one is told why it does nothing.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnavailableSocketsTests {

	private final ApplicationContextRunner bare = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class, XskListenerAutoConfiguration.class,
				XskEndpointAutoConfiguration.class, XskHealthContributorAutoConfiguration.class))
		.withPropertyValues("management.endpoints.web.exposure.include=xsk");

	private final ApplicationContextRunner configured = this.bare.withPropertyValues(
			"xsk.interfaces.wan.name=nosuchif0", "xsk.interfaces.wan.redirect.udp-ports=53",
			"xsk.sockets.dns.interface=wan");

	private ApplicationContextRunner runner(Reason reason) {
		return switch (reason) {
			case OTHER_SYSTEM -> this.configured.withSystemProperties("os.name:Mac OS X");
			case OTHER_PROCESSOR -> this.configured.withSystemProperties("os.arch:x86");
			case SWITCHED_OFF -> this.configured.withPropertyValues("xsk.enabled=false");
			case SWITCHED_OFF_ELSEWHERE ->
				this.configured.withPropertyValues("xsk.enabled=false").withSystemProperties("os.name:Mac OS X");
			case NOTHING_CONFIGURED -> this.bare;
			case NOTHING_CONFIGURED_ELSEWHERE -> this.bare.withSystemProperties("os.name:Mac OS X");
		};
	}

	@ParameterizedTest
	@EnumSource
	void everyBeanIsThereAndNothingIsOpened(Reason reason) {
		runner(reason).withBean(UsesEverything.class).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(UsesEverything.class);
			assertThat(context.getBean(XskSockets.class).isAvailable()).isFalse();
			assertThat(context.getBean(XskSockets.class).isOpen()).isFalse();
			assertThat(context.getBean(XskSocketLifecycle.class).isRunning()).isFalse();
			assertThat(context.getBean(XskListenerRegistry.class).isRunning()).isFalse();
			assertThat(context.getBean(XskActivationLifecycle.class).isRunning()).isFalse();
			assertThat(context.getBean(XskWatchLifecycle.class).isRunning()).isFalse();
			assertThat(context.getBean(XskMapOperations.class).bindings()).isEmpty();
			assertThat(context.getBean(XskEndpoint.class).xsk().bindings()).isEmpty();
			context.getSourceApplicationContext().stop();
			context.getSourceApplicationContext().start();
			assertThat(context.getBean(XskSockets.class).isOpen()).isFalse();
		});
	}

	@ParameterizedTest
	@EnumSource
	void whoUsesABeanIsToldWhyItDoesNothing(Reason reason) {
		runner(reason).run((context) -> {
			assertTold(reason, () -> context.getBean(XskSockets.class).open());
			assertTold(reason, () -> context.getBean(XskTemplate.class).send("dns", new byte[60]));
			assertTold(reason, () -> context.getBean(XskMapOperations.class).activate(new SomeXsk()));
			assertTold(reason, () -> context.getBean(XskMapOperations.class).inspect(new SomeXsk()));
			assertTold(reason, () -> context.getBean(XskRedirects.class).rules("wan"));
			assertThatExceptionOfType(CompletionException.class)
				.isThrownBy(() -> context.getBean(XskRedirects.class)
					.replace("wan", RedirectRules.udpPorts(PortRange.of(54)))
					.join())
				.withCauseInstanceOf(KernelUnavailableException.class);
		});
	}

	private static void assertTold(Reason reason, ThrowingCallable use) {
		assertThatExceptionOfType(KernelUnavailableException.class).isThrownBy(use).satisfies((ex) -> {
			assertThat(ex.getDescription()).contains(reason.description);
			assertThat(ex.getAction()).contains(reason.action);
			assertThat(ex.getStackTrace()).as("who called, not who configured")
				.anyMatch((frame) -> frame.getMethodName().contains("whoUsesABeanIsTold"));
		});
	}

	@ParameterizedTest
	@EnumSource
	void onlyWhoMissesASocketUnasked(Reason reason, CapturedOutput output) {
		runner(reason).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output.getAll().lines().filter((line) -> line.contains("WARN"))).hasSize(reason.warnings)
			.allSatisfy((line) -> assertThat(line).contains(reason.description, "xsk.enabled=false"));
	}

	@Test
	void theHealthIsUnknownThere() {
		runner(Reason.OTHER_SYSTEM).run((context) -> assertThat(
				((HealthIndicator) context.getBean(XskHealthContributor.class).getContributor("dns")).health())
			.satisfies((health) -> {
				assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN);
				assertThat(health.getDetails().get("reason")).asString().contains("Mac OS X");
			}));
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "NOTHING.*")
	void aListenerIsRegisteredAndDoesNotRun(Reason reason) {
		runner(reason).withBean(Dns.class).run((context) -> {
			assertThat(context).hasNotFailed();
			XskListenerContainer container = context.getBean(XskListenerRegistry.class).container("dns");
			assertThat(container.state()).isEqualTo(XskListenerContainer.State.STOPPED);
			assertThatExceptionOfType(KernelUnavailableException.class).isThrownBy(container::start)
				.withMessageContaining(reason.description);
		});
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "NOTHING.*")
	void aListenerOfAMisspeltSocketIsToldThereToo(Reason reason) {
		runner(reason).withBean(Misspelt.class)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.hasMessageContaining("'dsn', which does not exist")
				.hasMessageContaining("Did you mean 'dns'?"));
	}

	@Test
	void aListenerIsLeftOutWhereItHasNoSocketOnPurpose(CapturedOutput output) {
		this.bare.withPropertyValues("xsk.enabled=false")
			.withBean(Dns.class)
			.withBean(XskListenerConfigurer.class, () -> (registry) -> registry.register("dns", (packet) -> {
			}))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(XskListenerRegistry.class).containers()).isEmpty();
			});
		assertThat(output.getAll().lines().filter((line) -> line.contains("is left out: xsk.enabled=false"))).hasSize(2)
			.allMatch((line) -> line.contains("INFO"));
	}

	@Test
	void aWrongConfigurationIsToldThereToo() {
		for (Reason reason : new Reason[] { Reason.OTHER_SYSTEM, Reason.SWITCHED_OFF }) {
			runner(reason).withPropertyValues("xsk.sockets.dns.rx-ring-size=1000")
				.run((context) -> assertThat(context).hasFailed()
					.getFailure()
					.hasMessageContaining("'xsk.sockets.dns.rx-ring-size' must not be '1000'"));
		}
	}

	@Test
	void aKernelThatIsSwitchedOffIsNotThatOfTheApplication() {
		this.configured.withPropertyValues("xsk.enabled=false")
			.withBean("own", Kernel.class, JnaKernel::load)
			.run((context) -> assertThat(context.getBean(XskSockets.class).isAvailable()).isFalse());
	}

	@Test
	@KernelTest
	void aKernelOfTheApplicationIsTakenOnAnySystem() {
		Kernel kernel = JnaKernel.load();
		try (VethPair veth = VethPair.create(1)) {
			runner(Reason.OTHER_SYSTEM).withPropertyValues("xsk.interfaces.wan.name=" + veth.name())
				.withBean("own", Kernel.class, () -> kernel)
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(context.getBean(XskMapTemplate.class).bindings()).extracting(XskBinding::state)
						.containsExactly(BindingState.ACTIVE);
				});
		}
	}

	@Test
	void withoutAnyConfigurationNoLibraryIsLoaded() {
		Commands.Result result = ChildJvm.of(Empty.class).options("-verbose:class").run();
		assertThat(result.exitCode()).as(result.output()).isZero();
		assertThat(result.output()).contains("io.xsk.setup.XskSockets ")
			.doesNotContain("com.sun.jna.Native ")
			.doesNotContain("WARN");
	}

	enum Reason {

		OTHER_SYSTEM("this is Mac OS X on", "Run the application on such a system", 1),

		OTHER_PROCESSOR("on x86", "Run the application on such a system", 1),

		SWITCHED_OFF("switched off by xsk.enabled=false", "Set xsk.enabled=true", 0),

		SWITCHED_OFF_ELSEWHERE("switched off by xsk.enabled=false", "Set xsk.enabled=true", 0),

		NOTHING_CONFIGURED("No XDP socket is configured", "xsk.sockets.<name>.interface", 0),

		NOTHING_CONFIGURED_ELSEWHERE("No XDP socket is configured", "xsk.sockets.<name>.interface", 0);

		private final String description;

		private final String action;

		private final int warnings;

		Reason(String description, String action, int warnings) {
			this.description = description;
			this.action = action;
			this.warnings = warnings;
		}

	}

	/** What an application may have injected. */
	record UsesEverything(Kernel kernel, XskSockets sockets, XskMapTemplate template, XskMapOperations operations,
			XskRedirects redirects, XskSocketLifecycle socketLifecycle, XskActivationLifecycle activationLifecycle,
			XskListenerContainerFactory factory, XskListenerRegistry registry, XskTemplate sender,
			XskProperties properties) {
	}

	static class Dns {

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
		}

	}

	static class Misspelt {

		@XskListener("dsn")
		void onPacket(XdpPacket packet) {
		}

	}

	private static final class SomeXsk implements Xsk {

		@Override
		public int interfaceIndex() {
			return 1;
		}

		@Override
		public int queueId() {
			return 0;
		}

		@Override
		public int fd() {
			return -1;
		}

	}

	/** An application that has the starter and says nothing about it. */
	public static final class Empty {

		private Empty() {
		}

		/**
		 * Start and end.
		 * @param args none
		 */
		public static void main(String[] args) {
			SpringApplication.run(Configuration.class, args).close();
		}

		@EnableAutoConfiguration
		static class Configuration {

		}

	}

}
