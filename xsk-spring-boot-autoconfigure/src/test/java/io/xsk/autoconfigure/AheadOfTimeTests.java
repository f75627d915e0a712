package io.xsk.autoconfigure;

import java.util.Map;
import java.util.function.Consumer;

import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapTemplate;
import io.xsk.listener.XskListener;
import io.xsk.listener.XskListenerContainer;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpPacket;
import io.xsk.test.KernelTest;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.Test;

import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of applications that are processed ahead of time: what the machine that builds
 * them is and has does not decide what they do where they run.
 */
@KernelTest
class AheadOfTimeTests {

	@Test
	@CompileWithForkedClassLoader
	void whatIsBuiltWithItsConfigurationOpensItsSockets() {
		assertOpensItsSockets("Linux", true);
	}

	@Test
	@CompileWithForkedClassLoader
	void whatIsBuiltWithoutItsConfigurationOpensItsSockets() {
		assertOpensItsSockets("Linux", false);
	}

	@Test
	@CompileWithForkedClassLoader
	void whatIsBuiltOnAnotherSystemOpensItsSockets() {
		assertOpensItsSockets("Mac OS X", true);
	}

	private static void assertOpensItsSockets(String buildSystem, boolean configuredAtBuildTime) {
		try (VethPair veth = VethPair.create(1)) {
			Map<String, Object> properties = Map.of("xsk.interfaces.wan.name", veth.name(),
					"xsk.interfaces.wan.redirect.udp-ports", "53", "xsk.sockets.dns.interface", "wan");
			run(buildSystem, configuredAtBuildTime ? properties : Map.of(), properties, "Linux", (context) -> {
				assertThat(context.getBean(XskMapTemplate.class).bindings()).extracting(XskBinding::state)
					.containsExactly(BindingState.ACTIVE);
				assertThat(context.getBean(XskListenerRegistry.class).container("dns").state())
					.isEqualTo(XskListenerContainer.State.RUNNING);
			});
		}
	}

	@Test
	@CompileWithForkedClassLoader
	void whatIsBuiltHereStartsElsewhere() {
		Map<String, Object> properties = Map.of("xsk.interfaces.wan.name", "en0",
				"xsk.interfaces.wan.redirect.udp-ports", "53", "xsk.sockets.dns.interface", "wan");
		run("Linux", properties, properties, "Mac OS X",
				(context) -> assertThat(context.getBean(XskSockets.class).isAvailable()).isFalse());
	}

	private static void run(String buildSystem, Map<String, Object> atBuildTime, Map<String, Object> atRunTime,
			String runSystem, Consumer<GenericApplicationContext> test) {
		TestGenerationContext generated = new TestGenerationContext();
		on(buildSystem, () -> {
			try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
				configure(context, atBuildTime);
				context.register(Application.class);
				new ApplicationContextAotGenerator().processAheadOfTime(context, generated);
				generated.writeGeneratedContent();
			}
		});
		TestCompiler.forSystem().with(generated).compile((compiled) -> on(runSystem, () -> {
			try (GenericApplicationContext context = new GenericApplicationContext()) {
				configure(context, atRunTime);
				@SuppressWarnings("unchecked")
				ApplicationContextInitializer<GenericApplicationContext> initializer = compiled
					.getInstance(ApplicationContextInitializer.class);
				initializer.initialize(context);
				context.refresh();
				test.accept(context);
			}
		}));
	}

	private static void configure(GenericApplicationContext context, Map<String, Object> properties) {
		context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", properties));
	}

	private static void on(String system, Runnable action) {
		String before = System.setProperty("os.name", system);
		try {
			action.run();
		}
		finally {
			System.setProperty("os.name", before);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ XskAutoConfiguration.class, XskListenerAutoConfiguration.class,
			XskHealthContributorAutoConfiguration.class })
	static class Application {

		@Bean
		Listener listener() {
			return new Listener();
		}

	}

	static class Listener {

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
		}

	}

}
