package io.xsk.setup;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.xsk.XskException;
import io.xsk.bpf.RedirectCounters;
import io.xsk.rule.RedirectRules;
import org.jspecify.annotations.Nullable;

/**
 * Replaces redirect rules while packets arrive, and reads what they have counted.
 * Thread-safe.
 *
 * @since 0.1.0
 */
public final class XskRedirects {

	private static final int IDLE_SECONDS = 10;

	private final XskSockets sockets;

	private final ThreadPoolExecutor executor;

	/**
	 * Create it.
	 * @param sockets the interfaces
	 */
	public XskRedirects(XskSockets sockets) {
		this.sockets = sockets;
		this.executor = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				(task) -> {
					Thread thread = new Thread(task, "xsk-rules");
					thread.setDaemon(true);
					return thread;
				});
		this.executor.allowCoreThreadTimeOut(true);
	}

	/**
	 * Replace the rules of an interface. A new program takes the place of the old one at
	 * once: the interface stays up, the sockets stay bound and active, no packet is lost
	 * or doubled. When the new rules cannot be compiled or loaded, the old ones stay, and
	 * the future fails with the reason. Replacements happen one after the other in the
	 * order of the calls. The rules last until the application ends, also when the
	 * sockets are closed and opened again.
	 * <p>
	 * Loading and attaching take many milliseconds and happen on a thread of their own:
	 * the call returns at once, on whatever thread. A thread that receives packets must
	 * not wait for the future.
	 * @param interfaceKey the key of the interface in the configuration
	 * @param rules the new rules
	 * @return completes with the rules before, once the new ones are in force; fails with
	 * an {@link XskException}
	 */
	public CompletableFuture<RedirectRules> replace(String interfaceKey, RedirectRules rules) {
		return CompletableFuture.supplyAsync(() -> this.sockets.replaceRules(interfaceKey, rules), this.executor);
	}

	/**
	 * Return the rules that are in force.
	 * @param interfaceKey the key of the interface in the configuration
	 * @return the rules, {@code null} where the program is somebody else's, or none
	 * @throws XskException when the interface is not open
	 */
	public @Nullable RedirectRules rules(String interfaceKey) {
		return this.sockets.openInterface(interfaceKey).rules();
	}

	/**
	 * Read what the program has counted.
	 * @param interfaceKey the key of the interface in the configuration
	 * @return the counters, {@code null} where the program is somebody else's, or none
	 * @throws XskException when the interface is not open
	 */
	public @Nullable RedirectCounters counters(String interfaceKey) {
		return this.sockets.openInterface(interfaceKey).counters();
	}

}
