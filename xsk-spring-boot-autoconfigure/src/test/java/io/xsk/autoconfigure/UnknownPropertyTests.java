package io.xsk.autoconfigure;

import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what is said of names under {@code xsk} that nothing reads: the start fails
 * with the nearest right one, and what the environment has is told in the log, since it
 * is not ours alone.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnknownPropertyTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class));

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			xsk.interface.wan.name=eth1                       | Did you mean 'interfaces'?
			xsk.socket.dns.interface=wan                      | Did you mean 'sockets'?
			xsk.activations.policy=replace                    | Did you mean 'activation'?
			xsk.enable=false                                  | Did you mean 'enabled'?
			xsk.interfaces.wan.atach-mode=native              | Did you mean 'attach-mode'?
			xsk.interfaces.wan.redirect.udp-port=53           | Did you mean 'udp-ports'?
			xsk.interfaces.wan.redirect.rules[0].destination-prt=53 | Did you mean 'destination-port'?
			xsk.interfaces.wan.redirect.udp-ports.first=53    | nothing below it
			xsk.sockets.dns.frame-sze=2KB                     | Did you mean 'frame-size'?
			xsk.sockets.dns.interface-key=wan                 | Did you mean 'interface'?
			xsk.sockets.dns.busy-poll.bugdet=1                | Did you mean 'budget'?
			xsk.sockets.dns.listener.batchsize-max=1          | Did you mean 'batch-size'?
			xsk.listener.idle-stratagy=spin                   | Did you mean 'idle-strategy'?
			xsk.template.timeout=1s                           | Did you mean 'send-timeout'?
			""")
	void aMisspeltPropertyFailsTheStartWithTheNearest(String property, String advice) {
		Refusals.assertRefused(property.substring(0, property.indexOf('=')), advice, property);
	}

	@Test
	void onlyTheNamesOfThatLevelAreListed() {
		FailureAnalysis analysis = Refusals.analyze("""
				xsk:
				  activation:
				    phases: 1
				""");
		assertThat(analysis.getAction()).isEqualTo(
				"Nothing under 'xsk.activation' is called 'phases'. Did you mean 'phase'? There are: policy, auto-startup, phase.");
	}

	@Test
	void allOfThemAreToldAtOnceWithTheirOrigins() {
		FailureAnalysis analysis = Refusals.analyze("""
				xsk:
				  socket:
				    dns:
				      interface: wan
				  listener:
				    batchsizes: 3
				""");
		assertThat(analysis.getDescription().lines()).hasSize(4)
			.anyMatch((line) -> line.equals("Property 'xsk.socket.dns.interface' is unknown."))
			.anyMatch((line) -> line.equals("Property 'xsk.listener.batchsizes' is unknown."))
			.anyMatch((line) -> line.matches("    Origin: .*application.yml.* - 4:18"))
			.anyMatch((line) -> line.matches("    Origin: .*application.yml.* - 6:17"));
		assertThat(analysis.getAction().lines()).hasSize(2);
	}

	@Test
	void theyAreToldAlsoWhenTheSocketsAreSwitchedOff() {
		Refusals.assertRefused("xsk.socket.dns.interface", "Did you mean 'sockets'?",
				"xsk.enabled=false; xsk.socket.dns.interface=wan");
	}

	@ParameterizedTest
	@CsvSource({ "XSK_LISTENER_IDLE, IDLESTRATEGY", "XSK_SOCKETS_DNS_FRAMECOUNTS, FRAMECOUNT",
			"XSK_INTERFACES_WAN_REDIRECT_UDPPORT, UDPPORTS", "XSK_SOCKETS_MY_DNS_INTERFACE, INTERFACE",
			"XSK_SOCKET_DNS_INTERFACE, SOCKETS", "XSK_ENABLE, ENABLED" })
	void anEnvironmentVariableThatNothingReadsIsToldWithoutItsValue(String variable, String right,
			CapturedOutput output) {
		variables(Map.of(variable, "secret")).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output.getAll().lines().filter((line) -> line.contains("WARN"))).singleElement()
			.asString()
			.contains("The environment variable %s is set. Nothing reads it".formatted(variable))
			.containsPattern("(Did you mean '%1$s'|There are: .*%1$s)".formatted(right))
			.doesNotContain("secret");
	}

	@ParameterizedTest
	@ValueSource(strings = { "XSK_HOME", "XSK_OPTS", "XSKETCH_SOCKETS", "XSK", "XSK_", "MY_XSK_SOCKETS_DNS_X" })
	void aVariableOfSomebodyElsesIsLeftAlone(String variable, CapturedOutput output) {
		variables(Map.of(variable, "1")).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("WARN");
	}

	@Test
	void allThatIsReadFromVariablesIsKnown(CapturedOutput output) {
		variables(Map.ofEntries(Map.entry("XSK_ENABLED", "false"), Map.entry("XSK_INTERFACES_WAN_NAME", "eth1"),
				Map.entry("XSK_INTERFACES_WAN_ATTACH_MODE", "generic"),
				Map.entry("XSK_INTERFACES_WAN_REDIRECT_UDP_PORTS", "53,9000-9100"),
				Map.entry("XSK_INTERFACES_WAN_REDIRECT_TCPPORTS_0", "53"),
				Map.entry("XSK_INTERFACES_WAN_REDIRECT_RULES_0_DESTINATIONPORT_0", "54"),
				Map.entry("XSK_INTERFACES_WAN_MAP_MAXENTRIES", "4"), Map.entry("XSK_SOCKETS_DNS_INTERFACE", "wan"),
				Map.entry("XSK_SOCKETS_DNS_FRAMECOUNT", "4096"), Map.entry("XSK_SOCKETS_DNS_BUSYPOLL_BUDGET", "8"),
				Map.entry("XSK_SOCKETS_DNS_LISTENER_DRAINTIMEOUT", "1s"),
				Map.entry("XSK_LISTENER_IDLESTRATEGY", "spin"), Map.entry("XSK_TEMPLATE_SENDTIMEOUT", "1s"),
				Map.entry("XSK_ACTIVATION_AUTOSTARTUP", "false")))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				XskProperties properties = context.getBean(XskProperties.class);
				assertThat(properties.interfaces().get("wan").redirect().udpPorts()).containsExactly("53", "9000-9100");
				assertThat(properties.sockets().get("dns").frameCount()).isEqualTo(4096);
			});
		assertThat(output).doesNotContain("WARN");
	}

	@Test
	void aSystemPropertyThatNothingReadsIsTold(CapturedOutput output) {
		this.runner.withSystemProperties("xsk.listener.batchsizes=3", "xsk.listener.batchSize=3")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output.getAll().lines().filter((line) -> line.contains("WARN"))).singleElement()
			.asString()
			.contains("The system property xsk.listener.batchsizes is set. Nothing under 'xsk.listener'",
					"Did you mean 'batch-size'?");
	}

	@ParameterizedTest
	@ValueSource(strings = { "XSK_INTERFACES_VETHA_NAME=nosuchif0;XSK_INTERFACES_VETHA_REDIRECT_UDPPORTS=53",
			"XSK_SOCKETS_MYDNS_INTERFACE=veth-A" })
	void aVariableThatMakesATwinOfAKeyIsFoundOut(String variables) {
		Map<String, Object> source = new TreeMap<>();
		for (String variable : variables.split(";")) {
			source.put(variable.substring(0, variable.indexOf('=')), variable.substring(variable.indexOf('=') + 1));
		}
		variables(source)
			.withPropertyValues("xsk.interfaces.veth-A.name=nosuchif0", "xsk.interfaces.veth-A.redirect.udp-ports=53",
					"xsk.sockets.my-dns.interface=veth-A")
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining("An environment variable such as XSK_SOCKETS_DNS_QUEUES meets a key of lower-case"
						+ " letters and digits alone"));
	}

	private ApplicationContextRunner variables(Map<String, Object> variables) {
		return this.runner.withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables)));
	}

}
