package io.xsk.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Names the nearest right property where one under {@code xsk} is read by nothing. Comes
 * before Boot's own analyzer of such failures, which knows no names.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
class XskUnboundPropertyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
		ConfigurationProperty property = cause.getUnboundProperties().iterator().next();
		String name = property.getName().toString();
		if (!name.startsWith("xsk.")) {
			return null;
		}
		String description = "Property '%s' must not be '%s'.".formatted(name, property.getValue());
		if (property.getOrigin() != null) {
			description += System.lineSeparator() + "    Origin: " + property.getOrigin();
		}
		return new FailureAnalysis(description, XskPropertyNames.advice(name), cause);
	}

}
