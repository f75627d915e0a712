package io.xsk.sample.quickstart;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

import io.xsk.XskException;
import io.xsk.core.XskSockets;
import io.xsk.socket.PacketHandler;
import io.xsk.socket.XdpSocket;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Sends each UDP packet that the socket {@code echo} receives back to where it came from.
 * One thread per XSK, of which there is one per queue of the interface. They run before
 * the sockets are activated, and until these are deactivated.
 */
@Component
class UdpEcho implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(UdpEcho.class);

	/** Packets to take from a ring at a time. */
	private static final int BATCH = 64;

	/** How long a stop waits, at most, for a thread that has nothing to do. */
	private static final Duration WAIT = Duration.ofMillis(100);

	private final XskSockets sockets;

	private final LongAdder received = new LongAdder();

	private final LongAdder answered = new LongAdder();

	private volatile boolean running;

	private volatile List<CompletableFuture<Void>> threads = List.of();

	UdpEcho(XskSockets sockets) {
		this.sockets = sockets;
	}

	@Override
	public void start() {
		this.running = true;
		this.threads = this.sockets.group("echo").orElseThrow().sockets().stream().map(this::start).toList();
	}

	private CompletableFuture<Void> start(XdpSocket socket) {
		String name = "xsk-%s-%d".formatted(socket.interfaceName(), socket.queueId());
		return CompletableFuture.runAsync(() -> receive(socket), (task) -> new Thread(task, name).start())
			.whenComplete((nothing, failure) -> {
				if (failure != null) {
					logger.error("Thread %s has ended".formatted(name), failure);
				}
			});
	}

	private void receive(XdpSocket socket) {
		PacketHandler handler = (packet) -> answer(socket, packet);
		while (this.running) {
			try {
				if (socket.await(WAIT)) {
					socket.receive(handler, BATCH);
				}
			}
			catch (XskException ex) {
				logger.warn(ex.getMessage());
			}
		}
		// the socket is deactivated: what is still in its ring is the rest
		socket.receive(handler, socket.config().rxRingSize());
	}

	private void answer(XdpSocket socket, ByteBuffer packet) {
		this.received.increment();
		// changed in place: the frame is ours during this call, and send makes a copy
		if (UdpPacket.turnAround(packet) && socket.send(packet)) {
			this.answered.increment();
		}
	}

	@Override
	public void stop() {
		this.running = false;
	}

	@Override
	public void stop(Runnable callback) {
		stop();
		// does not wait here: the one that ends last reports it
		CompletableFuture.allOf(this.threads.toArray(CompletableFuture[]::new))
			.whenComplete((nothing, failure) -> callback.run());
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		// after the sockets were opened, before XskActivationLifecycle
		return Integer.MAX_VALUE - 100;
	}

	long received() {
		return this.received.sum();
	}

	long answered() {
		return this.answered.sum();
	}

}
