package io.xsk.sample.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The programs that are compared.
 */
enum Peer {

	/** The C program on libxdp: everything is compared with it. */
	C("C on libxdp"),

	/** The C program once more in the same round: what differs from C is noise. */
	C_AGAIN("C once more"),

	/** {@code XdpSocket}, used directly. */
	RAW("XdpSocket"),

	/** A method annotated with {@code @XskListener}. */
	LISTENER("@XskListener"),

	/** The JDK's UDP socket. */
	DATAGRAM("DatagramChannel"),

	/** Netty's epoll transport, which receives with recvmmsg. */
	NETTY("Netty epoll");

	private final String title;

	Peer(String title) {
		this.title = title;
	}

	String title() {
		return this.title;
	}

	/** The name on the command line and in results. */
	String id() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	boolean isC() {
		return this == C || this == C_AGAIN;
	}

	boolean isXsk() {
		return this != DATAGRAM && this != NETTY;
	}

	static Peer byId(String id) {
		return Arrays.stream(values())
			.filter((peer) -> peer.id().equals(id))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException("There is no peer '%s'; there are %s.".formatted(id,
					List.of(values()).stream().map(Peer::id).toList())));
	}

}
