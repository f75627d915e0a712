package io.xsk.autoconfigure;

import java.util.List;

import io.xsk.bpf.AttachMode;
import io.xsk.rule.EmptySlot;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.XskInterfaceConfig;
import io.xsk.setup.XskSocketConfig;
import io.xsk.socket.Direction;
import io.xsk.socket.ZeroCopy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link XskProperties} and {@link XskPropertiesMapper}: what is understood.
 * What is refused is in {@link InvalidInterfaceTests}, {@link InvalidRuleTests},
 * {@link InvalidSocketTests} and {@link UnknownPropertyTests}.
 */
class XskPropertiesTests {

	private static final String DNS = """
			xsk:
			  interfaces:
			    wan:
			      redirect:
			        udp-ports: 53
			  sockets:
			    dns:
			      interface: wan
			      %s
			""";

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
		XskInterfaceConfig config = mapper.interfaces(List.of()).get(0);
		assertThat(config.key()).isEqualTo("eth7");
		assertThat(config.name()).isEqualTo("eth7");
		assertThat(config.attachMode()).isEqualTo(AttachMode.AUTO);
		assertThat(config.rules().rules().get(0).udpPorts()).hasToString("[53, 9000-9100]");
		assertThat(config.maxEntries()).isNull();
		XskSocketConfig socket = mapper.sockets(List.of()).get(0);
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
		List<XskInterfaceConfig> configs = mapper.interfaces(List.of());
		assertThat(configs.get(0).name()).isEqualTo("eth0.100");
		assertThat(configs.get(0).rules().isAll()).isTrue();
		assertThat(configs.get(0).maxEntries()).isEqualTo(64);
		assertThat(configs.get(0).pinPath()).hasToString("/sys/fs/bpf/xsks");
		assertThat(configs.get(1).rules()).isNull();
		assertThat(configs.get(1).pinnedPath()).hasToString("/sys/fs/bpf/theirs");
		XskSocketConfig socket = mapper.sockets(List.of()).get(0);
		assertThat(socket.queues()).hasToString("0-3,7");
		assertThat(socket.frameSizeByMtu()).isFalse();
		assertThat(socket.xsk())
			.hasToString("XdpSocketConfig[name=null, direction=RECEIVE, frameSize=4096, frameCount=4096,"
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
				""").interfaces(List.of()).get(0).rules();
		assertThat(rules.onEmptySlot()).isEqualTo(EmptySlot.DROP);
		assertThat(rules.rules()).extracting(RedirectRule::name)
			.containsExactly("redirect", "quic", "rule-2", "not me", "ping");
		assertThat(rules.rules()).extracting(RedirectRule::toString)
			.containsExactly("to 192.0.2.1, 2001:db8:0:0:0:0:0:0/32 UDP ports 53, 9000-9100 or TCP port 853",
					"to 198.51.100.0/24 protocol 17 port 443 also inside GRE, IPIP with first fragments",
					"EtherType 0x888e, 0x88cc, 0x88f7 VLAN 7, 9", "except from 203.0.113.9 source ports 1024-65535",
					"protocol 1, 58 ICMP type 8, 128");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			queues: 0-3,7        | 0-3,7
			queues: [0, 1]       | 0-1
			queues: ["0-3", 7]   | 0-3,7
			queues: 5            | 5
			queues: all          | all
			""")
	void queuesAreATextOrAList(String line, String queues) {
		assertThat(socket(line).queues()).hasToString(queues);
	}

	@ParameterizedTest
	@CsvSource({ "20, 20", "20us, 20", "2ms, 2000" })
	void theTimeOfBusyPollingIsInMicrosecondsWithoutAUnit(String written, int micros) {
		assertThat(socket("busy-poll: { enabled: true, time: %s }".formatted(written)).busyPoll().micros())
			.isEqualTo(micros);
	}

	@Test
	void customizersHaveTheLastWord() {
		XskPropertiesMapper mapper = mapper(DNS.formatted("rx-ring-size: 512"));
		assertThat(mapper.interfaces(List.of((config) -> XskInterfaceConfig.redirecting("first", config.rules()),
				(config) -> XskInterfaceConfig.redirecting(config.name() + "-second", config.rules()))))
			.extracting(XskInterfaceConfig::name)
			.containsExactly("first-second");
		assertThat(mapper.sockets(List.of((name, builder) -> builder.rxRingSize(256))).get(0).xsk().rxRingSize())
			.isEqualTo(256);
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
		assertThat(mapper.interfaces(List.of()).get(0).program())
			.hasToString("the XDP program pinned at /sys/fs/bpf/program");
		assertThat(mapper.interfaces(List.of()).get(0).pinnedPath()).hasToString("/sys/fs/bpf/map");
		assertThat(mapper.interfaces(List.of()).get(1).program()).hasToString("the XDP program with descriptor 7");
	}

	private XskSocketConfig socket(String line) {
		return mapper(DNS.formatted(line)).sockets(List.of()).get(0);
	}

	private XskPropertiesMapper mapper(String yaml) {
		StandardEnvironment environment = YamlEnvironment.of(yaml);
		XskPropertyNames.check(environment);
		return new XskPropertiesMapper(Binder.get(environment).bindOrCreate("xsk", XskProperties.class));
	}

}
