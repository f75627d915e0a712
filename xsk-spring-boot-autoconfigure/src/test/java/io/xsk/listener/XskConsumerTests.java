package io.xsk.listener;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.xsk.Deadline;
import io.xsk.core.BindingState;
import io.xsk.socket.PacketHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.system.CapturedOutput;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the commands to an {@link XskConsumer}, on the running kernel.
 */
class XskConsumerTests extends AbstractListenerTests {

	private static final long LATE = Deadline.after(Duration.ofMinutes(2));

	private ListenerFixture fixture;

	private SocketListenerContainer container;

	private XskConsumer consumer;

	@BeforeEach
	void setUp() {
		this.fixture = fixture(1, ListenerFixture.small(), null);
		this.fixture.start();
		this.fixture.assertState(BindingState.ACTIVE);
	}

	@AfterEach
	void endConsumer() {
		command(XskConsumer.Kind.ABORT);
		this.consumer.awaitEnd(LATE);
	}

	private void start(PacketHandler handler) {
		XskListenerEndpoint endpoint = new XskListenerEndpoint("rx", "of the test", handler, null, null);
		XskListenerSettings settings = XskListenerSettings.defaults()
			.withBatchSize(1)
			.withIdleStrategy((socket) -> (work) -> Thread.yield());
		this.container = this.fixture.factory().create(endpoint, Runnable::run);
		this.consumer = new XskConsumer(this.fixture.xsk(), 0, endpoint, settings, this.kernel, false, this.container);
		this.consumer.start();
		this.consumer.awaitStart(LATE);
	}

	private XskConsumer.Command command(XskConsumer.Kind kind) {
		XskConsumer.Command command = new XskConsumer.Command(kind, LATE);
		this.consumer.command(command);
		return command;
	}

	private void awaitRest(XskConsumer.Command command) {
		CompletableFuture<Void> rest = ListenerFixture.async(() -> this.consumer.awaitRest(command));
		rest.orTimeout(20, TimeUnit.SECONDS).join();
	}

	@Test
	void aSecondDrainIsCarriedOutAlsoWhenTheThreadMissedWhatWasInBetween() {
		start(this::record);
		awaitRest(command(XskConsumer.Kind.DRAIN_AND_REST));
		XskConsumer.Command second;
		synchronized (this.consumer) {
			// the thread cannot leave its rest before the second command is there
			command(XskConsumer.Kind.RUN);
			this.fixture.send(0, 3);
			awaitReceived(this.fixture, 3);
			second = command(XskConsumer.Kind.DRAIN_AND_REST);
		}
		awaitRest(second);
		assertThat(this.numbers).isEqualTo(upTo(3));
		assertThat(this.consumer.received()).isEqualTo(3);
	}

	@Test
	void aRestLeavesWhatIsThere() {
		start(this::record);
		awaitRest(command(XskConsumer.Kind.REST));
		this.fixture.send(0, 3);
		awaitReceived(this.fixture, 3);
		awaitRest(command(XskConsumer.Kind.REST));
		assertThat(this.numbers).isEmpty();
		command(XskConsumer.Kind.RUN);
		awaitNumbers(3);
	}

	@Test
	void aThreadThatHasEndedIsNotWaitedFor(CapturedOutput output) {
		start((packet) -> {
			throw new LinkageError("of the handler");
		});
		this.fixture.send(0, 1);
		this.consumer.awaitEnd(LATE);
		assertThat(output).contains("failed while it was stopped", "LinkageError: of the handler");
		awaitRest(command(XskConsumer.Kind.DRAIN_AND_REST));
		assertThat(this.consumer.hasEnded()).isTrue();
	}

	@Test
	void afterAnAbortNoOtherCommandCounts() {
		Gate inside = new Gate();
		start((packet) -> {
			inside.pass();
			record(packet);
		});
		this.fixture.send(0, 1);
		inside.awaitEntered();
		command(XskConsumer.Kind.ABORT);
		command(XskConsumer.Kind.DRAIN_AND_REST);
		command(XskConsumer.Kind.RUN);
		inside.open();
		this.consumer.awaitEnd(LATE);
		assertThat(this.consumer.hasEnded()).isTrue();
		assertThat(this.numbers).containsExactly(0);
		this.fixture.assertFramesAreAccountedFor();
	}

}
