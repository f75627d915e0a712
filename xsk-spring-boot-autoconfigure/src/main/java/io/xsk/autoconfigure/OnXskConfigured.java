package io.xsk.autoconfigure;

import java.util.Map;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches when there is an interface or a socket in the configuration.
 */
class OnXskConfigured extends SpringBootCondition {

	private static final Bindable<Map<String, Object>> MAP = Bindable.mapOf(String.class, Object.class);

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("XSK configured");
		for (String name : new String[] { "xsk.interfaces", "xsk.sockets" }) {
			if (isConfigured(context.getEnvironment(), name)) {
				return ConditionOutcome.match(message.foundExactly(name));
			}
		}
		return ConditionOutcome.noMatch(message.didNotFind("properties").items("xsk.interfaces", "xsk.sockets"));
	}

	private static boolean isConfigured(Environment environment, String name) {
		return !Binder.get(environment).bind(name, MAP).orElseGet(Map::of).isEmpty();
	}

}
