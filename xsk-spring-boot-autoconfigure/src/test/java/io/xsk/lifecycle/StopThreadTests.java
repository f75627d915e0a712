package io.xsk.lifecycle;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.xsk.setup.StopThread;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StopThread}.
 */
@ExtendWith(OutputCaptureExtension.class)
class StopThreadTests {

	@Test
	void aStopThatFailsIsLoggedAndReportedAsDone(CapturedOutput output) throws Exception {
		CountDownLatch done = new CountDownLatch(1);
		new Stopping(() -> {
			throw new IllegalStateException("this slot stays");
		}).stop(done::countDown);
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(output).contains("this slot stays");
	}

	@Test
	void aStopThatHangsEndsAtTheTimeLimitOfTheContext() {
		CountDownLatch hanging = new CountDownLatch(1);
		GenericApplicationContext context = new GenericApplicationContext();
		context.registerBean("lifecycleProcessor", DefaultLifecycleProcessor.class, () -> {
			DefaultLifecycleProcessor processor = new DefaultLifecycleProcessor();
			processor.setTimeoutPerShutdownPhase(100);
			return processor;
		});
		context.registerBean(Stopping.class, () -> new Stopping(() -> awaitQuietly(hanging)));
		context.refresh();
		context.close();
		assertThat(context.isActive()).isFalse();
		assertThat(hanging.getCount()).as("it still hangs").isOne();
		hanging.countDown();
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static final class Stopping implements SmartLifecycle {

		private final Runnable stopping;

		private boolean running;

		private Stopping(Runnable stopping) {
			this.stopping = stopping;
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.stopping.run();
			this.running = false;
		}

		@Override
		public void stop(Runnable callback) {
			StopThread.run(this::stop, callback);
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

}
