package io.xsk.sample.quickstart;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.xsk.XskException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Marks tests that talk to the running kernel; they are skipped, with the reason, where
 * the quickstart itself would not start.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("kernel")
@ExtendWith(KernelTest.Condition.class)
@interface KernelTest {

	/** Asks what the quickstart asks. */
	final class Condition implements ExecutionCondition {

		@Override
		public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
			try {
				Requirements.check(true);
				return ConditionEvaluationResult.enabled("the quickstart can run here");
			}
			catch (XskException ex) {
				return ConditionEvaluationResult.disabled(ex.getMessage());
			}
		}

	}

}
