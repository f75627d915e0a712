package io.xsk.actuate;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;

import io.xsk.bpf.AttachMode;
import io.xsk.core.XskMapTemplate;
import io.xsk.kernel.KernelUnavailableException;
import io.xsk.kernel.UnavailableKernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.listener.UnreadSocketWatch;
import io.xsk.listener.XskListenerContainer;
import io.xsk.listener.XskListenerContainer.State;
import io.xsk.listener.XskListenerContainerFactory;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.QueueSelection;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSockets;
import io.xsk.socket.Direction;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.KernelTest;
import io.xsk.test.VethPair;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what {@link XskHealthContributor} says of listeners that change while it asks
 * them, and of names. What it says of sockets is tested with the endpoint.
 */
@KernelTest
class XskHealthContributorTests {

	private final VethPair veth = VethPair.create(1);

	private final XskSockets sockets = new XskSockets(JnaKernel.load(),
			List.of(new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, null, null, null, null)),
			List.of(new XskSocketConfig("dns", "wan", QueueSelection.all(),
					XdpSocketConfig.builder().direction(Direction.SEND).build(), true)));

	private final XskMapTemplate operations = new XskMapTemplate(this.sockets);

	private final ChangingContainer container = new ChangingContainer();

	private final XskListenerRegistry registry = new XskListenerRegistry(
			new XskListenerContainerFactory(this.sockets, this.operations)) {

		@Override
		public Collection<XskListenerContainer> containers() {
			return List.of(XskHealthContributorTests.this.container);
		}

	};

	private final XskHealthContributor health = new XskHealthContributor(this.sockets, this.operations, this.registry,
			new UnreadSocketWatch(this.sockets, this.operations, this.registry));

	@BeforeEach
	void open() {
		this.sockets.open();
	}

	@AfterEach
	void close() {
		this.sockets.close();
		this.veth.close();
	}

	private Health health() {
		return ((HealthIndicator) this.health.getContributor("dns")).health();
	}

	@Test
	void asksAFailedContainerOnce() {
		this.container.states.add(State.FAILED);
		this.container.failures.add(new IllegalStateException("once"));
		Health down = health();
		assertThat(down.getStatus()).isEqualTo(Status.DOWN);
		assertThat(down.getDetails().get("listener")).isEqualTo(Map.of("name", "of the test", "state", "failed",
				"received", 0L, "errors", 0L, "failure", "java.lang.IllegalStateException: once"));
	}

	@Test
	void aContainerThatIsStartedAgainMeanwhileIsDownWithoutAReason() {
		this.container.states.add(State.FAILED);
		Health down = health();
		assertThat(down.getStatus()).isEqualTo(Status.DOWN);
		assertThat(down.getDetails().get("listener"))
			.isEqualTo(Map.of("name", "of the test", "state", "failed", "received", 0L, "errors", 0L));
	}

	@Test
	void aStoppedContainerIsOutOfService() {
		this.container.states.add(State.STOPPED);
		assertThat(health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(health().getStatus()).as("it runs by then").isEqualTo(Status.UP);
	}

	@Test
	void thereIsAContributorForEachSocketAndNoOther() {
		assertThat(this.health.stream()).extracting(HealthContributors.Entry::name).containsExactly("dns");
		assertThat(this.health.getContributor("dsn")).isNull();
	}

	@Test
	void aSocketThatIsNotOpenIsOutOfServiceAndOneThatCannotBeOpenedIsUnknown() {
		this.sockets.close();
		assertThat(health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		XskSockets elsewhere = new XskSockets(
				new UnavailableKernel(new KernelUnavailableException("There is none.", "Look elsewhere.", null)),
				List.of(XskInterfaceConfig.redirecting("wan", RedirectRules.all())), List.of(new XskSocketConfig("dns",
						"wan", QueueSelection.all(), XdpSocketConfig.builder().build(), true)));
		XskHealthContributor unknown = new XskHealthContributor(elsewhere, this.operations, this.registry,
				new UnreadSocketWatch(elsewhere, this.operations, this.registry));
		Health health = ((HealthIndicator) unknown.getContributor("dns")).health();
		assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN);
		assertThat(health.getDetails()).containsEntry("reason", "There is none.");
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
		public boolean isAutoStartup() {
			return true;
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
