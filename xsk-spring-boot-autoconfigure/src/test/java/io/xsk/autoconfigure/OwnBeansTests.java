package io.xsk.autoconfigure;

import java.time.Duration;
import java.util.List;

import io.xsk.XskException;
import io.xsk.actuate.XskEndpoint;
import io.xsk.actuate.XskHealthContributor;
import io.xsk.bpf.XskMap;
import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.listener.IdleStrategies;
import io.xsk.listener.PauseMode;
import io.xsk.listener.XskIdleStrategyFactory;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerErrorHandler;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRules;
import io.xsk.send.XskTemplate;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskRedirects;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of applications with beans of their own beside or in place of the auto-configured
 * ones.
 */
@KernelTest
@ExtendWith(OutputCaptureExtension.class)
class OwnBeansTests {

	private final ApplicationContextRunner bare = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class, XskListenerAutoConfiguration.class,
				XskEndpointAutoConfiguration.class, XskHealthContributorAutoConfiguration.class))
		.withPropertyValues("management.endpoints.web.exposure.include=xsk");

	private VethPair veth;

	private ApplicationContextRunner runner;

	@BeforeEach
	void setUp() {
		this.veth = VethPair.create(1);
		this.runner = this.bare.withPropertyValues("xsk.interfaces.wan.name=" + this.veth.name(),
				"xsk.interfaces.wan.redirect.udp-ports=53", "xsk.sockets.dns.interface=wan");
	}

	@AfterEach
	void tearDown() {
		this.veth.close();
	}

	@Test
	void aTemplateForAnotherMapIsNotLetAtTheConfiguredSockets() {
		OpenResources before = OpenResources.snapshot();
		this.runner.withUserConfiguration(TemplateForAnotherMap.class).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(new XskFailureAnalyzer(new StandardEnvironment()).analyze(context.getStartupFailure()))
				.satisfies((analysis) -> {
					assertThat(analysis.getDescription()).contains("socket 'dns'",
							"another XSKMAP than interface 'wan'");
					assertThat(analysis.getAction()).contains("@Bean(defaultCandidate = false)");
				});
		});
		assertThat(this.veth.info().program()).isNull();
		before.assertUnchanged();
	}

	@Test
	void aTemplateThatIsNoDefaultCandidateStandsBesideTheConfiguredOne() {
		this.runner.withUserConfiguration(TemplateBeside.class).run((context) -> {
			assertThat(context).hasNotFailed().hasBean("xskMapTemplate").hasBean("ownTemplate");
			XskMapTemplate theirs = context.getBean("xskMapTemplate", XskMapTemplate.class);
			assertThat(theirs.bindings()).extracting(XskBinding::state).containsExactly(BindingState.ACTIVE);
			assertThat(context.getBean(UsesOwnTemplate.class).template().bindings()).isEmpty();
			assertThat(context).hasSingleBean(XskEndpoint.class).hasSingleBean(XskHealthContributor.class);
		});
	}

	@Test
	void aPrimaryTemplateIsForTheConfiguredSockets() {
		this.runner.withUserConfiguration(TemplateForAnotherMap.class, PrimaryTemplate.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(XskMapTemplate.class).bindings()).extracting(XskBinding::state)
				.containsExactly(BindingState.ACTIVE);
			assertThat(context.getBean(XskEndpoint.class).xsk().bindings()).hasSize(1);
		});
	}

	@Test
	void severalTemplatesAreNoChoiceForTheConfiguredSockets() {
		this.runner.withUserConfiguration(TwoTemplates.class)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.isInstanceOf(XskException.class)
				.hasMessageContaining("Several beans of type XskMapOperations")
				.hasMessageContaining("@Bean(defaultCandidate = false)"));
	}

	@Test
	void severalTemplatesDisturbNobodyWhereNothingIsConfigured() {
		this.bare.withUserConfiguration(TwoTemplates.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(XskEndpoint.class)
				.doesNotHaveBean(XskHealthContributor.class));
	}

	@Test
	void endpointAndHealthShowSocketsThatTheApplicationOpensItself() {
		this.bare.withUserConfiguration(OwnSockets.class)
			.withBean("interfaceName", String.class, this.veth::name)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(XskEndpoint.class).xsk().interfaces()).containsOnlyKeys(this.veth.name());
				XskSockets sockets = context.getBean(XskSockets.class);
				try (XdpSocket own = XdpSocket.open(sockets.kernel(), this.veth.info(), 0,
						XdpSocketConfig.builder().build())) {
					context.getBean(XskMapOperations.class).activate(own);
					assertThat(context.getBean(XskEndpoint.class).xsk().bindings()).singleElement()
						.satisfies((binding) -> assertThat(binding.state()).isEqualTo("active"));
					assertThat(context.getBean(XskHealthContributor.class).stream()).singleElement()
						.satisfies((entry) -> assertThat(entry.name()).isEqualTo(XskHealthContributor.OWN));
				}
			});
	}

	@Test
	void aFactoryOfTheApplicationIsToldThatTheSettingsDoNotReachIt(CapturedOutput output) {
		this.runner.withPropertyValues("xsk.listener.batch-size=8")
			.withUserConfiguration(OwnFactory.class)
			.run((context) -> assertThat(context.getBean(XskListenerContainerFactory.class).getSettings().batchSize())
				.isEqualTo(64));
		assertThat(output).contains("xsk.listener.* and what xsk.sockets.* say of listeners do not reach it");
	}

	@Test
	void aFactoryOfTheApplicationCanBeConfiguredLikeOurs(CapturedOutput output) {
		this.runner
			.withPropertyValues("xsk.listener.batch-size=8", "xsk.sockets.dns.listener.batch-size=4",
					"xsk.sockets.dns.cpus=0")
			.withUserConfiguration(OwnConfiguredFactory.class)
			.run((context) -> {
				XskListenerContainerFactory factory = context.getBean(XskListenerContainerFactory.class);
				assertThat(factory.getSettings().batchSize()).isEqualTo(8);
				assertThat(factory.getSettings("dns").batchSize()).isEqualTo(4);
				assertThat(factory.getSettings("dns").cpus()).isNotNull();
			});
		assertThat(output).doesNotContain("do not reach it");
	}

	@Test
	void customizersHaveTheLastWord() {
		this.runner.withPropertyValues("xsk.listener.pause-mode=hold", "xsk.template.send-timeout=1s")
			.withUserConfiguration(Customizers.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(XskListenerContainerFactory.class).getSettings()).satisfies((settings) -> {
					assertThat(settings.pauseMode()).isEqualTo(PauseMode.HOLD);
					assertThat(settings.batchSize()).isEqualTo(17);
				});
				assertThat(context.getBean(XskTemplate.class).getSendTimeout()).isEqualTo(Duration.ofSeconds(7));
				assertThat(context.getBean(XskRedirects.class).rules("wan")).hasToString("UDP port 54");
			});
	}

	@Test
	void twoErrorHandlersAndTwoIdleStrategiesAreNoChoice(CapturedOutput output) {
		XskListenerErrorHandler handler = (exception, packet, container) -> {
		};
		this.runner.withPropertyValues("xsk.listener.idle-strategy=spin")
			.withBean("first", XskListenerErrorHandler.class, () -> handler)
			.withBean("second", XskListenerErrorHandler.class, () -> handler)
			.withBean("one", XskIdleStrategyFactory.class, () -> IdleStrategies.POLL)
			.withBean("two", XskIdleStrategyFactory.class, () -> IdleStrategies.ADAPTIVE)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(XskListenerContainerFactory.class).getSettings()).satisfies((settings) -> {
					assertThat(settings.errorHandler()).isNotSameAs(handler);
					assertThat(settings.idleStrategy()).isEqualTo(IdleStrategies.SPIN);
				});
			});
		assertThat(output).contains("There are 2 beans of type XskListenerErrorHandler")
			.contains("There are 2 beans of type XskIdleStrategyFactory");
	}

	@Test
	void aPrimaryErrorHandlerAndIdleStrategyAreForAll(CapturedOutput output) {
		XskListenerErrorHandler handler = (exception, packet, container) -> {
		};
		this.runner
			.withBean("first", XskListenerErrorHandler.class, () -> handler,
					(definition) -> definition.setPrimary(true))
			.withBean("second", XskListenerErrorHandler.class, () -> (exception, packet, container) -> {
			})
			.withBean("one", XskIdleStrategyFactory.class, () -> IdleStrategies.ADAPTIVE,
					(definition) -> definition.setPrimary(true))
			.withBean("two", XskIdleStrategyFactory.class, () -> IdleStrategies.POLL)
			.run((context) -> assertThat(context.getBean(XskListenerContainerFactory.class).getSettings())
				.satisfies((settings) -> {
					assertThat(settings.errorHandler()).isSameAs(handler);
					assertThat(settings.idleStrategy()).isEqualTo(IdleStrategies.ADAPTIVE);
				}));
		assertThat(output).doesNotContain("There are 2 beans");
	}

	@Configuration(proxyBeanMethods = false)
	static class TemplateForAnotherMap {

		@Bean(destroyMethod = "close")
		XskMap ownMap() {
			return XskMap.create(JnaKernel.load(), "mine", 4);
		}

		@Bean
		XskMapTemplate ownTemplate(XskMap ownMap) {
			return new XskMapTemplate(ownMap);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TemplateBeside {

		@Bean(destroyMethod = "close")
		XskMap ownMap() {
			return XskMap.create(JnaKernel.load(), "mine", 4);
		}

		@Bean(defaultCandidate = false)
		XskMapTemplate ownTemplate(XskMap ownMap) {
			return new XskMapTemplate(ownMap);
		}

		@Bean
		UsesOwnTemplate usesOwnTemplate(@Qualifier("ownTemplate") XskMapTemplate template) {
			return new UsesOwnTemplate(template);
		}

	}

	record UsesOwnTemplate(XskMapTemplate template) {
	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryTemplate {

		@Bean
		@Primary
		XskMapTemplate theirTemplate(XskSockets sockets) {
			return new XskMapTemplate(sockets);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoTemplates {

		@Bean
		XskMapTemplate one(XskSockets sockets) {
			return new XskMapTemplate(sockets);
		}

		@Bean
		XskMapTemplate two(XskSockets sockets) {
			return new XskMapTemplate(sockets);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnSockets {

		@Bean
		XskSockets ownSockets(String interfaceName) {
			return new XskSockets(JnaKernel.load(),
					List.of(XskInterfaceConfig.redirecting(interfaceName, RedirectRules.udpPorts(PortRange.of(53)))),
					List.of());
		}

		@Bean
		XskMapTemplate ownTemplate(XskSockets ownSockets) {
			return new XskMapTemplate(ownSockets);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnFactory {

		@Bean
		XskListenerContainerFactory ownFactory(XskSockets sockets, XskMapOperations operations) {
			return new XskListenerContainerFactory(sockets, operations);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnConfiguredFactory {

		@Bean
		XskListenerContainerFactory ownFactory(XskSockets sockets, XskMapOperations operations,
				XskListenerContainerFactoryConfigurer configurer) {
			XskListenerContainerFactory factory = new XskListenerContainerFactory(sockets, operations);
			configurer.configure(factory);
			return factory;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Customizers {

		@Bean
		XskListenerContainerFactoryCustomizer factoryCustomizer() {
			return (factory) -> factory.setSettings(factory.getSettings().withBatchSize(17));
		}

		@Bean
		XskTemplateCustomizer templateCustomizer() {
			return (template) -> template.setSendTimeout(Duration.ofSeconds(7));
		}

		@Bean
		XskInterfaceConfigCustomizer interfaceCustomizer() {
			return (config) -> new XskInterfaceConfig(config.key(), config.name(), config.attachMode(),
					RedirectRules.udpPorts(PortRange.of(54)), config.maxEntries(), config.pinnedPath(),
					config.pinPath());
		}

	}

}
