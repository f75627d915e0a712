package io.xsk.sample.coreonly;

import io.xsk.core.XskMapTemplate;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/**
 * Says which sockets are active. Whatever {@code xsk.*} configures is opened and
 * activated before, by the auto-configuration alone.
 */
@SpringBootApplication
public class CoreOnlyApplication {

	/**
	 * Run the application.
	 * @param args options of Spring Boot
	 */
	public static void main(String[] args) {
		SpringApplication.run(CoreOnlyApplication.class, args);
	}

	@Bean
	ApplicationRunner report(ObjectProvider<XskMapTemplate> template) {
		return (arguments) -> template.ifAvailable((available) -> available.bindings().forEach(System.out::println));
	}

}
