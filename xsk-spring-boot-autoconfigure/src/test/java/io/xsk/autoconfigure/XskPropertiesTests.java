package io.xsk.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.xsk.XskException;
import io.xsk.bpf.AttachMode;
import io.xsk.kernel.Kernel;
import io.xsk.rule.EmptySlot;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.socket.Direction;
import io.xsk.socket.ZeroCopy;
import io.xsk.test.FaultInjectingKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.MutuallyExclusiveConfigurationPropertiesException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link XskProperties}, {@link XskPropertiesMapper} and
 * {@link XskPropertyNames}: what is understood, and that everything else is refused with
 * the property's name and the next step before the first system call.
 */
class XskPropertiesTests {

	private static final String[] VALID = { "xsk.interfaces.wan.name=nosuchif0",
			"xsk.interfaces.wan.redirect.udp-ports=53", "xsk.sockets.dns.interface=wan" };

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class))
		.withBean(Kernel.class, () -> this.kernel);

	@Test
	void defaultsAreThoseOfTheContract() {
		XskPropertiesMapper mapper = mapper("""
				xsk:
				  interfaces:
				    eth7:
				      redirect:
				        udp-ports: [53, "9000-9100"]
				  sockets:
				    dns:
				      interface: eth7
				""");
		XskInterfaceConfig config = mapper.interfaces().get(0);
		assertThat(config.key()).isEqualTo("eth7");
		assertThat(config.name()).isEqualTo("eth7");
		assertThat(config.attachMode()).isEqualTo(AttachMode.AUTO);
		assertThat(config.rules().rules().get(0).udpPorts()).hasToString("[53, 9000-9100]");
		assertThat(config.maxEntries()).isNull();
		XskSocketConfig socket = mapper.sockets().get(0);
		assertThat(socket.queues()).hasToString("all");
		assertThat(socket.frameSizeByMtu()).isTrue();
		assertThat(socket.xsk().direction()).isEqualTo(Direction.BOTH);
		assertThat(socket.xsk().frameCount()).isEqualTo(2048);
		assertThat(socket.xsk().headroom()).isZero();
		assertThat(socket.xsk().hugePages()).isFalse();
		assertThat(socket.xsk().rxRingSize()).isEqualTo(1024);
		assertThat(socket.xsk().fillRingSize()).isEqualTo(1024);
		assertThat(socket.xsk().zeroCopy()).isEqualTo(ZeroCopy.PREFER);
		assertThat(socket.xsk().multiBuffer()).isFalse();
		assertThat(socket.xsk().bindTimeout()).hasSeconds(2);
	}

	@Test
	void everyPropertyOfTheContractIsUnderstood() {
		XskPropertiesMapper mapper = mapper("""
				xsk:
				  enabled: true
				  interfaces:
				    wan:
				      name: eth0.100
				      attach-mode: generic
				      redirect:
				        all: true
				      map:
				        max-entries: 64
				        pin-path: /sys/fs/bpf/xsks
				    lan:
				      name: eth1
				      map:
				        pinned-path: /sys/fs/bpf/theirs
				  sockets:
				    dns:
				      interface: wan
				      queues: 0-3,7
				      direction: receive
				      frame-size: 4KB
				      frame-count: 4096
				      headroom: 64B
				      huge-pages: true
				      rx-ring-size: 2048
				      tx-ring-size: 512
				      fill-ring-size: 4096
				      completion-ring-size: 256
				      zero-copy: forbid
				      multi-buffer: true
				      bind-timeout: 500ms
				  activation:
				    policy: exclusive
				    auto-startup: false
				    phase: 12
				""");
		List<XskInterfaceConfig> configs = mapper.interfaces();
		assertThat(configs.get(0).name()).isEqualTo("eth0.100");
		assertThat(configs.get(0).rules().isAll()).isTrue();
		assertThat(configs.get(0).maxEntries()).isEqualTo(64);
		assertThat(configs.get(0).pinPath()).hasToString("/sys/fs/bpf/xsks");
		assertThat(configs.get(1).rules()).isNull();
		assertThat(configs.get(1).pinnedPath()).hasToString("/sys/fs/bpf/theirs");
		XskSocketConfig socket = mapper.sockets().get(0);
		assertThat(socket.queues()).hasToString("0-3,7");
		assertThat(socket.frameSizeByMtu()).isFalse();
		assertThat(socket.xsk()).hasToString("XdpSocketConfig[direction=RECEIVE, frameSize=4096, frameCount=4096,"
				+ " headroom=64, hugePages=true, rxRingSize=2048, txRingSize=512, fillRingSize=4096,"
				+ " completionRingSize=256, zeroCopy=FORBID, multiBuffer=true, bindTimeout=PT0.5S, leakListener=null]");
	}

	@Test
	void everyFieldOfARuleIsUnderstood() {
		RedirectRules rules = mapper("""
				xsk:
				  interfaces:
				    wan:
				      redirect:
				        udp-ports: [53, "9000-9100"]
				        tcp-ports: 853
				        destinations: [192.0.2.1, "2001:db8::/32"]
				        on-empty-slot: drop
				        rules:
				          - name: quic
				            protocol: udp
				            destination-port: 443
				            destination: 198.51.100.0/24
				            inside: [gre, ipip]
				            fragments: first
				          - ether-type: [lldp, 0x88f7, 34958]
				            vlan: [7, 9]
				          - name: not me
				            source: 203.0.113.9
				            source-port: 1024-65535
				            except: true
				          - name: ping
				            protocol: [icmp, 58]
				            icmp-type: [8, 128]
				  sockets:
				    dns:
				      interface: wan
				""").interfaces().get(0).rules();
		assertThat(rules.onEmptySlot()).isEqualTo(EmptySlot.DROP);
		assertThat(rules.rules()).extracting(RedirectRule::name)
			.containsExactly("redirect", "quic", "rule-2", "not me", "ping");
		assertThat(rules.rules()).extracting(RedirectRule::toString)
			.containsExactly("to 192.0.2.1, 2001:db8:0:0:0:0:0:0/32 UDP ports 53, 9000-9100 or TCP port 853",
					"to 198.51.100.0/24 protocol 17 port 443 also inside GRE, IPIP with first fragments",
					"EtherType 0x888e, 0x88cc, 0x88f7 VLAN 7, 9", "except from 203.0.113.9 source ports 1024-65535",
					"protocol 1, 58 ICMP type 8, 128");
	}

	@Test
	void somebodyElsesProgramIsUnderstood() {
		XskPropertiesMapper mapper = mapper("""
				xsk:
				  interfaces:
				    wan:
				      program:
				        pinned-path: /sys/fs/bpf/program
				      map:
				        pinned-path: /sys/fs/bpf/map
				    lan:
				      program:
				        descriptor: 7
				  sockets:
				    dns:
				      interface: wan
				""");
		assertThat(mapper.interfaces().get(0).program()).hasToString("the XDP program pinned at /sys/fs/bpf/program");
		assertThat(mapper.interfaces().get(0).pinnedPath()).hasToString("/sys/fs/bpf/map");
		assertThat(mapper.interfaces().get(1).program()).hasToString("the XDP program with descriptor 7");
	}

	@Test
	void somebodyElsesProgramExcludesWhatOnlyOursCanHave() {
		for (String own : List.of("redirect.udp-ports=53", "map.max-entries=4", "map.pin-path=/sys/fs/bpf/mine",
				"program.descriptor=7")) {
			this.runner
				.withPropertyValues("xsk.interfaces.wan.program.pinned-path=/sys/fs/bpf/theirs",
						"xsk.interfaces.wan." + own, "xsk.sockets.dns.interface=wan")
				.run((context) -> assertThat(context).hasFailed()
					.getFailure()
					.rootCause()
					.isInstanceOf(MutuallyExclusiveConfigurationPropertiesException.class)
					.hasMessageContaining("xsk.interfaces.wan.program.pinned-path"));
		}
		assertThat(this.kernel.calls()).isEmpty();
	}

	static Stream<Arguments> badInput() {
		String rules = "xsk.interfaces.wan.redirect.rules";
		return Stream.of(
				bad("destinations alone", "xsk.interfaces.wan.redirect.destinations", "tcp-ports",
						"xsk.interfaces.wan.redirect.udp-ports=", "xsk.interfaces.wan.redirect.destinations=192.0.2.1"),
				bad("destination that is a name", "xsk.interfaces.wan.redirect.destinations", "192.0.2.0/24",
						"xsk.interfaces.wan.redirect.destinations=localhost"),
				bad("destination with bits behind the prefix", "xsk.interfaces.wan.redirect.destinations",
						"192.0.2.0/24", "xsk.interfaces.wan.redirect.destinations=192.0.2.1/24"),
				bad("prefix too long", "xsk.interfaces.wan.redirect.destinations", "0 to 32",
						"xsk.interfaces.wan.redirect.destinations=192.0.2.1/33"),
				bad("rules beside all", rules, "leave out", "xsk.interfaces.wan.redirect.udp-ports=",
						"xsk.interfaces.wan.redirect.all=true", rules + "[0].protocol=udp"),
				bad("TCP port 0", "xsk.interfaces.wan.redirect.tcp-ports", "65535",
						"xsk.interfaces.wan.redirect.tcp-ports=0"),
				bad("rule without a field", rules + "[0]", "at least one field", rules + "[0].name=nothing"),
				bad("exceptions alone", rules, "except", "xsk.interfaces.wan.redirect.udp-ports=",
						rules + "[0].protocol=udp", rules + "[0].except=true"),
				bad("two rules of one name", rules + "[1].name", "its own", rules + "[0].protocol=udp",
						rules + "[0].name=a", rules + "[1].protocol=tcp", rules + "[1].name=a"),
				bad("rule with the name of the short forms", rules + "[0].name", "udp-ports",
						rules + "[0].protocol=tcp", rules + "[0].name=redirect"),
				bad("unknown protocol", rules + "[0].protocol", "'udp'", rules + "[0].protocol=udq"),
				bad("protocol 256", rules + "[0].protocol", "0 to 255", rules + "[0].protocol=256"),
				bad("EtherType of a length", rules + "[0].ether-type", "1536", rules + "[0].ether-type=1500"),
				bad("unknown EtherType", rules + "[0].ether-type", "'ipv6'", rules + "[0].ether-type=ip6"),
				bad("VLAN 4096", rules + "[0].vlan", "4095", rules + "[0].vlan=4096"),
				bad("ICMP type that is a name", rules + "[0].icmp-type", "0 to 255", rules + "[0].icmp-type=echo"),
				bad("source port 70000", rules + "[0].source-port", "65535", rules + "[0].source-port=70000"),
				bad("misspelt field of a rule", rules + "[0].destination-prt", "'destination-port'",
						rules + "[0].destination-prt=53"),
				bad("negative descriptor of a program", "xsk.interfaces.lan.program.descriptor", "3 or higher",
						"xsk.interfaces.lan.program.descriptor=-1"),
				bad("interface key with a dot", "xsk.interfaces.eth0.100.name", "'-'",
						"xsk.interfaces.eth0.100.name=eth0.100", "xsk.interfaces.eth0.100.redirect.udp-ports=53"),
				bad("interface key with a dot, alone", "xsk.interfaces.eth0.100", "'-'", "xsk.interfaces.eth0.100="),
				bad("interface key with a dot in brackets", "eth0.100", "'name'",
						"xsk.interfaces[eth0.100].name=eth0.100"),
				bad("interface key with a bracketed dot", "eth0.100", "'name'",
						"xsk.interfaces.[eth0.100].name=eth0.100"),
				bad("interface key that is a placeholder", "${NIC}", "'name'", "xsk.interfaces.${NIC}.name=eth0"),
				bad("interface key with an underscore", "my_if", "'name'", "xsk.interfaces.my_if.name=eth0"),
				bad("socket name with an underscore", "my_dns", "digits", "xsk.sockets.my_dns.interface=wan"),
				bad("two keys with one kernel name", "xsk.interfaces.lan.name", "xsk.interfaces.wan",
						"xsk.interfaces.lan.name=nosuchif0", "xsk.interfaces.lan.redirect.udp-ports=54"),
				bad("two maps pinned to one path", "xsk.interfaces.lan.map.pin-path", "xsk.interfaces.wan",
						"xsk.interfaces.wan.map.pin-path=/sys/fs/bpf/a",
						"xsk.interfaces.lan.map.pin-path=/sys/fs/bpf/a", "xsk.interfaces.lan.name=eth1",
						"xsk.interfaces.lan.redirect.udp-ports=54"),
				bad("interface that binds to nothing", "xsk.interfaces.lan", "[wan]", "xsk.interfaces.lan.name=eth1"),
				bad("empty interface", "xsk.interfaces.lan", "empty", "xsk.interfaces.lan="),
				bad("misspelt property of a socket", "xsk.sockets.dns.frame-sze", "'frame-size'",
						"xsk.sockets.dns.frame-sze=2KB"),
				bad("misspelt property of an interface", "xsk.interfaces.wan.atach-mode", "'attach-mode'",
						"xsk.interfaces.wan.atach-mode=native"),
				bad("misspelt property at the top", "xsk.activations.policy", "Did you mean",
						"xsk.activations.policy=replace"),
				bad("unknown interface key", "xsk.sockets.dns.interface", "Did you mean 'wan'",
						"xsk.sockets.dns.interface=wam"),
				bad("no interface key", "xsk.sockets.ntp.interface", "wan", "xsk.sockets.ntp.queues=3"),
				bad("no rule", "xsk.interfaces.wan.redirect", "udp-ports=53", "xsk.interfaces.wan.redirect.udp-ports="),
				bad("port 0", "xsk.interfaces.wan.redirect.udp-ports", "65535",
						"xsk.interfaces.wan.redirect.udp-ports=0"),
				bad("port 65536", "xsk.interfaces.wan.redirect.udp-ports", "65535",
						"xsk.interfaces.wan.redirect.udp-ports=53,65536"),
				bad("port range to 65536", "xsk.interfaces.wan.redirect.udp-ports", "65535",
						"xsk.interfaces.wan.redirect.udp-ports=65000-65536"),
				bad("port that is a name", "xsk.interfaces.wan.redirect.udp-ports", "domain",
						"xsk.interfaces.wan.redirect.udp-ports=domain"),
				bad("backward port range", "xsk.interfaces.wan.redirect.udp-ports", "9100-9000",
						"xsk.interfaces.wan.redirect.udp-ports=9100-9000"),
				bad("ports beside all", "xsk.interfaces.wan.redirect.udp-ports", "leave out",
						"xsk.interfaces.wan.redirect.all=true"),
				bad("queue 65536", "xsk.sockets.dns.queues", "65535", "xsk.sockets.dns.queues=65536"),
				bad("negative queue", "xsk.sockets.dns.queues", "0-3,7", "xsk.sockets.dns.queues=-1"),
				bad("malformed range", "xsk.sockets.dns.queues", "0-3,7", "xsk.sockets.dns.queues=0..3"),
				bad("backward range", "xsk.sockets.dns.queues", "0-3", "xsk.sockets.dns.queues=3-0"),
				bad("two sockets on one queue", "xsk.sockets.ntp.queues", "'dns'", "xsk.sockets.dns.queues=0-3",
						"xsk.sockets.ntp.interface=wan", "xsk.sockets.ntp.queues=3"),
				bad("two sockets on all queues", "xsk.sockets.ntp.queues", "'dns'", "xsk.sockets.ntp.interface=wan"),
				bad("ring size not a power of two", "xsk.sockets.dns.rx-ring-size", "1024",
						"xsk.sockets.dns.rx-ring-size=1000"),
				bad("ring size 0", "xsk.sockets.dns.tx-ring-size", "power of two", "xsk.sockets.dns.tx-ring-size=0"),
				bad("negative ring size", "xsk.sockets.dns.completion-ring-size", "power of two",
						"xsk.sockets.dns.completion-ring-size=-8"),
				bad("huge ring size", "xsk.sockets.dns.fill-ring-size", "power of two",
						"xsk.sockets.dns.fill-ring-size=1073741824"),
				bad("frame size below 2048", "xsk.sockets.dns.frame-size", "2048", "xsk.sockets.dns.frame-size=1KB"),
				bad("frame size above the page", "xsk.sockets.dns.frame-size", "4096",
						"xsk.sockets.dns.frame-size=8KB"),
				bad("frame size not a power of two", "xsk.sockets.dns.frame-size", "4096",
						"xsk.sockets.dns.frame-size=3000B"),
				bad("frame size past an int", "xsk.sockets.dns.frame-size", "4096", "xsk.sockets.dns.frame-size=8GB"),
				bad("negative frame size", "xsk.sockets.dns.frame-size", "negative", "xsk.sockets.dns.frame-size=-2KB"),
				bad("headroom too large", "xsk.sockets.dns.headroom", "1792", "xsk.sockets.dns.headroom=2KB"),
				bad("negative headroom", "xsk.sockets.dns.headroom", "negative", "xsk.sockets.dns.headroom=-1B"),
				bad("too few frames", "xsk.sockets.dns.frame-count", "2048", "xsk.sockets.dns.frame-count=2047"),
				bad("UMEM past 2 GiB", "xsk.sockets.dns.frame-count", "2 GiB", "xsk.sockets.dns.frame-count=1048576"),
				bad("negative bind timeout", "xsk.sockets.dns.bind-timeout", "negative",
						"xsk.sockets.dns.bind-timeout=-1s"),
				bad("map without entries", "xsk.interfaces.wan.map.max-entries", "1 to 65536",
						"xsk.interfaces.wan.map.max-entries=0"),
				bad("map with too many entries", "xsk.interfaces.wan.map.max-entries", "1 to 65536",
						"xsk.interfaces.wan.map.max-entries=65537"));
	}

	private static Arguments bad(String name, String property, String advice, String... properties) {
		return Arguments.of(name, property, advice, properties);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("badInput")
	void badInputIsRefusedBeforeTheFirstSystemCall(String name, String property, String advice, String[] properties) {
		this.runner.withPropertyValues(VALID).withPropertyValues(properties).run((context) -> {
			assertThat(context).hasFailed();
			Throwable failure = context.getStartupFailure();
			while (!(failure instanceof XskException) && failure.getCause() != null) {
				failure = failure.getCause();
			}
			assertThat(failure).isInstanceOf(InvalidXskPropertyException.class);
			FailureAnalysis analysis = new XskFailureAnalyzer(new StandardEnvironment())
				.analyze(context.getStartupFailure());
			assertThat(analysis).isNotNull();
			assertThat(analysis.getDescription() + analysis.getAction()).contains(property).contains(advice);
			assertThat(analysis.getAction()).isNotBlank().endsWith(".").doesNotEndWith("..");
		});
		assertThat(this.kernel.calls()).isEmpty();
	}

	@Test
	void somebodyElsesMapExcludesWhatOnlyOursCanHave() {
		for (String own : List.of("redirect.udp-ports=53", "map.max-entries=4", "map.pin-path=/sys/fs/bpf/mine")) {
			this.runner
				.withPropertyValues("xsk.interfaces.wan.map.pinned-path=/sys/fs/bpf/theirs",
						"xsk.interfaces.wan." + own, "xsk.sockets.dns.interface=wan")
				.run((context) -> assertThat(context).hasFailed()
					.getFailure()
					.rootCause()
					.isInstanceOf(MutuallyExclusiveConfigurationPropertiesException.class)
					.hasMessageContaining("xsk.interfaces.wan.map.pinned-path"));
		}
		assertThat(this.kernel.calls()).isEmpty();
	}

	@Test
	void anEnvironmentVariableThatMeetsNoKeyIsFoundOut() {
		this.runner
			.withPropertyValues("xsk.interfaces.veth-A.redirect.udp-ports=53", "xsk.sockets.dns.interface=veth-A")
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment",
						Map.of("XSK_INTERFACES_VETHA_NAME", "eth1"))))
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.isInstanceOf(InvalidXskPropertyException.class)
				.hasMessageContaining("xsk.interfaces.vetha"));
	}

	@Test
	void aWrongPropertyIsShownWithItsOrigin() {
		StandardEnvironment environment = environment("""
				xsk:
				  interfaces:
				    wan:
				      redirect:
				        udp-ports: 53
				  sockets:
				    dns:
				      interface: wan
				      rx-ring-size: 1000
				""");
		InvalidXskPropertyException failure = new InvalidXskPropertyException("xsk.sockets.dns.rx-ring-size", 1000,
				"It must be a power of two.");
		FailureAnalysis analysis = new XskFailureAnalyzer(environment).analyze(new IllegalStateException(failure));
		assertThat(analysis.getDescription()).contains("xsk.sockets.dns.rx-ring-size", "'1000'", "9:21");
		assertThat(analysis.getAction()).isEqualTo("It must be a power of two.");
	}

	private XskPropertiesMapper mapper(String yaml) {
		StandardEnvironment environment = environment(yaml);
		XskPropertyNames.check(environment);
		return XXX
				List.of(), List.of());
	}

	private static StandardEnvironment environment(String yaml) {
		StandardEnvironment environment = new StandardEnvironment();
		List<PropertySource<?>> sources = new ArrayList<>();
		try {
			sources.addAll(new YamlPropertySourceLoader().load("yaml",
					new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8), "application.yml")));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		sources.forEach(environment.getPropertySources()::addFirst);
		ConfigurationPropertySources.attach(environment);
		return environment;
	}

}
