package io.xsk.sample.benchmark.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Map;

/**
 * The JDK's UDP socket: connected, blocking, with one direct buffer, which is its fastest
 * way. It sees the payload alone.
 */
final class DatagramWorkload implements Workload {

	private static final int PORT = 9000;

	private final Consumer consumer = new Consumer();

	private final DatagramChannel channel;

	private final String mode;

	private final ByteBuffer payload;

	private long checksum;

	private final ByteBuffer buffer = ByteBuffer.allocateDirect(2048);

	DatagramWorkload(PeerOptions options) {
		this.mode = options.mode();
		this.payload = ByteBuffer.allocateDirect(options.packet().length - HEADERS);
		try {
			this.channel = DatagramChannel.open().bind(new InetSocketAddress("10.198.7.1", PORT));
			this.channel.connect(new InetSocketAddress("10.198.7.2", PORT));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void start() {
		this.consumer.start(this.mode.equals("transmit") ? this::transmit : this::receive);
	}

	private void receive() {
		boolean echo = this.mode.equals("echo");
		try {
			while (true) {
				int length = this.channel.read(this.buffer.clear());
				if (echo) {
					this.channel.write(this.buffer.flip());
				}
				else {
					// the packet work: read its first eight bytes
					this.checksum += this.buffer.getLong(0);
				}
				this.consumer.count(1, length);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void transmit() {
		try {
			while (true) {
				long until = this.consumer.awaitTransmission();
				long sequence = 0;
				while (System.nanoTime() < until) {
					for (int i = 0; i < BATCH; i++) {
						this.payload.clear().putLong(0, sequence++);
						this.channel.write(this.payload);
					}
					this.consumer.count(BATCH, (long) BATCH * this.payload.capacity());
				}
				this.consumer.endTransmission();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Map<String, Long> mark() {
		Map<String, Long> numbers = this.consumer.mark();
		// whoever reads a sum cannot leave out what it is made of
		numbers.put("checksum", this.checksum);
		return numbers;
	}

	@Override
	public Map<String, Long> answer(String command, long number) {
		return switch (command) {
			case "mark" -> mark();
			case "transmit" -> this.consumer.transmit(number);
			default -> throw new IllegalArgumentException("There is no command '%s'.".formatted(command));
		};
	}

}
