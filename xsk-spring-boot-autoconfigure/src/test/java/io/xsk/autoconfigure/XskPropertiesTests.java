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
import io.xsk.core.XskInterfaceConfig;
import io.xsk.core.XskSocketConfig;
import io.xsk.kernel.Kernel;
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
		assertThat(config.rules().udpPorts()).hasToString("[53, 9000-9100]");
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

	static Stream<Arguments> badInput() {
		return Stream.of(
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
		return new XskPropertiesMapper(Binder.get(environment).bindOrCreate("xsk", XskProperties.class), 4096,
				List.of());
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
