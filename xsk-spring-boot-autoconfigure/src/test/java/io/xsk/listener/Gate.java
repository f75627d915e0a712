package io.xsk.listener;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A place in the code where a thread stops until the test lets it go on.
 */
final class Gate {

	private final CountDownLatch entered = new CountDownLatch(1);

	private final CountDownLatch open = new CountDownLatch(1);

	/** Stop here, unless the gate is open; in spite of interrupts. */
	void pass() {
		this.entered.countDown();
		boolean interrupted = false;
		while (this.open.getCount() > 0) {
			try {
				assertThat(this.open.await(60, TimeUnit.SECONDS)).as("the gate is opened").isTrue();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/** Wait until somebody stands at the gate. */
	void awaitEntered() {
		try {
			assertThat(this.entered.await(20, TimeUnit.SECONDS)).as("somebody comes to the gate").isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException("interrupted", ex);
		}
	}

	void open() {
		this.open.countDown();
	}

}
