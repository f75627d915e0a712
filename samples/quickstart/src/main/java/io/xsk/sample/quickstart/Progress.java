package io.xsk.sample.quickstart;

import java.util.concurrent.TimeUnit;

import io.xsk.setup.XskSocketGroup;
import io.xsk.setup.XskSockets;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Prints each second what happened in it.
 */
@Component
class Progress {

	private final XskSockets sockets;

	private final UdpEcho echo;

	private final ObjectProvider<PeerTraffic> traffic;

	private long received;

	private long answered;

	Progress(XskSockets sockets, UdpEcho echo, ObjectProvider<PeerTraffic> traffic) {
		this.sockets = sockets;
		this.echo = echo;
		this.traffic = traffic;
	}

	@Scheduled(initialDelay = 1, fixedRate = 1, timeUnit = TimeUnit.SECONDS)
	void print() {
		long receivedBefore = this.received;
		long answeredBefore = this.answered;
		this.received = this.echo.received();
		this.answered = this.echo.answered();
		StringBuilder line = new StringBuilder();
		line.append("received %4d/s, answered %4d/s | in all received %d, answered %d, dropped %d".formatted(
				this.received - receivedBefore, this.answered - answeredBefore, this.received, this.answered,
				dropped()));
		this.traffic
			.ifAvailable((peer) -> line.append(" | peer sent %d, got back %d".formatted(peer.sent(), peer.returned())));
		System.out.println(line);
	}

	private long dropped() {
		return this.sockets.group("echo")
			.stream()
			.map(XskSocketGroup::sockets)
			.flatMap((all) -> all.stream().map((socket) -> socket.statistics()))
			.mapToLong((statistics) -> statistics.rxDropped() + statistics.rxRingFull())
			.sum();
	}

}
