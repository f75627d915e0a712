package io.xsk.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.xsk.XskException;
import io.xsk.test.VethPair;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What tests of application contexts with listeners share.
 */
abstract class AbstractListenerContextTests {

	static final Duration TIMEOUT = Duration.ofSeconds(20);

	final List<String> calls = Collections.synchronizedList(new ArrayList<>());

	final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class, XskListenerAutoConfiguration.class,
				XskHealthContributorAutoConfiguration.class));

	/** An interface that does not exist: whoever looks for it has come too far. */
	final ApplicationContextRunner configured() {
		return this.runner.withPropertyValues("xsk.interfaces.wan.name=nosuchif0",
				"xsk.interfaces.wan.redirect.udp-ports=9000", "xsk.sockets.dns.interface=wan",
				"xsk.sockets.dns.queues=0", "xsk.sockets.large.interface=wan", "xsk.sockets.large.queues=1",
				"xsk.sockets.large.multi-buffer=true", "xsk.sockets.out.interface=wan", "xsk.sockets.out.queues=2",
				"xsk.sockets.out.direction=send");
	}

	/** An interface that is there, and a list for listeners to note their calls in. */
	final ApplicationContextRunner on(VethPair veth) {
		return this.runner.withBean("calls", List.class, () -> this.calls)
			.withPropertyValues("xsk.interfaces.wan.name=" + veth.name(), "xsk.interfaces.wan.redirect.udp-ports=9000",
					"xsk.sockets.dns.interface=wan");
	}

	final void awaitCall(String call) {
		await().atMost(TIMEOUT).untilAsserted(() -> assertThat(this.calls).contains(call));
	}

	static void assertFails(ApplicationContextRunner runner, String... messages) {
		runner.run((context) -> {
			assertThat(context).hasFailed();
			XskException failure = cause(context.getStartupFailure());
			assertThat(new XskFailureAnalyzer(new StandardEnvironment()).analyze(context.getStartupFailure()))
				.satisfies((analysis) -> {
					assertThat(analysis.getDescription()).isEqualTo(failure.getDescription());
					assertThat(analysis.getAction()).isEqualTo(failure.getAction());
				});
			assertThat(failure.getMessage()).contains(messages);
		});
	}

	static XskException cause(Throwable failure) {
		Throwable cause = failure;
		while (!(cause instanceof XskException)) {
			cause = cause.getCause();
		}
		return (XskException) cause;
	}

}
