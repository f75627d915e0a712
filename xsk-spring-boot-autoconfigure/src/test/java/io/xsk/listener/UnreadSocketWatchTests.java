package io.xsk.listener;

import io.xsk.core.BindingState;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.system.CapturedOutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link UnreadSocketWatch} on the running kernel.
 */
class UnreadSocketWatchTests extends AbstractListenerTests {

	private UnreadSocketWatch watch(ListenerFixture fixture) {
		UnreadSocketWatch watch = new UnreadSocketWatch(fixture.sockets(), fixture.operations(), fixture.registry());
		watch.begin();
		return watch;
	}

	@Test
	void aSocketWithoutAListenerIsToldOnceAndAgainWhenItIsRead(CapturedOutput output) {
		ListenerFixture fixture = fixture();
		fixture.start();
		UnreadSocketWatch watch = watch(fixture);
		fixture.send(0, 5);
		awaitReceived(fixture, 5);
		watch.look();
		assertThat(watch.unread()).as("they came a moment ago").isEmpty();
		watch.look();
		watch.look();
		assertThat(watch.unread()).containsOnlyKeys("rx");
		assertThat(watch.unread().get("rx")).contains("5 packets", "queue 0", "no listener", "@XskListener(\"rx\")");
		assertThat(output.toString().split("nobody reads it", -1)).hasSize(2);
		fixture.xsk().receive(this::record, 16);
		watch.look();
		assertThat(watch.unread()).isEmpty();
		assertThat(output).contains("is read again");
	}

	@Test
	void aListenerThatDoesNotReturnIsNamedByItsThread() {
		ListenerFixture fixture = fixture();
		Gate gate = new Gate();
		fixture.registry().register("rx", (packet) -> gate.pass());
		fixture.start();
		UnreadSocketWatch watch = watch(fixture);
		fixture.send(0, 1);
		gate.awaitEntered();
		fixture.send(1, 70);
		awaitReceived(fixture, 70);
		watch.look();
		watch.look();
		assertThat(watch.unread().get("rx")).contains("does not return", "xsk-" + fixture.xsk().interfaceName() + "-0");
		gate.open();
		await().atMost(ListenerFixture.TIMEOUT).until(() -> fixture.container().received() == 71);
		watch.look();
		assertThat(watch.unread()).isEmpty();
	}

	@Test
	void whatWaitsOnPurposeOrIsNotActiveIsNotTold() {
		ListenerFixture fixture = fixture();
		fixture.pauseMode(PauseMode.HOLD);
		fixture.registry().register("rx", this::record);
		fixture.start();
		fixture.container().pause();
		UnreadSocketWatch watch = watch(fixture);
		fixture.send(0, 5);
		awaitReceived(fixture, 5);
		watch.look();
		watch.look();
		assertThat(watch.unread()).isEmpty();
		fixture.operations().deactivate(fixture.xsk());
		fixture.assertState(BindingState.INACTIVE);
		watch.look();
		assertThat(watch.unread()).isEmpty();
		fixture.container().resume();
		awaitNumbers(5);
	}

}
