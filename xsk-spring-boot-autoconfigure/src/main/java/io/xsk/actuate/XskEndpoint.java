package io.xsk.actuate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.xsk.actuate.XskDescriptor.BindingDescriptor;
import io.xsk.actuate.XskDescriptor.InterfaceDescriptor;
import io.xsk.bpf.RedirectProgram;
import io.xsk.core.BindingState;
import io.xsk.core.Verification;
import io.xsk.core.XskBinding;
import io.xsk.core.XskMapOperations;
import io.xsk.kernel.NetworkInterface;
import io.xsk.setup.XskInterface;
import io.xsk.setup.XskSocketGroup;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * Actuator endpoint that shows the interfaces and the bindings of the sockets. All of it
 * is read from the kernel when it is asked for. Thread-safe.
 *
 * @since 0.1.0
 */
@Endpoint(id = "xsk", defaultAccess = Access.READ_ONLY)
public class XskEndpoint {

	private final XskSockets sockets;

	private final XskMapOperations operations;

	/**
	 * Create the endpoint.
	 * @param sockets the sockets to show
	 * @param operations asked for their bindings
	 */
	public XskEndpoint(XskSockets sockets, XskMapOperations operations) {
		this.sockets = sockets;
		this.operations = operations;
	}

	/**
	 * Show everything.
	 * @return the interfaces by key, and the bindings of all sockets
	 */
	@ReadOperation
	public XskDescriptor xsk() {
		Map<String, InterfaceDescriptor> interfaces = new LinkedHashMap<>();
		for (XskInterface xskInterface : this.sockets.interfaces()) {
			@Nullable NetworkInterface now = NetworkInterface.byIndex(this.sockets.kernel(), xskInterface.index()).orElse(null);
			interfaces.put(xskInterface.config().key(), InterfaceDescriptor.of(xskInterface, now));
		}
		List<BindingDescriptor> bindings = new ArrayList<>();
		this.sockets.groups().forEach((group) -> bindings.addAll(describe(group)));
		bindings.addAll(describeOthers());
		return new XskDescriptor(interfaces, bindings);
	}

	/**
	 * Show one socket.
	 * @param socket the name of the socket
	 * @return its bindings, {@code null} when there is no such socket
	 */
	@ReadOperation
	public XskDescriptor.@Nullable Bindings socket(@Selector String socket) {
		return this.sockets.groups()
			.stream()
			.filter((group) -> group.name().equals(socket))
			.findFirst()
			.map((group) -> new XskDescriptor.Bindings(describe(group)))
			.orElse(null);
	}

	/**
	 * Show what the program of an interface does, instruction by instruction: {@code GET
	 * /actuator/xsk/interfaces/{key}/program}, where {@code interfaces} and
	 * {@code program} are given as they are.
	 * @param what {@code interfaces}
	 * @param key the key of the interface
	 * @param part {@code program}
	 * @return the listing, {@code null} when there is no such interface, or no program of
	 * ours
	 */
	@ReadOperation
	public XskDescriptor.@Nullable ListingDescriptor program(@Selector String what, @Selector String key,
			@Selector String part) {
		if (!what.equals("interfaces") || !part.equals("program")) {
			return null;
		}
		for (XskInterface xskInterface : this.sockets.interfaces()) {
			@Nullable RedirectProgram program = xskInterface.program();
			if (xskInterface.config().key().equals(key) && program != null && program.rules() != null) {
				return new XskDescriptor.ListingDescriptor(xskInterface.config().name(), program.listing());
			}
		}
		return null;
	}

	private List<BindingDescriptor> describe(XskSocketGroup group) {
		String key = group.xskInterface().config().key();
		return group.sockets()
			.stream()
			.map((socket) -> BindingDescriptor.of(group.name(), key,
					group.receives() ? this.operations.inspect(socket) : sendOnly(socket)))
			.toList();
	}

	private static XskBinding sendOnly(XdpSocket socket) {
		return new XskBinding(socket, false, true, socket.isAlive() ? BindingState.INACTIVE : BindingState.DEAD,
				Verification.NONE, null, "It only sends.");
	}

	/** What an application has activated itself. */
	private List<BindingDescriptor> describeOthers() {
		List<XdpSocket> configured = this.sockets.groups()
			.stream()
			.flatMap((group) -> group.sockets().stream())
			.toList();
		return this.operations.xsks()
			.stream()
			.filter((xsk) -> !configured.contains(xsk))
			.map((xsk) -> BindingDescriptor.of(null, keyOf(xsk.interfaceIndex()), this.operations.inspect(xsk)))
			.toList();
	}

	private @Nullable String keyOf(int interfaceIndex) {
		return this.sockets.interfaces()
			.stream()
			.filter((candidate) -> candidate.index() == interfaceIndex)
			.map((candidate) -> candidate.config().key())
			.findFirst()
			.orElse(null);
	}

}
