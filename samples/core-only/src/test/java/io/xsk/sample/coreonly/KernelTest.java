package io.xsk.sample.coreonly;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.EnumSet;
import java.util.Set;

import io.xsk.kernel.Capability;
import io.xsk.kernel.jna.JnaKernel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Marks tests that talk to the running kernel; they are skipped, with the reason, where
 * this process lacks the rights.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Tag("kernel")
@ExtendWith(KernelTest.Condition.class)
@interface KernelTest {

	/** Asks for what opening a socket and making a network namespace need. */
	final class Condition implements ExecutionCondition {

		@Override
		public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
			if (!JnaKernel.isSupportedSystem()) {
				return ConditionEvaluationResult.disabled("not a Linux system with AF_XDP");
			}
			Set<Capability> missing = EnumSet.of(Capability.NET_RAW, Capability.NET_ADMIN, Capability.BPF,
					Capability.SYS_ADMIN);
			missing.removeAll(Capability.effective(JnaKernel.load()));
			return missing.isEmpty() ? ConditionEvaluationResult.enabled("all rights are there")
					: ConditionEvaluationResult
						.disabled("this process lacks %s: run the tests as root".formatted(missing));
		}

	}

}
