package io.xsk.autoconfigure;

import io.xsk.kernel.jna.JnaKernel;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches on a system that can have AF_XDP.
 */
class OnAfXdpSystem extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("AF_XDP");
		String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
		return JnaKernel.isSupportedSystem() ? ConditionOutcome.match(message.foundExactly(system))
				: ConditionOutcome.noMatch(message.because("there is none for " + system));
	}

}
