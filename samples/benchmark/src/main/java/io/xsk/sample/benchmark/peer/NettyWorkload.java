package io.xsk.sample.benchmark.peer;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * Netty's epoll transport: receives with recvmmsg and sends with sendmmsg, a batch at a
 * time. It sees the payload alone.
 */
final class NettyWorkload implements Workload {

	private static final int PORT = 9000;

	private static final int MAX_PAYLOAD = 2048;

	private static final InetSocketAddress OTHER = new InetSocketAddress("10.198.7.2", PORT);

	private final Consumer consumer = new Consumer();

	private final Channel channel;

	/** What is transmitted together. */
	private final List<ByteBuf> payloads;

	private final Handler handler;

	private long sequence;

	NettyWorkload(PeerOptions options) {
		this.payloads = Stream.generate(() -> Unpooled.directBuffer().writeZero(options.packet().length - HEADERS))
			.limit(BATCH)
			.toList();
		this.handler = new Handler(this.consumer, options.mode().equals("echo"));
		this.channel = new Bootstrap()
			.group(new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("consumer"),
					EpollIoHandler.newFactory()))
			.channel(EpollDatagramChannel.class)
			.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MAX_PAYLOAD)
			.option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(BATCH * MAX_PAYLOAD))
			.handler(this.handler)
			.bind("10.198.7.1", PORT)
			.syncUninterruptibly()
			.channel();
	}

	@Override
	public void start() {
		this.channel.eventLoop().submit(this.consumer::isCurrentThread).syncUninterruptibly();
	}

	private void transmit() {
		if (System.nanoTime() >= this.consumer.transmitUntil()) {
			this.consumer.endTransmission();
			return;
		}
		if (this.channel.isWritable()) {
			for (ByteBuf payload : this.payloads) {
				// the packet work: a number in it
				payload.setLong(0, this.sequence++);
				this.channel.write(new DatagramPacket(payload.retainedDuplicate(), OTHER), this.channel.voidPromise());
			}
			this.channel.flush();
			this.consumer.count(BATCH, (long) BATCH * this.payloads.get(0).readableBytes());
		}
		this.channel.eventLoop().execute(this::transmit);
	}

	private Map<String, Long> mark() {
		Map<String, Long> numbers = this.consumer.mark();
		// whoever reads a sum cannot leave out what it is made of
		numbers.put("checksum", this.handler.checksum);
		return numbers;
	}

	@Override
	public Map<String, Long> answer(String command, long number) {
		return switch (command) {
			case "mark" -> mark();
			case "transmit" -> {
				// runs when the time is set, a moment later
				this.channel.eventLoop().schedule(this::transmit, 1, TimeUnit.MILLISECONDS);
				yield this.consumer.transmit(number);
			}
			default -> throw new IllegalArgumentException("There is no command '%s'.".formatted(command));
		};
	}

	/** Drops or sends back what arrives. */
	private static final class Handler extends ChannelInboundHandlerAdapter {

		private final Consumer consumer;

		private final boolean echo;

		private long checksum;

		Handler(Consumer consumer, boolean echo) {
			this.consumer = consumer;
			this.echo = echo;
		}

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			DatagramPacket packet = (DatagramPacket) message;
			this.consumer.count(1, packet.content().readableBytes());
			if (this.echo) {
				context.write(new DatagramPacket(packet.content(), packet.sender()), context.voidPromise());
			}
			else {
				// the packet work: read its first eight bytes
				this.checksum += packet.content().getLong(0);
				packet.release();
			}
		}

		@Override
		public void channelReadComplete(ChannelHandlerContext context) {
			context.flush();
		}

	}

}
