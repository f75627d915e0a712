package io.xsk.sample.benchmark.peer;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.xsk.bpf.RedirectProgram;
import io.xsk.bpf.UpdateMode;
import io.xsk.socket.FrameCensus;
import io.xsk.socket.PacketHandler;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpStatistics;

/**
 * {@link XdpSocket}, used directly: the same loop, batch and work as the C peer.
 */
final class RawWorkload implements Workload {

	private static final Duration WAIT = Duration.ofMillis(100);

	private final Consumer consumer = new Consumer();

	private final RedirectProgram program;

	private final XdpSocket socket;

	private final String mode;

	/** What is transmitted together. */
	private final List<ByteBuffer> packets;

	private long length;

	private long checksum;

	RawWorkload(PeerOptions options) {
		XskPort port = XskPort.open(options.interfaceName());
		port.map().update(0, port.socket().fd(), UpdateMode.ANY);
		this.program = port.program();
		this.socket = port.socket();
		this.mode = options.mode();
		this.packets = Stream
			.generate(() -> ByteBuffer.allocateDirect(options.packet().length).put(options.packet()).flip())
			.limit(BATCH)
			.toList();
	}

	@Override
	public void start() {
		Runnable work = switch (this.mode) {
			case "receive" -> () -> receive(this::drop);
			case "echo" -> () -> receive(this::echo);
			case "transmit" -> this::transmit;
			default -> throw new IllegalArgumentException("There is no mode '%s'.".formatted(this.mode));
		};
		this.consumer.start(work);
	}

	private void receive(PacketHandler handler) {
		while (true) {
			int packets = this.socket.receive(handler, BATCH);
			if (packets == 0) {
				this.socket.await(WAIT);
			}
			else {
				this.consumer.count(packets, this.length);
				this.length = 0;
			}
		}
	}

	private void drop(XdpPacket packet) {
		// the packet work: read its first eight bytes
		this.checksum += packet.data().getLong(0);
		this.length += packet.length();
	}

	private void echo(XdpPacket packet) {
		turnAround(packet.data());
		this.length += packet.length();
		packet.transmit();
	}

	/** The packet work of an echo: back to the sender. */
	static void turnAround(ByteBuffer data) {
		long first = data.getLong(0);
		int second = data.getInt(Long.BYTES);
		// the upper six bytes of the first word are the destination
		data.putLong(0, first << 48 | (second & 0xffffffffL) << 16 | first >>> 48);
		data.putInt(Long.BYTES, (int) (first >>> 16));
	}

	private void transmit() {
		while (true) {
			long until = this.consumer.awaitTransmission();
			long sequence = 0;
			while (System.nanoTime() < until) {
				for (int i = 0; i < BATCH; i++) {
					// the packet work: the whole packet, with a number in it
					this.packets.get(i).putLong(HEADERS, sequence++);
				}
				int sent = this.socket.send(this.packets);
				this.consumer.count(sent, (long) sent * this.packets.get(0).remaining());
			}
			while (!this.socket.flush()) {
				Thread.onSpinWait();
			}
			this.consumer.endTransmission();
		}
	}

	@Override
	public Map<String, Long> answer(String command, long number) {
		return switch (command) {
			case "mark" -> mark();
			case "census" -> census();
			case "program" -> Map.of("id", (long) this.program.info().id());
			case "transmit" -> this.consumer.transmit(number);
			default -> throw new IllegalArgumentException("There is no command '%s'.".formatted(command));
		};
	}

	private Map<String, Long> mark() {
		Map<String, Long> numbers = new HashMap<>(this.consumer.mark());
		XdpStatistics statistics = this.socket.statistics();
		numbers.put("rxDropped", statistics.rxDropped());
		numbers.put("rxRingFull", statistics.rxRingFull());
		numbers.put("rxFillRingEmpty", statistics.rxFillRingEmpty());
		// whoever reads a sum cannot leave out what it is made of
		numbers.put("checksum", this.checksum);
		return numbers;
	}

	private Map<String, Long> census() {
		Map<String, Long> numbers = mark();
		this.socket.flush();
		FrameCensus frames = this.socket.frames();
		numbers.put("free", (long) frames.free());
		numbers.put("fill", (long) frames.fill());
		numbers.put("kernel", (long) frames.kernel());
		numbers.put("rx", (long) frames.rx());
		numbers.put("application", (long) frames.application());
		numbers.put("tx", (long) frames.tx());
		numbers.put("completion", (long) frames.completion());
		numbers.put("owned", (long) frames.free() + frames.fill() + frames.kernel() + frames.rx() + frames.application()
				+ frames.tx() + frames.completion());
		numbers.put("total", (long) frames.total());
		return numbers;
	}

}
