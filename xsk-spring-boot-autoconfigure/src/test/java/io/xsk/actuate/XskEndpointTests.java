package io.xsk.actuate;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.xsk.autoconfigure.XskAutoConfiguration;
import io.xsk.autoconfigure.XskEndpointAutoConfiguration;
import io.xsk.autoconfigure.XskHealthContributorAutoConfiguration;
import io.xsk.bpf.UpdateMode;
import io.xsk.bpf.XskMap;
import io.xsk.core.XskMapOperations;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.lifecycle.XskActivationLifecycle;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.XskInterface;
import io.xsk.setup.XskRedirects;
import io.xsk.setup.XskSockets;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.Commands;
import io.xsk.test.KernelTest;
import io.xsk.test.Packets;
import io.xsk.test.VethPair;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link XskEndpoint} and {@link XskHealthIndicator}: that they say what the
 * kernel says.
 */
@KernelTest
class XskEndpointTests {

	private VethPair veth;

	@BeforeEach
	void setUp() {
		this.veth = VethPair.create(2);
	}

	@AfterEach
	void tearDown() {
		this.veth.close();
	}

	@Test
	void showsInterfacesAndBindings() {
		run((context) -> {
			XskDescriptor answer = context.getBean(XskEndpoint.class).xsk();
			XskInterface opened = context.getBean(XskSockets.class).interfaces().get(0);
			assertThat(answer.interfaces()).containsOnlyKeys("wan");
			XskDescriptor.InterfaceDescriptor wan = answer.interfaces().get("wan");
			assertThat(wan.name()).isEqualTo(this.veth.name());
			assertThat(wan.index()).isEqualTo(this.veth.index());
			assertThat(wan.driver()).isEqualTo("veth");
			assertThat(wan.mtu()).isEqualTo(1500);
			assertThat(wan.queues()).isEqualTo(2);
			assertThat(wan.linkUp()).isTrue();
			assertThat(wan.attachMode()).isEqualTo("native");
			assertThat(wan.program().id()).isEqualTo(this.veth.info().program().id());
			assertThat(wan.program().tag()).hasSize(16);
			assertThat(wan.link().id()).isEqualTo(opened.link().id());
			assertThat(wan.map().maxEntries()).isEqualTo(2);
			assertThat(answer.bindings()).hasSize(2).allSatisfy((binding) -> {
				assertThat(binding.socket()).isEqualTo("dns");
				assertThat(binding.xskInterface()).isEqualTo("wan");
				assertThat(binding.state()).isEqualTo("active");
				assertThat(binding.verifiedBy()).isEqualTo("probe");
				assertThat(binding.since()).isNotNull();
				assertThat(binding.reason()).isNull();
				assertThat(binding.zeroCopy()).isFalse();
				assertThat(binding.statistics().rxDropped()).isZero();
				assertThat(binding.traffic()).isEqualTo(new XskDescriptor.TrafficDescriptor(0, 0, 0, 0, 0));
				assertThat(binding.rings().rx().size()).isEqualTo(1024);
				assertThat(binding.rings().fill().used()).isPositive();
			});
			assertThat(answer.bindings()).extracting(XskDescriptor.BindingDescriptor::queue).containsExactly(0, 1);
		});
	}

	@Test
	void agreesWithBpftool() {
		run((context) -> {
			XskDescriptor.InterfaceDescriptor wan = context.getBean(XskEndpoint.class).xsk().interfaces().get("wan");
			assertThat(Commands.run("bpftool", "-j", "prog", "show", "id", "" + wan.program().id())).contains(
					"\"tag\":\"" + wan.program().tag() + "\"", "\"name\":\"" + wan.program().name() + "\"",
					"\"map_ids\":[");
			assertThat(Commands.run("bpftool", "-j", "prog", "show", "id", "" + wan.program().id()))
				.containsPattern("\"map_ids\":\\[[0-9,]*\\b" + wan.map().id() + "\\b");
			assertThat(Commands.run("bpftool", "-j", "map", "show", "id", "" + wan.map().id()))
				.contains("\"type\":\"xskmap\"", "\"max_entries\":2", "\"name\":\"" + wan.map().name() + "\"");
			assertThat(Commands.run("bpftool", "-j", "link", "show", "id", "" + wan.link().id()))
				.contains("\"prog_id\":" + wan.program().id());
			assertThat(Commands.run("bpftool", "net", "show", "dev", this.veth.name()))
				.contains(this.veth.name() + "(" + this.veth.index() + ") driver id " + wan.program().id());
		});
	}

	@Test
	void showsTheRulesAndWhatTheyCounted() {
		run((context) -> {
			XskEndpoint endpoint = context.getBean(XskEndpoint.class);
			Awaitility.await().until(() -> {
				this.veth.sendUdp(53, new byte[58]);
				return redirect(endpoint).rules().get(0).packets() > 0;
			});
			assertThat(redirect(endpoint).rules()).singleElement().satisfies((rule) -> {
				assertThat(rule.name()).isEqualTo("redirect");
				assertThat(rule.matches()).isEqualTo("UDP port 53");
				assertThat(rule.except()).isFalse();
			});
			assertThat(redirect(endpoint).onEmptySlot()).isEqualTo("pass");
			assertThat(redirect(endpoint).emptySlots()).isEmpty();
			context.getBean(XskActivationLifecycle.class).stop();
			Awaitility.await().until(() -> {
				this.veth.sendUdp(53, new byte[58]);
				return !redirect(endpoint).emptySlots().isEmpty();
			});
		});
	}

	@Test
	void queuesThatHaveNoSlotAreShownAsOne() {
		runner().withPropertyValues("xsk.interfaces.wan.map.max-entries=1", "xsk.sockets.dns.queues=0")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				XskEndpoint endpoint = context.getBean(XskEndpoint.class);
				AtomicInteger port = new AtomicInteger(2000);
				Awaitility.await().until(() -> {
					this.veth.sendFrame(Packets.between(this.veth.peerAddress(), this.veth.address())
						.udp(port.getAndIncrement(), 53));
					return !redirect(endpoint).emptySlots().isEmpty();
				});
				assertThat(redirect(endpoint).emptySlots()).containsOnlyKeys("1 and above");
			});
	}

	private static XskDescriptor.RedirectDescriptor redirect(XskEndpoint endpoint) {
		return endpoint.xsk().interfaces().get("wan").redirect();
	}

	@Test
	void listsTheProgramForPeople() {
		run((context) -> {
			XskEndpoint endpoint = context.getBean(XskEndpoint.class);
			assertThat(endpoint.program("interfaces", "wan", "program").program()).contains("matched:")
				.anyMatch((line) -> line.contains("call redirect_map"))
				.anyMatch((line) -> line.contains("if r8 != 53 goto"));
			assertThat(endpoint.program("interfaces", "lan", "program")).isNull();
			assertThat(endpoint.program("interfaces", "wan", "other")).isNull();
			context.getBean(XskRedirects.class).replace("wan", RedirectRules.udpPorts(PortRange.of(54))).join();
			assertThat(endpoint.program("interfaces", "wan", "program").program())
				.anyMatch((line) -> line.contains("if r8 != 54 goto"));
			assertThat(redirect(endpoint).rules().get(0).matches()).isEqualTo("UDP port 54");
		});
	}

	@Test
	void showsOneSocketAndNothingForAnUnknownOne() {
		run((context) -> {
			XskEndpoint endpoint = context.getBean(XskEndpoint.class);
			assertThat(endpoint.socket("dns").bindings()).hasSize(2);
			assertThat(endpoint.socket("ntp")).isNull();
		});
	}

	@Test
	void showsWhatTheApplicationActivatedItself() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class, XskEndpointAutoConfiguration.class,
					XskHealthContributorAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=xsk",
					"xsk.interfaces.wan.name=" + this.veth.name(), "xsk.interfaces.wan.redirect.udp-ports=53")
			.run((context) -> {
				try (XdpSocket own = XdpSocket.open(JnaKernel.load(), this.veth.info(), 1,
						XdpSocketConfig.builder().build())) {
					context.getBean(XskMapOperations.class).activate(own);
					assertThat(health(context, XskHealthContributor.OWN).getStatus()).isEqualTo(Status.UP);
					assertThat(context.getBean(XskEndpoint.class).xsk().bindings()).singleElement()
						.satisfies((binding) -> {
							assertThat(binding.socket()).isNull();
							assertThat(binding.xskInterface()).isEqualTo("wan");
							assertThat(binding.state()).isEqualTo("active");
							assertThat(binding.rings()).isNotNull();
						});
					context.getBean(XskSockets.class).resolve(this.veth.index()).delete(1);
					assertThat(health(context, XskHealthContributor.OWN).getStatus()).as("it counts for the health")
						.isEqualTo(Status.DOWN);
				}
			});
	}

	@Test
	void showsSocketsThatOnlySend() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class, XskEndpointAutoConfiguration.class,
					XskHealthContributorAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=xsk",
					"xsk.interfaces.wan.name=" + this.veth.name(), "xsk.sockets.out.interface=wan",
					"xsk.sockets.out.direction=send", "xsk.sockets.out.queues=0")
			.run((context) -> {
				XskDescriptor answer = context.getBean(XskEndpoint.class).xsk();
				assertThat(answer.interfaces().get("wan").map()).isNull();
				assertThat(answer.interfaces().get("wan").program()).isNull();
				assertThat(answer.bindings()).singleElement().satisfies((binding) -> {
					assertThat(binding.state()).isEqualTo("inactive");
					assertThat(binding.verifiedBy()).isEqualTo("none");
				});
				assertThat(health(context, "out").getStatus()).isEqualTo(Status.UP);
				this.veth.delete();
				assertThat(health(context, "out").getStatus()).isEqualTo(Status.DOWN);
			});
	}

	@Test
	void healthIsUpWhileEverythingIsActive() {
		run((context) -> {
			Health health = health(context);
			assertThat(health.getStatus()).isEqualTo(Status.UP);
			assertThat(health.getDetails()).containsEntry("xsks", 2).containsEntry("active", 2);
		});
	}

	@Test
	void healthIsOutOfServiceAfterADeactivationOnPurpose() {
		run((context) -> {
			context.getBean(XskMapOperations.class).deactivate(socket(context, 1));
			Health health = health(context);
			assertThat(health.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			assertThat(deviations(health)).singleElement()
				.satisfies((deviation) -> assertThat(deviation).containsEntry("interface", "wan")
					.containsEntry("queue", 1)
					.containsEntry("state", "inactive"));
			context.getBean(XskActivationLifecycle.class).stop();
			assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		});
	}

	@Test
	void healthIsDownWithBindingAndReasonForEveryOtherDeviation() {
		run((context) -> {
			XskMap map = context.getBean(XskSockets.class).resolve(this.veth.index());
			context.getBean(XskMapOperations.class).deactivate(socket(context, 1));
			map.delete(0);
			assertDown(context, "missing");
			map.update(0, socket(context, 1).fd(), UpdateMode.ANY);
			assertDown(context, "foreign");
			this.veth.delete();
			assertDown(context, "dead");
		});
	}

	@Test
	void closedSocketsAreNoErrorForThoseWhoLook() {
		run((context) -> {
			XskEndpoint endpoint = context.getBean(XskEndpoint.class);
			context.stop();
			assertThat(endpoint.xsk().bindings()).isEmpty();
			assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
			context.start();
			assertThat(endpoint.xsk().bindings()).hasSize(2);
		});
	}

	@Test
	void whoLooksWhileTheSocketsStopAndStartGetsAnAnswer() {
		run((context) -> {
			XskEndpoint endpoint = context.getBean(XskEndpoint.class);
			AtomicBoolean done = new AtomicBoolean();
			CompletableFuture<Integer> looking = CompletableFuture.supplyAsync(() -> {
				int answers = 0;
				while (!done.get()) {
					endpoint.xsk();
					assertThat(health(context).getDetails()).doesNotContainKey("error");
					answers++;
				}
				return answers;
			});
			for (int round = 0; round < 10; round++) {
				context.stop();
				context.start();
			}
			done.set(true);
			assertThat(looking.get(20, TimeUnit.SECONDS)).isPositive();
		});
	}

	@Test
	void theInterfacesDisappearanceIsVisible() {
		run((context) -> {
			this.veth.delete();
			XskDescriptor answer = context.getBean(XskEndpoint.class).xsk();
			assertThat(answer.interfaces().get("wan").linkUp()).isFalse();
			assertThat(answer.interfaces().get("wan").program()).isNull();
			assertThat(answer.bindings()).extracting(XskDescriptor.BindingDescriptor::state).containsOnly("dead");
		});
	}

	@Test
	void theEndpointIsOnlyThereWhenExposedAndTheHealthCanBeSwitchedOff() {
		runner()
			.withPropertyValues("management.endpoints.web.exposure.exclude=*", "management.health.xsk.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(XskEndpoint.class)
				.doesNotHaveBean(XskHealthContributor.class));
	}

	private static void assertDown(AssertableApplicationContext context, String state) {
		Health health = health(context);
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(deviations(health)).filteredOn((deviation) -> deviation.get("queue").equals(0))
			.singleElement()
			.satisfies((deviation) -> {
				assertThat(deviation).containsEntry("state", state);
				assertThat(deviation.get("reason")).asString().isNotBlank();
			});
	}

	private static Health health(AssertableApplicationContext context) {
		return health(context, "dns");
	}

	private static Health health(AssertableApplicationContext context, String name) {
		return ((HealthIndicator) context.getBean(XskHealthContributor.class).getContributor(name)).health();
	}

	@SuppressWarnings("unchecked")
	private static List<Map<String, Object>> deviations(Health health) {
		return (List<Map<String, Object>>) health.getDetails().get("deviations");
	}

	private static XdpSocket socket(AssertableApplicationContext context, int queueId) {
		return context.getBean(XskSockets.class).groups().get(0).sockets().get(queueId);
	}

	private void run(ContextConsumer<AssertableApplicationContext> consumer) {
		runner().run((context) -> {
			assertThat(context).hasNotFailed();
			consumer.accept(context);
		});
	}

	private ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(XskAutoConfiguration.class, XskEndpointAutoConfiguration.class,
					XskHealthContributorAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=xsk",
					"xsk.interfaces.wan.name=" + this.veth.name(), "xsk.interfaces.wan.redirect.udp-ports=53",
					"xsk.sockets.dns.interface=wan");
	}

}
