package io.xsk.actuate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import io.xsk.Deadline;
import io.xsk.core.BindingState;
import io.xsk.core.Verification;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import io.xsk.kernel.KernelUnavailableException;
import io.xsk.listener.UnreadSocketWatch;
import io.xsk.listener.XskListenerContainer;
import io.xsk.listener.XskListenerContainer.State;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.setup.XskInterface;
import io.xsk.setup.XskSocketConfig;
import io.xsk.setup.XskSocketGroup;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.Xsk;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Health of the sockets, one contributor for each configured socket and one, called
 * {@value #OWN}, for those that the application has activated itself.
 * <p>
 * Up when each receiving XSK is active in its XSKMAP and read, and each sending one still
 * has its interface; out of service when XSKs were only deactivated on purpose, their
 * listener is stopped or paused, or they are not open; unknown where sockets cannot be
 * opened at all; else down. The details name what deviates, and why. Without the rights
 * to look into an XSKMAP, what they say of a binding is up to ten seconds old.
 * Thread-safe.
 *
 * @since 0.1.0
 */
public class XskHealthContributor implements CompositeHealthContributor {

	/** The name of the contributor for sockets without a name. */
	public static final String OWN = "(own)";

	private static final Duration BETWEEN_UPDATES = Duration.ofSeconds(10);

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private final XskListenerRegistry listeners;

	private final UnreadSocketWatch watch;

	/** What the kernel was asked by an update. */
	private final Map<Xsk, Answer> updated = new ConcurrentHashMap<>();

	/**
	 * Create the contributor.
	 * @param sockets the sockets
	 * @param operations asked for their bindings
	 * @param listeners the listeners
	 * @param watch knows which sockets nobody reads
	 */
	public XskHealthContributor(XskSockets sockets, XskMapOperations operations, XskListenerRegistry listeners,
			UnreadSocketWatch watch) {
		this.sockets = sockets;
		this.operations = operations;
		this.listeners = listeners;
		this.watch = watch;
	}

	@Override
	public @Nullable HealthContributor getContributor(String name) {
		return stream().filter((entry) -> entry.name().equals(name))
			.map(HealthContributors.Entry::contributor)
			.findFirst()
			.orElse(null);
	}

	@Override
	public Stream<Entry> stream() {
		Stream<Entry> configured = this.sockets.configs()
			.stream()
			.map(XskSocketConfig::name)
			.map((name) -> new Entry(name, (HealthIndicator) () -> health(name)));
		return others().isEmpty() ? configured
				: Stream.concat(configured, Stream.of(new Entry(OWN, (HealthIndicator) this::othersHealth)));
	}

	private Health health(String socket) {
		KernelUnavailableException unavailable = this.sockets.kernel().unavailability();
		if (unavailable != null) {
			return Health.unknown().withDetail("reason", unavailable.getDescription()).build();
		}
		XskSocketGroup group = this.sockets.group(socket).orElse(null);
		if (group == null) {
			return Health.outOfService().withDetail("reason", "The sockets are not open.").build();
		}
		Findings findings = new Findings();
		for (XdpSocket xsk : group.sockets()) {
			findings.xsks++;
			if (group.receives()) {
				findings.add(group.xskInterface().config().key(), inspect(xsk));
			}
			else if (!xsk.isAlive()) {
				findings.deviate(group.xskInterface().config().key(), xsk.queueId(), BindingState.DEAD,
						"Its interface is gone.");
			}
		}
		this.listeners.containers()
			.stream()
			.filter((container) -> container.socket().equals(socket))
			.forEach(findings::add);
		findings.unread = this.watch.unread().get(socket);
		return findings.health();
	}

	private Health othersHealth() {
		Findings findings = new Findings();
		for (Xsk xsk : others()) {
			findings.xsks++;
			findings.add(interfaceKey(xsk.interfaceIndex()), inspect(xsk));
		}
		return findings.health();
	}

	private List<Xsk> others() {
		List<XdpSocket> configured = this.sockets.groups()
			.stream()
			.flatMap((group) -> group.sockets().stream())
			.toList();
		return this.operations.xsks().stream().filter((xsk) -> !configured.contains(xsk)).toList();
	}

	/**
	 * Ask the kernel, but not again soon where the rights only let it be asked by an
	 * update, which puts a socket back into a slot that somebody emptied: who asks for
	 * the health every second is not to repair every second.
	 */
	private XskBinding inspect(Xsk xsk) {
		this.updated.keySet().removeIf((known) -> !known.isOpen());
		Answer last = this.updated.get(xsk);
		if (last != null && Deadline.left(last.until()) > 0) {
			return last.binding();
		}
		XskBinding binding = this.operations.inspect(xsk);
		if (binding.verifiedBy() == Verification.UPDATE) {
			this.updated.put(xsk, new Answer(binding, Deadline.after(BETWEEN_UPDATES)));
		}
		else {
			this.updated.remove(xsk);
		}
		return binding;
	}

	private String interfaceKey(int index) {
		return this.sockets.interfaces()
			.stream()
			.filter((candidate) -> candidate.index() == index)
			.map(XskInterface::config)
			.map((config) -> config.key())
			.findFirst()
			.orElse(Integer.toString(index));
	}

	private record Answer(XskBinding binding, long until) {
	}

	/** What is found at the XSKs of a socket. */
	private static final class Findings {

		private final List<Map<String, Object>> deviations = new ArrayList<>();

		private int xsks;

		private int active;

		private boolean down;

		private boolean rests;

		private @Nullable Map<String, Object> listener;

		private @Nullable String unread;

		private void add(String xskInterface, XskBinding binding) {
			if (binding.state() == BindingState.ACTIVE) {
				this.active++;
			}
			else {
				deviate(xskInterface, binding.queueId(), binding.state(),
						Objects.requireNonNullElse(binding.reason(), "It is not known why."));
			}
		}

		private void add(XskListenerContainer container) {
			State state = container.state();
			this.down |= state == State.FAILED;
			this.rests |= state != State.RUNNING;
			Map<String, Object> detail = new LinkedHashMap<>();
			detail.put("name", container.listener());
			detail.put("state", Names.of(state));
			detail.put("received", container.received());
			detail.put("errors", container.errors());
			// asked once: a restart may come in between
			Throwable failure = container.failure();
			if (failure != null) {
				detail.put("failure", failure.toString());
			}
			this.listener = detail;
		}

		private void deviate(String xskInterface, int queueId, BindingState state, String reason) {
			this.down |= state != BindingState.INACTIVE;
			this.rests = true;
			Map<String, Object> deviation = new LinkedHashMap<>();
			deviation.put("interface", xskInterface);
			deviation.put("queue", queueId);
			deviation.put("state", Names.of(state));
			deviation.put("reason", reason);
			this.deviations.add(deviation);
		}

		private Health health() {
			Health.Builder builder = (this.down || this.unread != null) ? Health.down()
					: this.rests ? Health.outOfService() : Health.up();
			builder.withDetail("xsks", this.xsks).withDetail("active", this.active);
			if (this.listener != null) {
				builder.withDetail("listener", this.listener);
			}
			if (this.unread != null) {
				builder.withDetail("unread", this.unread);
			}
			if (!this.deviations.isEmpty()) {
				builder.withDetail("deviations", this.deviations);
			}
			return builder.build();
		}

	}

}
