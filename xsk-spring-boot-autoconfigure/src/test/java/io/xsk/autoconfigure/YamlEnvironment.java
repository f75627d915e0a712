package io.xsk.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;

/**
 * Environments with an {@code application.yml}, whose properties know their origin.
 */
final class YamlEnvironment {

	private YamlEnvironment() {
	}

	static StandardEnvironment of(String yaml) {
		StandardEnvironment environment = new StandardEnvironment();
		add(environment, yaml);
		ConfigurationPropertySources.attach(environment);
		return environment;
	}

	static void add(ConfigurableEnvironment environment, String yaml) {
		try {
			new YamlPropertySourceLoader()
				.load("yaml", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8), "application.yml"))
				.forEach(environment.getPropertySources()::addFirst);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
