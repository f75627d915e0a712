package io.xsk.autoconfigure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import io.xsk.core.XskMapTemplate;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * An application with one socket, which does what its standard input says and answers
 * each line with one.
 */
public final class RightsApplication {

	private final XdpSocket socket;

	private final XskMapTemplate template;

	private RightsApplication(ConfigurableApplicationContext context) {
		this.socket = context.getBean(XskSockets.class).groups().get(0).sockets().get(0);
		this.template = context.getBean(XskMapTemplate.class);
	}

	private String answer(String command) {
		switch (command) {
			case "inspect" -> {
				var binding = this.template.inspect(this.socket);
				return binding.state() + " " + binding.verifiedBy();
			}
			case "deactivate" -> {
				this.template.deactivate(this.socket);
				return "done";
			}
			case "activate" -> {
				this.template.activate(this.socket);
				return "done";
			}
			case "receive" -> {
				AtomicInteger received = new AtomicInteger();
				this.socket.await(Duration.ofSeconds(20));
				this.socket.receive((packet) -> received.addAndGet(packet.length()), 1);
				return received + " bytes";
			}
			default -> throw new IllegalArgumentException(command);
		}
	}

	/**
	 * Start the application, and print READY.
	 * @param args properties
	 * @throws IOException when standard input cannot be read
	 */
	public static void main(String[] args) throws IOException {
		try (ConfigurableApplicationContext context = SpringApplication.run(Configuration.class, args);
				BufferedReader commands = new BufferedReader(new InputStreamReader(System.in))) {
			RightsApplication application = new RightsApplication(context);
			System.out.println("> READY");
			String command = commands.readLine();
			while (command != null) {
				System.out.println("> " + application.answer(command));
				command = commands.readLine();
			}
		}
	}

	@EnableAutoConfiguration
	static class Configuration {

	}

}
