package io.xsk.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.diagnostics.FailureAnalysis;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what is refused of the properties of sockets, with the property's name and the
 * next step before the first system call.
 */
class InvalidSocketTests {

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|',
			textBlock = """
					unknown interface key     | xsk.sockets.dns.interface | Did you mean 'wan'                                                  | xsk.sockets.dns.interface=wam
					no interface key          | xsk.sockets.ntp.interface | Name the key of an interface under xsk.interfaces; there are: [wan] | xsk.sockets.ntp.queues=3
					queue 65536               | xsk.sockets.dns.queues    | 65535                                                               | xsk.sockets.dns.queues=65536
					negative queue            | xsk.sockets.dns.queues    | 0-3,7                                                               | xsk.sockets.dns.queues=-1
					malformed range           | xsk.sockets.dns.queues    | 0-3,7                                                               | xsk.sockets.dns.queues=0..3
					backward range            | xsk.sockets.dns.queues    | 0-3                                                                 | xsk.sockets.dns.queues=3-0
					two sockets on one queue  | xsk.sockets.ntp.queues    | 'dns'                                                               | xsk.sockets.dns.queues=0-3; xsk.sockets.ntp.interface=wan; xsk.sockets.ntp.queues=3
					two sockets on all queues | xsk.sockets.ntp.queues    | 'dns'                                                               | xsk.sockets.ntp.interface=wan
					""")
	void interfaceAndQueues(String what, String property, String advice, String changes) {
		Refusals.assertRefused(property, advice, changes);
	}

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|', textBlock = """
			ring size not a power of two  | rx-ring-size         | 1024         | rx-ring-size=1000
			ring size 0                   | tx-ring-size         | power of two | tx-ring-size=0
			negative ring size            | completion-ring-size | power of two | completion-ring-size=-8
			huge ring size                | fill-ring-size       | power of two | fill-ring-size=1073741824
			frame size below 2048         | frame-size           | 2048         | frame-size=1KB
			frame size above the page     | frame-size           | 4096         | frame-size=8KB
			frame size not a power of two | frame-size           | 4096         | frame-size=3000B
			frame size past an int        | frame-size           | 4096         | frame-size=8GB
			negative frame size           | frame-size           | negative     | frame-size=-2KB
			headroom too large            | headroom             | 1792         | headroom=2KB
			negative headroom             | headroom             | negative     | headroom=-1B
			too few frames                | frame-count          | 2048         | frame-count=2047
			UMEM past 2 GiB               | frame-count          | 2 GiB        | frame-count=1048576
			negative bind timeout         | bind-timeout         | negative     | bind-timeout=-1s
			""")
	void sizes(String what, String property, String advice, String changes) {
		Refusals.assertRefused("xsk.sockets.dns." + property, advice, "xsk.sockets.dns." + changes);
	}

	@Test
	void whatIsRefusedIsShownAsItWasWrittenAndWithItsOrigin() {
		FailureAnalysis analysis = Refusals.analyze("""
				xsk:
				  interfaces:
				    wan:
				      redirect:
				        udp-ports: 53
				  sockets:
				    dns:
				      interface: wan
				      frame-size: 8GB
				""");
		assertThat(analysis.getDescription()).contains("'xsk.sockets.dns.frame-size' must not be '8GB'",
				"application.yml", "9:19");
	}

	@Test
	void aDefaultIsNotShownAsIfItHadBeenWritten() {
		FailureAnalysis analysis = Refusals.analyze("""
				xsk:
				  interfaces:
				    wan:
				      redirect:
				        udp-ports: 53
				  sockets:
				    dns:
				      interface: wan
				    ntp:
				      interface: wan
				""");
		assertThat(analysis.getDescription()).isEqualTo("Property 'xsk.sockets.ntp.queues' is missing.");
		assertThat(analysis.getAction()).contains("'dns' on the same interface has queue 0 too",
				"one socket take the packets of both", "An environment variable");
	}

}
