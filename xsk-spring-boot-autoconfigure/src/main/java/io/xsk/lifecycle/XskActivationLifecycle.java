package io.xsk.lifecycle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.xsk.XskException;
import io.xsk.core.BindingState;
import io.xsk.core.XskMapOperations;
import io.xsk.setup.EmptySlotMonitor;
import io.xsk.setup.XskSocketGroup;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Activates the configured sockets last, when everyone who takes their packets is there,
 * and deactivates them first, so that the kernel's own path serves again before anyone
 * leaves.
 * <p>
 * Whoever takes the packets of a socket {@linkplain #holdBack holds it back} while he
 * does not, and {@linkplain #release releases} it when he does: such a socket is active
 * while both it is meant to be and somebody is there. Thread-safe: starting, stopping,
 * holding back and releasing happen one at a time.
 *
 * @since 0.1.0
 */
public class XskActivationLifecycle extends AbstractXskLifecycle {

	/** After the listeners, whose phase is {@code Integer.MAX_VALUE - 100}. */
	public static final int DEFAULT_PHASE = Integer.MAX_VALUE - 50;

	private static final Log logger = LogFactory.getLog(XskActivationLifecycle.class);

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private final EmptySlotMonitor monitor;

	/** The names of the sockets whose packets nobody takes now. */
	private final Set<String> heldBack = new HashSet<>();

	/** What is to be active as soon as it is not held back any more. */
	private final Set<XdpSocket> waiting = new LinkedHashSet<>();

	private boolean autoStartup = true;

	private int phase = DEFAULT_PHASE;

	private volatile boolean running;

	/**
	 * Create the life cycle.
	 * @param sockets the sockets, opened by then
	 * @param operations activates and deactivates them
	 */
	public XskActivationLifecycle(XskSockets sockets, XskMapOperations operations) {
		super("xsk-deactivate");
		this.sockets = sockets;
		this.operations = operations;
		this.monitor = new EmptySlotMonitor(sockets, operations);
	}

	/**
	 * Set whether the sockets are activated when the application starts.
	 * @param autoStartup {@code false} to leave it to a call of {@link #start()}
	 */
	public void setAutoStartup(boolean autoStartup) {
		this.autoStartup = autoStartup;
	}

	/**
	 * Set the phase.
	 * @param phase the phase; higher starts later and stops earlier
	 */
	public void setPhase(int phase) {
		this.phase = phase;
	}

	/**
	 * Activate the configured sockets that receive, but those that are held back: these
	 * follow when they are released.
	 * @throws XskException when one cannot be activated; none is then
	 */
	@Override
	public synchronized void start() {
		if (this.running) {
			return;
		}
		if (!this.sockets.isOpen()) {
			throw new IllegalStateException("The sockets are not open. Start the XskSocketLifecycle before this one.");
		}
		List<XdpSocket> now = new ArrayList<>();
		List<XdpSocket> later = new ArrayList<>();
		for (XskSocketGroup group : this.sockets.groups()) {
			if (group.receives()) {
				(this.heldBack.contains(group.name()) ? later : now).addAll(group.sockets());
			}
		}
		activate(now, this.monitor::start);
		this.waiting.addAll(later);
		this.running = true;
	}

	/**
	 * Deactivate the configured sockets, those that were activated by hand among them.
	 * None waits to be released any more.
	 * @throws XskException when one cannot be deactivated; the others are all the same
	 */
	@Override
	public synchronized void stop() {
		this.running = false;
		this.monitor.stop();
		this.waiting.clear();
		List<RuntimeException> failures = new ArrayList<>();
		for (XskSocketGroup group : this.sockets.groups()) {
			if (group.receives()) {
				deactivate(meantToBeActive(group.sockets()), failures);
			}
		}
		throwAny(failures);
	}

	/**
	 * Hold a socket back, whose packets nobody takes from now on: deactivate its XSKs,
	 * and activate none of them until it is released. May come before the socket is
	 * opened, and holds across a restart. What is not active stays so when it is
	 * released, unless {@link #start()} came in between.
	 * @param socket the name of the socket
	 * @throws XskException when there is no such socket, or when an XSK cannot be
	 * deactivated; the others are all the same
	 */
	public synchronized void holdBack(String socket) {
		List<XdpSocket> active = meantToBeActive(xsks(socket));
		this.heldBack.add(socket);
		this.waiting.removeIf((xsk) -> !xsk.isOpen());
		this.waiting.addAll(active);
		List<RuntimeException> failures = new ArrayList<>();
		deactivate(active, failures);
		throwAny(failures);
	}

	/**
	 * Release a socket that was held back, because somebody takes its packets: activate
	 * the XSKs that were active before, or that {@link #start()} left to this call.
	 * @param socket the name of the socket
	 * @throws XskException when there is no such socket, or when an XSK cannot be
	 * activated; none is then, and the socket is still held back
	 */
	public synchronized void release(String socket) {
		List<XdpSocket> released = xsks(socket).stream().filter(this.waiting::contains).toList();
		activate(released, () -> {
		});
		released.forEach(this.waiting::remove);
		this.heldBack.remove(socket);
	}

	private List<XdpSocket> xsks(String socket) {
		return this.sockets.group(socket).map(XskSocketGroup::sockets).orElse(List.of());
	}

	/** Activate all, and do something then; or activate none. */
	private void activate(List<XdpSocket> xsks, Runnable then) {
		List<XdpSocket> activated = new ArrayList<>();
		try {
			for (XdpSocket xsk : xsks) {
				this.operations.activate(xsk);
				activated.add(0, xsk);
			}
			then.run();
		}
		catch (RuntimeException | Error ex) {
			List<RuntimeException> failures = new ArrayList<>();
			deactivate(activated, failures);
			failures.forEach(ex::addSuppressed);
			throw ex;
		}
	}

	private List<XdpSocket> meantToBeActive(List<XdpSocket> xsks) {
		return xsks.stream().filter(this::isMeantToBeActive).toList();
	}

	/** A kernel that does not say must not keep a socket active that nobody reads. */
	private boolean isMeantToBeActive(XdpSocket xsk) {
		try {
			return this.operations.inspect(xsk).state() != BindingState.INACTIVE;
		}
		catch (RuntimeException ex) {
			logger.debug("The binding of %s is not known".formatted(xsk), ex);
			return true;
		}
	}

	/** Go on to the next one when one fails: each that stays takes packets away. */
	private void deactivate(List<XdpSocket> xsks, List<RuntimeException> failures) {
		for (XdpSocket xsk : xsks) {
			try {
				this.operations.deactivate(xsk);
			}
			catch (RuntimeException ex) {
				if (xsk.isOpen()) {
					failures.add(ex);
				}
				else {
					logger.debug("%s was closed meanwhile, and is in no map any more".formatted(xsk), ex);
				}
			}
		}
	}

	private static void throwAny(List<RuntimeException> failures) {
		if (!failures.isEmpty()) {
			RuntimeException first = failures.remove(0);
			failures.forEach(first::addSuppressed);
			throw first;
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public boolean isAutoStartup() {
		return this.autoStartup;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

}
