package io.xsk.sample.quickstart;

import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Locale;

import io.xsk.bpf.XdpLink;
import io.xsk.core.XskMapOperations;
import io.xsk.setup.XskInterface;
import io.xsk.setup.XskSocketGroup;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Tells the person in front of the terminal what there is now, and what to try.
 */
@Component
class Introduction {

	private static final String OWN_NETWORK = """
			Its peer, %1$s in a network namespace of its own, sends such packets. In another terminal, try
			  ping %1$s
			      which still works: everything else goes on to the kernel
			  tcpdump -ni %2$s
			      which sees the ping, and nothing of port %3$s: that goes past the network stack, both ways
			""";

	private static final String GIVEN_INTERFACE = """
			Nobody sends such packets yet. Try from another machine
			  echo hello | nc -u -w1 %s %s
			      which gets it back
			and here
			""";

	private static final String EITHER = """
			  bpftool net show dev %s
			  curl %2$s/xsk
			  curl %2$s/health
			Ctrl-C ends it.
			""";

	private final Environment environment;

	private final XskSockets sockets;

	private final XskMapOperations operations;

	private final ObjectProvider<DemoNetwork> network;

	Introduction(Environment environment, XskSockets sockets, XskMapOperations operations,
			ObjectProvider<DemoNetwork> network) {
		this.environment = environment;
		this.sockets = sockets;
		this.operations = operations;
		this.network = network;
	}

	@EventListener(ApplicationReadyEvent.class)
	void print() {
		// none when somebody stops the application at this very moment
		this.sockets.group("echo").map(this::describe).ifPresent(System.out::println);
	}

	private String describe(XskSocketGroup group) {
		XskInterface xskInterface = group.xskInterface();
		String name = xskInterface.config().name();
		String address = addressOf(name);
		String port = this.environment.getProperty("quickstart.port");
		DemoNetwork demo = this.network.getIfAvailable();
		StringBuilder text = new StringBuilder();
		text.append("%nUDP packets that come to port %s of %s go to the socket '%s', and are answered%n".formatted(port,
				name, group.name()));
		group.sockets().forEach((socket) -> text.append(describe(group, socket)));
		text.append(System.lineSeparator());
		text.append((demo != null) ? OWN_NETWORK.formatted(demo.peerAddress(), name, port)
				: GIVEN_INTERFACE.formatted(address, port));
		text.append(EITHER.formatted(name, url()));
		return text.toString();
	}

	private String describe(XskSocketGroup group, XdpSocket socket) {
		XdpLink link = group.xskInterface().link();
		return "  socket %s, interface %s, queue %d: %s, %s mode, XDP program in %s mode%n".formatted(group.name(),
				group.xskInterface().config().key(), socket.queueId(), this.operations.inspect(socket).state(),
				socket.isZeroCopy() ? "zero-copy" : "copy",
				(link != null) ? link.mode().name().toLowerCase(Locale.ROOT) : "another's");
	}

	private String url() {
		return "http://%s:%s/actuator".formatted(this.environment.getProperty("server.address"),
				this.environment.getProperty("local.server.port"));
	}

	private static String addressOf(String name) {
		try {
			return NetworkInterface.networkInterfaces()
				.filter((candidate) -> candidate.getName().equals(name))
				.flatMap(NetworkInterface::inetAddresses)
				.filter(Inet4Address.class::isInstance)
				.map(InetAddress::getHostAddress)
				.findFirst()
				.orElse("ADDRESS");
		}
		catch (SocketException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
