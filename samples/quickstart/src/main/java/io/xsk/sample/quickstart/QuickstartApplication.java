package io.xsk.sample.quickstart;

import java.util.Map;

import io.xsk.XskException;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.scheduling.annotation.EnableScheduling;

/**
 * Receives UDP packets through an AF_XDP socket and answers them, on the interface that
 * it is given or, without one, on a veth pair that it makes. What to learn from is
 * {@link UdpEcho} and {@code application.yml}; the rest is for show.
 */
@SpringBootApplication
@EnableScheduling
public class QuickstartApplication {

	static final String INTERFACE = "quickstart.interface";

	/**
	 * Run the application.
	 * @param args the name of an interface, if wanted, and options of Spring Boot
	 */
	public static void main(String[] args) {
		try {
			Requirements.check(!hasInterface(args));
		}
		catch (XskException ex) {
			System.err.println(ex.getDescription());
			System.err.println(ex.getAction());
			System.exit(1);
		}
		create(args).run(args);
	}

	static SpringApplication create(String... args) {
		SpringApplication application = new SpringApplication(QuickstartApplication.class);
		if (!hasInterface(args)) {
			application.addInitializers(new DemoNetworkInitializer());
		}
		new DefaultApplicationArguments(args).getNonOptionArgs()
			.stream()
			.findFirst()
			.ifPresent((name) -> application.setDefaultProperties(Map.of(INTERFACE, name)));
		return application;
	}

	private static boolean hasInterface(String... args) {
		ApplicationArguments arguments = new DefaultApplicationArguments(args);
		return !arguments.getNonOptionArgs().isEmpty() || arguments.containsOption(INTERFACE);
	}

}
