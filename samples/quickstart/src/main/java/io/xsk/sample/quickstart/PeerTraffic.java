package io.xsk.sample.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;

/**
 * The other side of the {@link DemoNetwork}: sends numbered UDP packets at a steady rate,
 * and counts those that come back as they were. Starts after all others, stops first.
 */
class PeerTraffic implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(PeerTraffic.class);

	private static final int PACKETS_PER_TICK = 10;

	private static final long TICK_NANOS = Duration.ofMillis(10).toNanos();

	/** The answers are there long before the next tick. */
	private static final long ANSWER_NANOS = Duration.ofMillis(1).toNanos();

	private static final ByteBuffer GREETING = ByteBuffer
		.wrap(" packets before this one".getBytes(StandardCharsets.US_ASCII));

	private static final int LENGTH = Long.BYTES + GREETING.limit();

	private final DemoNetwork network;

	private final InetSocketAddress target;

	private volatile boolean running;

	private volatile long sent;

	private volatile long returned;

	PeerTraffic(DemoNetwork network, @Value("${quickstart.port}") int port) {
		this.network = network;
		this.target = new InetSocketAddress(network.address(), port);
	}

	@Override
	public void start() {
		DatagramChannel channel = this.network.openPeerChannel();
		this.running = true;
		Thread thread = new Thread(() -> run(channel), "quickstart-traffic");
		thread.setDaemon(true);
		thread.start();
	}

	private void run(DatagramChannel channel) {
		try (channel) {
			ByteBuffer buffer = ByteBuffer.allocateDirect(2 * LENGTH);
			long tick = System.nanoTime();
			while (this.running) {
				try {
					send(channel, buffer);
					pause(ANSWER_NANOS);
					receive(channel, buffer);
				}
				catch (IOException ex) {
					logger.warn("The peer cannot send or receive: " + ex.getMessage());
					pause(Duration.ofSeconds(1).toNanos());
				}
				// after a long pause of the whole machine, do not catch up
				tick = Math.max(tick + TICK_NANOS, System.nanoTime() - 10 * TICK_NANOS);
				pause(tick - System.nanoTime());
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void pause(long nanos) {
		LockSupport.parkNanos(this, nanos);
	}

	private void send(DatagramChannel channel, ByteBuffer buffer) throws IOException {
		for (int i = 0; i < PACKETS_PER_TICK; i++) {
			buffer.clear().putLong(this.sent).put(GREETING.duplicate()).flip();
			if (channel.send(buffer, this.target) > 0) {
				this.sent++;
			}
		}
	}

	private void receive(DatagramChannel channel, ByteBuffer buffer) throws IOException {
		while (channel.receive(buffer.clear()) != null) {
			buffer.flip();
			if (buffer.remaining() == LENGTH && buffer.getLong() < this.sent && buffer.equals(GREETING)) {
				this.returned++;
			}
		}
	}

	@Override
	public void stop() {
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	long sent() {
		return this.sent;
	}

	long returned() {
		return this.returned;
	}

}
