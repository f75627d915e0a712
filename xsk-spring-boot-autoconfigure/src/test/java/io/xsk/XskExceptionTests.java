package io.xsk;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link XskException} and {@link XskSystemException}.
 */
class XskExceptionTests {

	@Test
	void theMessageSaysWhatHappenedAndWhatToDo() {
		RuntimeException cause = new IllegalStateException("deeper");
		XskException exception = new XskException("The door is shut.", "Open it.", cause);
		assertThat(exception).hasMessage("The door is shut. Open it.").hasCause(cause);
		assertThat(exception.getDescription()).isEqualTo("The door is shut.");
		assertThat(exception.getAction()).isEqualTo("Open it.");
		assertThat(new XskException("The door is shut.", "Open it.")).hasNoCause();
	}

	@Test
	void aFailedCallIsNamedWithItsArgumentsAndErrno() {
		XskSystemException exception = new XskSystemException("bind", "ifindex=3, queue=1", 16, "EBUSY",
				"the queue is taken.", "Choose another one.");
		assertThat(exception).hasMessage(
				"bind(ifindex=3, queue=1) failed with errno 16 (EBUSY): the queue is taken. Choose another one.");
		assertThat(exception.getCall()).isEqualTo("bind");
		assertThat(exception.getArguments()).isEqualTo("ifindex=3, queue=1");
		assertThat(exception.getErrno()).isEqualTo(16);
		assertThat(exception.getErrnoSymbol()).isEqualTo("EBUSY");
		assertThat(exception.getAction()).isEqualTo("Choose another one.");
		assertThat(exception.getDescription()).endsWith("the queue is taken.");
	}

}
