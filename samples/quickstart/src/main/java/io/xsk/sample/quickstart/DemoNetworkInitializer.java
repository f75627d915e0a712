package io.xsk.sample.quickstart;

import java.util.Map;

import io.xsk.kernel.jna.JnaKernel;

import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * Makes the {@link DemoNetwork} before the application reads its properties, one of which
 * is the interface's name, and removes it after the application has closed its sockets.
 */
class DemoNetworkInitializer implements ApplicationContextInitializer<GenericApplicationContext> {

	@Override
	public void initialize(GenericApplicationContext context) {
		DemoNetwork network = new DemoNetwork(JnaKernel.load());
		context.getDefaultListableBeanFactory().registerSingleton("demoNetwork", network);
		context.getDefaultListableBeanFactory().registerDisposableBean("demoNetwork", network::close);
		context.registerBean(PeerTraffic.class);
		context.getEnvironment()
			.getPropertySources()
			.addLast(new MapPropertySource("demoNetwork", Map.of(QuickstartApplication.INTERFACE, network.name())));
	}

}
