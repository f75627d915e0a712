package io.xsk.listener;

import java.util.List;
import java.util.function.Consumer;

import io.xsk.core.ActivationPolicy;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import io.xsk.socket.Xsk;

/**
 * Calls a hook before a socket is activated or served, deactivated or unserved, which may
 * wait or throw.
 */
final class HookedOperations implements XskMapOperations {

	private final XskMapOperations operations;

	private volatile Consumer<Xsk> beforeActivation = (xsk) -> {
	};

	private volatile Consumer<Xsk> beforeDeactivation = (xsk) -> {
	};

	HookedOperations(XskMapOperations operations) {
		this.operations = operations;
	}

	void beforeActivation(Consumer<Xsk> hook) {
		this.beforeActivation = hook;
	}

	void beforeDeactivation(Consumer<Xsk> hook) {
		this.beforeDeactivation = hook;
	}

	@Override
	public XskBinding activate(Xsk xsk) {
		this.beforeActivation.accept(xsk);
		return this.operations.activate(xsk);
	}

	@Override
	public XskBinding activate(Xsk xsk, ActivationPolicy policy) {
		this.beforeActivation.accept(xsk);
		return this.operations.activate(xsk, policy);
	}

	@Override
	public void deactivate(Xsk xsk) {
		this.beforeDeactivation.accept(xsk);
		this.operations.deactivate(xsk);
	}

	@Override
	public void serve(Xsk xsk) {
		this.beforeActivation.accept(xsk);
		this.operations.serve(xsk);
	}

	@Override
	public void unserve(Xsk xsk, String reason) {
		this.beforeDeactivation.accept(xsk);
		this.operations.unserve(xsk, reason);
	}

	@Override
	public XskBinding inspect(Xsk xsk) {
		return this.operations.inspect(xsk);
	}

	@Override
	public List<XskBinding> bindings() {
		return this.operations.bindings();
	}

}
