package io.xsk;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link Deadline}.
 */
class DeadlineTests {

	@Test
	void liesAheadByTheTimeout() {
		long before = System.nanoTime();
		long deadline = Deadline.after(Duration.ofMinutes(1));
		assertThat(deadline - before).isGreaterThanOrEqualTo(Duration.ofMinutes(1).toNanos());
		assertThat(Deadline.left(deadline)).isLessThanOrEqualTo(Duration.ofMinutes(1).toNanos()).isPositive();
	}

	@Test
	void isOverAtOnceWithoutATimeout() {
		assertThat(Deadline.left(Deadline.after(Duration.ZERO))).isLessThanOrEqualTo(0);
	}

	@Test
	void takesATimeThatDoesNotFitIntoNanoseconds() {
		assertThat(Deadline.left(Deadline.after(Duration.ofSeconds(Long.MAX_VALUE))))
			.isGreaterThan(Duration.ofDays(300).toNanos());
	}

}
