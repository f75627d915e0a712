package io.xsk.actuate;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;

import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.listener.XskListenerContainer;
import io.xsk.listener.XskListenerContainer.State;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.setup.XskSockets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what {@link XskHealthIndicator} says of listeners that change while it asks
 * them. What it says of sockets is tested with the endpoint.
 */
class XskHealthIndicatorTests {

	private final Kernel kernel = JnaKernel.load();

	private final XskSockets sockets = new XskSockets(this.kernel, List.of(), List.of());

	private final XskMapTemplate operations = new XskMapTemplate(this.sockets);

	private final ChangingContainer container = new ChangingContainer();

	private final XskHealthIndicator health = new XskHealthIndicator(this.sockets, this.operations,
			new XskListenerRegistry(new XskListenerContainerFactory(this.kernel, this.sockets, this.operations)) {

				@Override
				public Collection<XskListenerContainer> containers() {
					return List.of(XskHealthIndicatorTests.this.container);
				}

			});

	@BeforeEach
	void open() {
		this.sockets.open();
	}

	@AfterEach
	void close() {
		this.sockets.close();
	}

	@Test
	void asksAFailedContainerOnce() {
		this.container.states.add(State.FAILED);
		this.container.failures.add(new IllegalStateException("once"));
		Health down = this.health.health();
		assertThat(down.getStatus()).isEqualTo(Status.DOWN);
		assertThat(down.getDetails().get("listeners")).isEqualTo(List.of(Map.of("socket", "dns", "listener",
				"of the test", "state", State.FAILED, "failure", "java.lang.IllegalStateException: once")));
	}

	@Test
	void aContainerThatIsStartedAgainMeanwhileIsDownWithoutAReason() {
		this.container.states.add(State.FAILED);
		Health down = this.health.health();
		assertThat(down.getStatus()).isEqualTo(Status.DOWN);
		assertThat(down.getDetails().get("listeners"))
			.isEqualTo(List.of(Map.of("socket", "dns", "listener", "of the test", "state", State.FAILED)));
	}

	@Test
	void aStoppedContainerIsOutOfService() {
		this.container.states.add(State.STOPPED);
		assertThat(this.health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(this.health.health().getStatus()).as("it runs by then").isEqualTo(Status.UP);
	}

	/** Runs, but says something else at first. */
	private static final class ChangingContainer implements XskListenerContainer {

		private final Deque<State> states = new ArrayDeque<>();

		private final Deque<Throwable> failures = new ArrayDeque<>();

		@Override
		public String socket() {
			return "dns";
		}

		@Override
		public String listener() {
			return "of the test";
		}

		@Override
		public State state() {
			return this.states.isEmpty() ? State.RUNNING : this.states.remove();
		}

		@Override
		public @Nullable Throwable failure() {
			return this.failures.poll();
		}

		@Override
		public long received() {
			return 0;
		}

		@Override
		public long errors() {
			return 0;
		}

		@Override
		public void start() {
			throw new UnsupportedOperationException();
		}

		@Override
		public void stop() {
			throw new UnsupportedOperationException();
		}

		@Override
		public void pause() {
			throw new UnsupportedOperationException();
		}

		@Override
		public void resume() {
			throw new UnsupportedOperationException();
		}

		@Override
		public void fail(Throwable failure) {
			throw new UnsupportedOperationException();
		}

	}

}
