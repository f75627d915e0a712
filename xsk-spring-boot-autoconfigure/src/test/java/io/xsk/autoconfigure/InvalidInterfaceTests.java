package io.xsk.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.diagnostics.FailureAnalysis;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what is refused of the properties of interfaces, with the property's name and
 * the next step before the first system call.
 */
class InvalidInterfaceTests {

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|',
			textBlock = """
					interface key with a dot, empty      | xsk.interfaces.eth0.100      | '-'             | xsk.interfaces.eth0.100=
					interface key with a dot             | xsk.interfaces.eth0.100.name | part of the key | xsk.interfaces.eth0.100.name=eth0.100; xsk.interfaces.eth0.100.redirect.udp-ports=53
					interface key with a dot in brackets | xsk.interfaces               | 'name'          | xsk.interfaces[eth0.100].name=eth0.100
					interface key with a bracketed dot   | xsk.interfaces               | 'name'          | xsk.interfaces.[eth0.100].name=eth0.100
					interface key that is a placeholder  | xsk.interfaces               | 'name'          | xsk.interfaces.${NIC}.name=eth0
					interface key with an underscore     | xsk.interfaces               | 'name'          | xsk.interfaces.my_if.name=eth0
					socket name with an underscore       | xsk.sockets                  | digits          | xsk.sockets.my_dns.interface=wan
					empty interface                      | xsk.interfaces.lan           | empty           | xsk.interfaces.lan=
					""")
	void keysThatTheBinderBends(String what, String property, String advice, String changes) {
		Refusals.assertRefused(property, advice, changes);
	}

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|',
			textBlock = """
					two keys with one kernel name    | xsk.interfaces.lan.name               | xsk.interfaces.wan | xsk.interfaces.lan.name=nosuchif0; xsk.interfaces.lan.redirect.udp-ports=54
					two maps pinned to one path      | xsk.interfaces.lan.map.pin-path       | xsk.interfaces.wan | xsk.interfaces.wan.map.pin-path=/sys/fs/bpf/a; xsk.interfaces.lan.map.pin-path=/sys/fs/bpf/a; xsk.interfaces.lan.redirect.udp-ports=54
					interface that nothing uses      | xsk.interfaces.lan                    | [wan]              | xsk.interfaces.lan.name=eth1
					no rule                          | xsk.interfaces.wan.redirect           | udp-ports=53       | xsk.interfaces.wan.redirect.udp-ports=
					map without entries              | xsk.interfaces.wan.map.max-entries    | 1 to 65536         | xsk.interfaces.wan.map.max-entries=0
					map with too many entries        | xsk.interfaces.wan.map.max-entries    | 1 to 65536         | xsk.interfaces.wan.map.max-entries=65537
					negative descriptor of a program | xsk.interfaces.lan.program.descriptor | 3 or higher        | xsk.interfaces.lan.program.descriptor=-1
					two programs                     | xsk.interfaces.lan.program.descriptor | one of the two     | xsk.interfaces.lan.program.descriptor=7; xsk.interfaces.lan.program.pinned-path=/sys/fs/bpf/theirs
					""")
	void interfacesThatCannotWork(String what, String property, String advice, String changes) {
		Refusals.assertRefused(property, advice, changes);
	}

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|',
			textBlock = """
					redirect beside map.pinned-path            | xsk.interfaces.lan.redirect        | or xsk.interfaces.lan.map.pinned-path     | xsk.interfaces.lan.map.pinned-path=/sys/fs/bpf/theirs; xsk.interfaces.lan.redirect.udp-ports=53
					map.max-entries beside map.pinned-path     | xsk.interfaces.lan.map.max-entries | or xsk.interfaces.lan.map.pinned-path     | xsk.interfaces.lan.map.pinned-path=/sys/fs/bpf/theirs; xsk.interfaces.lan.map.max-entries=4
					map.pin-path beside map.pinned-path        | xsk.interfaces.lan.map.pin-path    | or xsk.interfaces.lan.map.pinned-path     | xsk.interfaces.lan.map.pinned-path=/sys/fs/bpf/theirs; xsk.interfaces.lan.map.pin-path=/sys/fs/bpf/mine
					redirect beside program.pinned-path        | xsk.interfaces.lan.redirect        | or xsk.interfaces.lan.program.pinned-path | xsk.interfaces.lan.program.pinned-path=/sys/fs/bpf/theirs; xsk.interfaces.lan.redirect.udp-ports=53
					map.max-entries beside program.pinned-path | xsk.interfaces.lan.map.max-entries | or xsk.interfaces.lan.program.pinned-path | xsk.interfaces.lan.program.pinned-path=/sys/fs/bpf/theirs; xsk.interfaces.lan.map.max-entries=4
					map.pin-path beside program.pinned-path    | xsk.interfaces.lan.map.pin-path    | or xsk.interfaces.lan.program.pinned-path | xsk.interfaces.lan.program.pinned-path=/sys/fs/bpf/theirs; xsk.interfaces.lan.map.pin-path=/sys/fs/bpf/mine
					redirect beside program.descriptor         | xsk.interfaces.lan.redirect        | or xsk.interfaces.lan.program.descriptor  | xsk.interfaces.lan.program.descriptor=7; xsk.interfaces.lan.redirect.udp-ports=53
					map.max-entries beside program.descriptor  | xsk.interfaces.lan.map.max-entries | or xsk.interfaces.lan.program.descriptor  | xsk.interfaces.lan.program.descriptor=7; xsk.interfaces.lan.map.max-entries=4
					map.pin-path beside program.descriptor     | xsk.interfaces.lan.map.pin-path    | or xsk.interfaces.lan.program.descriptor  | xsk.interfaces.lan.program.descriptor=7; xsk.interfaces.lan.map.pin-path=/sys/fs/bpf/mine
					""")
	void whatIsForOursBesideWhatIsTheirs(String what, String property, String advice, String changes) {
		Refusals.assertRefused(property, advice, changes);
	}

	@Test
	void anEntryThatIsWrongAsAWholeIsShownWithTheOriginOfItsFirstProperty() {
		FailureAnalysis analysis = Refusals.analyze("""
				xsk:
				  interfaces:
				    wan:
				      redirect:
				        udp-ports: 53
				    lan:
				      attach-mode: generic
				  sockets:
				    dns:
				      interface: wan
				""");
		assertThat(analysis.getDescription()).contains("'xsk.interfaces.lan'", "application.yml", "7:20");
	}

}
