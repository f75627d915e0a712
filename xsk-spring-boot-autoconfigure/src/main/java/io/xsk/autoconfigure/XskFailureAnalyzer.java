package io.xsk.autoconfigure;

import io.xsk.XskException;
import io.xsk.setup.InvalidXskPropertyException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.origin.Origin;
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
		if (cause instanceof InvalidXskPropertyException invalid) {
			ConfigurationProperty property = find(invalid.getProperty());
			if (property != null) {
				// as it was written: 2KB, not 2048
				description = InvalidXskPropertyException.describe(invalid.getProperty(), property.getValue());
			}
			Origin origin = (property != null) ? property.getOrigin() : null;
			if (origin != null) {
				description += System.lineSeparator() + "    Origin: " + origin;
			}
		}
		return new FailureAnalysis(description, cause.getAction(), cause);
	}

	private @Nullable ConfigurationProperty find(String name) {
		if (ConfigurationPropertyName.isValid(name)) {
			for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
				ConfigurationProperty property = source.getConfigurationProperty(ConfigurationPropertyName.of(name));
				if (property != null) {
					return property;
				}
			}
		}
		return null;
	}

}
