package io.xsk.sample.benchmark.peer;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.xsk.listener.XskListener;
import io.xsk.send.XskTemplate;
import io.xsk.socket.XdpPacket;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A Spring Boot application with an {@code @XskListener} method, called for each packet,
 * and an {@link XskTemplate}. Its sizes are those of the C peer.
 */
final class ListenerWorkload implements Workload {

	private static final String SOCKET = "bench";

	private final Consumer consumer = new Consumer();

	private final PeerOptions options;

	ListenerWorkload(PeerOptions options) {
		this.options = options;
	}

	@Override
	public void start() {
		Class<?> listener = switch (this.options.mode()) {
			case "receive" -> DropConfiguration.class;
			case "echo" -> EchoConfiguration.class;
			default -> NoListenerConfiguration.class;
		};
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, listener)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.initializers((created) -> created.getBeanFactory().registerSingleton("consumer", this.consumer))
			.properties(Map.of("xsk.interfaces.bench.name", this.options.interfaceName(),
					"xsk.interfaces.bench.attach-mode", "native", "xsk.interfaces.bench.redirect.all", "true",
					"xsk.sockets.bench.interface", SOCKET, "xsk.sockets.bench.zero-copy", "forbid",
					"xsk.sockets.bench.bind-timeout", "5s", "logging.level.root", "warn"))
			.run();
		if (this.options.mode().equals("transmit")) {
			XskTemplate template = context.getBean(XskTemplate.class);
			this.consumer.start(() -> transmit(template));
		}
		else {
			this.consumer.isThread("xsk-");
		}
	}

	private void transmit(XskTemplate template) {
		List<ByteBuffer> packets = Stream
			.generate(() -> ByteBuffer.allocateDirect(this.options.packet().length).put(this.options.packet()).flip())
			.limit(BATCH)
			.toList();
		while (true) {
			long until = this.consumer.awaitTransmission();
			long sequence = 0;
			while (System.nanoTime() < until) {
				for (int i = 0; i < BATCH; i++) {
					packets.get(i).putLong(HEADERS, sequence++);
				}
				int sent = template.send(SOCKET, packets);
				this.consumer.count(sent, (long) sent * packets.get(0).remaining());
			}
			this.consumer.endTransmission();
		}
	}

	@Override
	public Map<String, Long> answer(String command, long number) {
		return switch (command) {
			case "mark" -> this.consumer.mark();
			case "transmit" -> this.consumer.transmit(number);
			default -> throw new IllegalArgumentException("There is no command '%s'.".formatted(command));
		};
	}

	/** The application without what receives. */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	/** Receives nothing. */
	@Configuration(proxyBeanMethods = false)
	static class NoListenerConfiguration {

	}

	/** Receives and drops. */
	@Configuration(proxyBeanMethods = false)
	static class DropConfiguration {

		@Bean
		Drop drop(Consumer consumer) {
			return new Drop(consumer);
		}

	}

	/** Sends back. */
	@Configuration(proxyBeanMethods = false)
	static class EchoConfiguration {

		@Bean
		Echo echo(Consumer consumer) {
			return new Echo(consumer);
		}

	}

	/** The packet work of the receiving mode. */
	static class Drop {

		private final Consumer consumer;

		private long checksum;

		Drop(Consumer consumer) {
			this.consumer = consumer;
		}

		@XskListener(SOCKET)
		void onPacket(XdpPacket packet) {
			this.checksum += packet.data().getLong(0);
			this.consumer.count(1, packet.length());
		}

		long checksum() {
			return this.checksum;
		}

	}

	/** The packet work of the echoing mode. */
	static class Echo {

		private final Consumer consumer;

		Echo(Consumer consumer) {
			this.consumer = consumer;
		}

		@XskListener(SOCKET)
		void onPacket(XdpPacket packet) {
			RawWorkload.turnAround(packet.data());
			this.consumer.count(1, packet.length());
			packet.transmit();
		}

	}

}
