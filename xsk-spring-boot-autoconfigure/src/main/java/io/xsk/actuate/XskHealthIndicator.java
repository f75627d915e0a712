package io.xsk.actuate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.xsk.core.BindingState;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import io.xsk.listener.XskListenerContainer;
import io.xsk.listener.XskListenerRegistry;
import io.xsk.setup.XskSocketGroup;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Health of the sockets: up when each receiving socket is active in its XSKMAP and each
 * sending one still has its interface; out of service when sockets were only deactivated
 * on purpose, their listener is stopped or paused, or they are not open; else down, a
 * listener that failed among the reasons. The details name what deviates, and why.
 *
 * @since 0.1.0
 */
public class XskHealthIndicator extends AbstractHealthIndicator {

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private final @Nullable XskListenerRegistry listeners;

	/**
	 * Create the indicator.
	 * @param sockets the sockets
	 * @param operations asked for their bindings
	 */
	public XskHealthIndicator(XskSockets sockets, XskMapOperations operations) {
		this(sockets, operations, null);
	}

	/**
	 * Create the indicator.
	 * @param sockets the sockets
	 * @param operations asked for their bindings
	 * @param listeners the listeners, {@code null} where there are none
	 */
	public XskHealthIndicator(XskSockets sockets, XskMapOperations operations,
			@Nullable XskListenerRegistry listeners) {
		super("The bindings of the XDP sockets cannot be read");
		this.sockets = sockets;
		this.operations = operations;
		this.listeners = listeners;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		if (!this.sockets.isOpen()) {
			builder.outOfService().withDetail("reason", "The sockets are not open.");
			return;
		}
		Counts counts = new Counts();
		for (XskSocketGroup group : this.sockets.groups()) {
			for (XdpSocket socket : group.sockets()) {
				check(group, socket, counts);
			}
		}
		checkOthers(counts);
		if (this.listeners != null) {
			this.listeners.containers().forEach(counts::check);
		}
		if (counts.down) {
			builder.down();
		}
		else if (!counts.deviations.isEmpty() || !counts.listeners.isEmpty()) {
			builder.outOfService();
		}
		else {
			builder.up();
		}
		builder.withDetail("sockets", counts.sockets).withDetail("active", counts.active);
		if (!counts.deviations.isEmpty()) {
			builder.withDetail("deviations", counts.deviations);
		}
		if (!counts.listeners.isEmpty()) {
			builder.withDetail("listeners", counts.listeners);
		}
	}

	private void check(XskSocketGroup group, XdpSocket socket, Counts counts) {
		counts.sockets++;
		if (!group.receives()) {
			if (!socket.isAlive()) {
				counts.deviate(group.name(), group.xskInterface().config().key(), socket.queueId(), BindingState.DEAD,
						"Its interface is gone.");
			}
			return;
		}
		counts.count(group.name(), group.xskInterface().config().key(), this.operations.inspect(socket));
	}

	/** What the application has activated itself. */
	private void checkOthers(Counts counts) {
		List<XdpSocket> configured = this.sockets.groups()
			.stream()
			.flatMap((group) -> group.sockets().stream())
			.toList();
		for (XskBinding binding : this.operations.bindings()) {
			if (!configured.contains(binding.xsk())) {
				counts.sockets++;
				counts.count(null, Integer.toString(binding.interfaceIndex()), binding);
			}
		}
	}

	private static final class Counts {

		private final List<Map<String, Object>> deviations = new ArrayList<>();

		private final List<Map<String, Object>> listeners = new ArrayList<>();

		private int sockets;

		private int active;

		private boolean down;

		private void count(@Nullable String socket, String xskInterface, XskBinding binding) {
			if (binding.state() == BindingState.ACTIVE) {
				this.active++;
			}
			else {
				deviate(socket, xskInterface, binding.queueId(), binding.state(), String.valueOf(binding.reason()));
			}
		}

		private void check(XskListenerContainer container) {
			XskListenerContainer.State state = container.state();
			if (state == XskListenerContainer.State.RUNNING) {
				return;
			}
			this.down |= state == XskListenerContainer.State.FAILED;
			Map<String, Object> detail = new LinkedHashMap<>();
			detail.put("socket", container.socket());
			detail.put("listener", container.listener());
			detail.put("state", state);
			// asked once: a restart may come in between
			Throwable failure = container.failure();
			if (failure != null) {
				detail.put("failure", failure.toString());
			}
			this.listeners.add(detail);
		}

		private void deviate(@Nullable String socket, String xskInterface, int queueId, BindingState state,
				String reason) {
			this.down |= state != BindingState.INACTIVE;
			Map<String, Object> deviation = new LinkedHashMap<>();
			deviation.put("socket", (socket != null) ? socket : "(the application's own)");
			deviation.put("interface", xskInterface);
			deviation.put("queue", queueId);
			deviation.put("state", state);
			deviation.put("reason", reason);
			this.deviations.add(deviation);
		}

	}

}
