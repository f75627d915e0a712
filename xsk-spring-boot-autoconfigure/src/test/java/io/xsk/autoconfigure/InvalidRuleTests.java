package io.xsk.autoconfigure;

import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests of what is refused of the properties of redirect rules, with the property's name
 * and the next step before the first system call.
 */
class InvalidRuleTests {

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|',
			textBlock = """
					destinations alone                      | destinations | tcp-ports    | udp-ports=; destinations=192.0.2.1
					destination that is a name              | destinations | 192.0.2.0/24 | destinations=localhost
					destination with bits behind the prefix | destinations | 192.0.2.0/24 | destinations=192.0.2.1/24
					prefix too long                         | destinations | 0 to 32      | destinations=192.0.2.1/33
					TCP port 0                              | tcp-ports    | 65535        | tcp-ports=0
					port 0                                  | udp-ports    | 65535        | udp-ports=0
					port 65536                              | udp-ports    | 65535        | udp-ports=53,65536
					port range to 65536                     | udp-ports    | 65535        | udp-ports=65000-65536
					port that is a name                     | udp-ports    | 'domain' | udp-ports=domain
					backward port range                     | udp-ports    | 9000-9100    | udp-ports=9100-9000
					ports beside all                        | udp-ports    | leave out    | all=true
					rules beside all                        | rules        | leave out    | udp-ports=; all=true; rules[0].protocol=udp
					""")
	void shortForms(String what, String property, String advice, String changes) {
		String redirect = "xsk.interfaces.wan.redirect.";
		Refusals.assertRefused(redirect + property, advice,
				Stream.of(changes.split(";"))
					.map(String::strip)
					.map(redirect::concat)
					.collect(Collectors.joining(";")));
	}

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|',
			textBlock = """
					rule without a field     | rules[0]             | at least one field | rules[0].name=nothing
					exceptions alone         | rules                | except             | udp-ports=; rules[0].protocol=udp; rules[0].except=true
					two rules of one name    | rules[1].name        | its own            | rules[0].protocol=udp; rules[0].name=a; rules[1].protocol=tcp; rules[1].name=a
					name of the short forms  | rules[0].name        | udp-ports          | rules[0].protocol=tcp; rules[0].name=redirect
					unknown protocol         | rules[0].protocol    | 'udp'              | rules[0].protocol=udq
					protocol 256             | rules[0].protocol    | 0 to 255           | rules[0].protocol=256
					EtherType of a length    | rules[0].ether-type  | 1536               | rules[0].ether-type=1500
					unknown EtherType        | rules[0].ether-type  | 'ipv6'             | rules[0].ether-type=ip6
					VLAN 4096                | rules[0].vlan        | 4095               | rules[0].vlan=4096
					ICMP type that is a name | rules[0].icmp-type   | 0 to 255           | rules[0].icmp-type=echo
					source port 70000        | rules[0].source-port | 65535              | rules[0].source-port=70000
					""")
	void rules(String what, String property, String advice, String changes) {
		String redirect = "xsk.interfaces.wan.redirect.";
		Refusals.assertRefused(redirect + property, advice,
				Stream.of(changes.split(";"))
					.map(String::strip)
					.map(redirect::concat)
					.collect(Collectors.joining(";")));
	}

}
