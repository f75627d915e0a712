package io.xsk.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Names the nearest right property for each one under {@code xsk} that nothing reads.
 * Comes before Boot's own analyzer of such failures, which knows no names.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
class XskUnboundPropertyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
		List<ConfigurationProperty> unknown = cause.getUnboundProperties()
			.stream()
			.filter((property) -> property.getName().getElement(0, Form.UNIFORM).equals(PropertyTree.ROOT))
			.toList();
		if (unknown.isEmpty()) {
			return null;
		}
		StringBuilder description = new StringBuilder();
		StringBuilder action = new StringBuilder();
		for (ConfigurationProperty property : unknown) {
			description.append(description.isEmpty() ? "" : System.lineSeparator())
				.append("Property '%s' is unknown.".formatted(property.getName()));
			if (property.getOrigin() != null) {
				description.append(System.lineSeparator()).append("    Origin: ").append(property.getOrigin());
			}
			action.append(action.isEmpty() ? "" : System.lineSeparator())
				.append(XskPropertyNames.advice(property.getName()));
		}
		return new FailureAnalysis(description.toString(), action.toString(), cause);
	}

}
