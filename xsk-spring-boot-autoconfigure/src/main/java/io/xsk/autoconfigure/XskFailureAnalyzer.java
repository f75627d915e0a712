package io.xsk.autoconfigure;

import java.util.function.Function;

import io.xsk.XskException;
import io.xsk.setup.InvalidXskPropertyException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Shows what an {@link XskException} says, which is cause and next step already, and
 * where a wrong property stands.
 */
class XskFailureAnalyzer extends AbstractFailureAnalyzer<XskException> {

	private final Environment environment;

	XskFailureAnalyzer(Environment environment) {
		this.environment = environment;
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, XskException cause) {
		String description = cause.getDescription();
		if (cause instanceof InvalidXskPropertyException invalid
				&& ConfigurationPropertyName.isValid(invalid.getProperty())) {
			ConfigurationPropertyName name = ConfigurationPropertyName.of(invalid.getProperty());
			ConfigurationProperty property = find((source) -> source.getConfigurationProperty(name));
			if (property != null) {
				// as it was written: 2KB, not 2048
				description = InvalidXskPropertyException.describe(invalid.getProperty(), property.getValue());
			}
			else {
				property = find((source) -> firstBelow(source, name));
			}
			if (property != null && property.getOrigin() != null) {
				description += System.lineSeparator() + "    Origin: " + property.getOrigin();
			}
		}
		return new FailureAnalysis(description, cause.getAction(), cause);
	}

	private @Nullable ConfigurationProperty find(
			Function<ConfigurationPropertySource, @Nullable ConfigurationProperty> lookUp) {
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			ConfigurationProperty property = lookUp.apply(source);
			if (property != null) {
				return property;
			}
		}
		return null;
	}

	/** Where an entry stands that is wrong as a whole. */
	private static @Nullable ConfigurationProperty firstBelow(ConfigurationPropertySource source,
			ConfigurationPropertyName name) {
		return (source instanceof IterableConfigurationPropertySource iterable) ? iterable.stream()
			.filter(name::isAncestorOf)
			.findFirst()
			.map(iterable::getConfigurationProperty)
			.orElse(null) : null;
	}

}
