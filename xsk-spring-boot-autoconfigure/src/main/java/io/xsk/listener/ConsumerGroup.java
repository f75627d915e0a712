package io.xsk.listener;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.xsk.Deadline;
import io.xsk.listener.XskConsumer.Command;
import io.xsk.listener.XskConsumer.Kind;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a container from a start to the end, and why they fail; another start
 * makes another group. Commanded by one thread at a time.
 */
final class ConsumerGroup {

	private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

	/** How long the threads may take to end once they were interrupted. */
	private static final Duration INTERRUPT_TIMEOUT = Duration.ofSeconds(1);

	private static final Log logger = LogFactory.getLog(ConsumerGroup.class);

	private final String owner;

	private final List<XskConsumer> consumers;

	private final Duration drainTimeout;

	private final long receivedBefore;

	private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

	/** Create a group. */
	ConsumerGroup(String owner, List<XskConsumer> consumers, Duration drainTimeout, long receivedBefore) {
		this.owner = owner;
		this.consumers = List.copyOf(consumers);
		this.drainTimeout = drainTimeout;
		this.receivedBefore = receivedBefore;
	}

	long received() {
		return this.receivedBefore + this.consumers.stream().mapToLong(XskConsumer::received).sum();
	}

	/** Start all threads; when this throws, some may run, and are to be ended. */
	void start() {
		long deadline = Deadline.after(START_TIMEOUT);
		this.consumers.forEach(XskConsumer::start);
		this.consumers.forEach((consumer) -> consumer.awaitStart(deadline));
	}

	Command command(Kind kind) {
		Command command = new Command(kind, Deadline.after(this.drainTimeout));
		this.consumers.forEach((consumer) -> consumer.command(command));
		return command;
	}

	/** Let all threads rest, and wait for that as long as a drain takes. */
	void rest(boolean drained) {
		Command command = command(drained ? Kind.DRAIN_AND_REST : Kind.REST);
		for (XskConsumer consumer : this.consumers) {
			if (!consumer.awaitRest(command)) {
				logger.warn(("%s: the thread %s does not rest yet after %s, it is at %s. It does when the listener"
						+ " returns; where that takes so long, set xsk.listener.drain-timeout to more")
					.formatted(this.owner, consumer, this.drainTimeout, consumer.position()));
			}
		}
	}

	/** End all threads but the calling one, one way or another. */
	void end(Kind kind) {
		command(kind);
		List<XskConsumer> late = awaitEnd(this.consumers, this.drainTimeout);
		late.forEach(XskConsumer::interrupt);
		// whoever interrupts the caller is spared the drain, but not this short wait
		boolean interrupted = Thread.interrupted();
		for (XskConsumer consumer : awaitEnd(late, INTERRUPT_TIMEOUT)) {
			logger.warn("%s: the thread %s is still in the listener after %s, at %s. It ends when the listener returns"
				.formatted(this.owner, consumer, this.drainTimeout, consumer.position()));
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/** Wait for threads to end; returns those that have not. */
	private static List<XskConsumer> awaitEnd(List<XskConsumer> consumers, Duration timeout) {
		long deadline = Deadline.after(timeout);
		List<XskConsumer> others = consumers.stream().filter((consumer) -> !consumer.isCurrentThread()).toList();
		others.forEach((consumer) -> consumer.awaitEnd(deadline));
		return others.stream().filter((consumer) -> !consumer.hasEnded()).toList();
	}

	/** Tell of packets that the listener did not get before it ended. */
	void warnOfWhatIsLeft() {
		for (XskConsumer consumer : this.consumers) {
			int left = consumer.socket().rx().used();
			if (left > 0) {
				logger.warn("%s: %d packets stay in the RX ring of %s: %s".formatted(this.owner, left, consumer,
						(failure() != null) ? "it failed before it handed them over"
								: ("the drain timeout of %s was too short to hand them over. Set"
										+ " xsk.listener.drain-timeout to more, or let the listener be quicker")
									.formatted(this.drainTimeout)));
			}
		}
	}

	/** Refuse to go on while a thread has not ended. */
	void requireEnded() {
		for (XskConsumer consumer : this.consumers) {
			if (!consumer.hasEnded()) {
				throw new XskListenerException(
						"The thread %s is still in the listener since the last stop, at %s.".formatted(consumer,
								consumer.position()),
						"Let the listener return within the drain timeout, or when it is interrupted.");
			}
		}
	}

	/**
	 * Note why the group fails, unless it has failed before: then log another reason,
	 * which nobody else is told. From any thread. Returns whether this was the first.
	 */
	boolean fail(Throwable failure) {
		Throwable first = this.failure.compareAndExchange(null, failure);
		if (first != null && !first.equals(failure) && !(failure instanceof HasFailedException)) {
			logger.warn("%s has failed already, and this happened besides".formatted(this.owner), failure);
		}
		return first == null;
	}

	/** Why the group fails, if it does. From any thread. */
	@Nullable Throwable failure() {
		return this.failure.get();
	}

	@Override
	public String toString() {
		return this.consumers.toString();
	}

	/** Ends the batches of a group that has failed; no failure itself. */
	static final class HasFailedException extends XskListenerException {

		HasFailedException(String owner, Throwable cause) {
			super("%s has failed.".formatted(owner), "Start it again.", cause);
		}

	}

}
