package io.xsk.autoconfigure;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.json.BasicJsonTester;
import org.springframework.boot.test.json.JsonContent;
import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the metadata that editors complete {@code application.yml} by.
 */
class ConfigurationMetadataTests {

	/** The first of that name on the class path is this module's own. */
	private final JsonContent<Object> metadata = new BasicJsonTester(getClass())
		.from(new ClassPathResource("META-INF/spring-configuration-metadata.json"));

	@ParameterizedTest
	@CsvSource({ "xsk.enabled, true", "xsk.interfaces,", "xsk.sockets,", "xsk.activation.policy, replace",
			"xsk.activation.auto-startup, true", "xsk.activation.phase, 2147483597",
			"management.health.xsk.enabled, true", "management.endpoint.xsk.access, read_only" })
	void everyPropertyHasItsDescriptionAndDefault(String name, String defaultValue) {
		String property = "$.properties[?(@.name=='%s')]".formatted(name);
		assertThat(this.metadata).extractingJsonPathArrayValue(property + ".description")
			.singleElement()
			.asString()
			.endsWith(".");
		if (defaultValue != null) {
			assertThat(this.metadata).extractingJsonPathArrayValue(property + ".defaultValue")
				.singleElement()
				.hasToString(defaultValue);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "xsk.activation.policy", "xsk.interfaces.keys", "xsk.sockets.keys" })
	void valuesAreHinted(String name) {
		assertThat(this.metadata).extractingJsonPathArrayValue("$.hints[?(@.name=='%s')].values[*].description", name)
			.isNotEmpty();
	}

}
