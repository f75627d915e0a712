package io.xsk.sample.quickstart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Runs the quickstart in this JVM, on a veth pair that it makes itself.
 */
@KernelTest
class QuickstartApplicationTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final String[] ARGS = { "--server.port=0" };

	private final HttpClient http = HttpClient.newHttpClient();

	private ConfigurableApplicationContext context;

	private String interfaceName;

	@BeforeEach
	void start() {
		this.context = QuickstartApplication.create(ARGS).run(ARGS);
		this.interfaceName = this.context.getBean(DemoNetwork.class).name();
	}

	@AfterEach
	void stop() {
		this.context.close();
	}

	@Test
	void receivesAndAnswers() {
		awaitAnswers();
	}

	@Test
	void letsEverythingElsePassToTheKernel() throws IOException {
		InetAddress peer = InetAddress.getByName(this.context.getBean(DemoNetwork.class).peerAddress());
		assertThat(peer.isReachable((int) TIMEOUT.toMillis())).isTrue();
	}

	@Test
	void showsItselfAtTheEndpoint() throws Exception {
		DocumentContext json = get("xsk");
		assertThat(keys(json, "$")).containsExactly("interfaces", "bindings");
		assertThat(keys(json, "$.interfaces")).containsExactly("wan");
		assertThat(keys(json, "$.interfaces.wan")).contains("name", "index", "driver", "mtu", "queues", "linkUp",
				"attachMode", "program", "link", "map");
		assertThat(json.<String>read("$.interfaces.wan.name")).isEqualTo(this.interfaceName);
		assertThat(json.<String>read("$.interfaces.wan.driver")).isEqualTo("veth");
		assertThat(json.<Integer>read("$.interfaces.wan.mtu")).isEqualTo(1500);
		assertThat(json.<Integer>read("$.interfaces.wan.queues")).isEqualTo(1);
		assertThat(json.<Boolean>read("$.interfaces.wan.linkUp")).isTrue();
		assertThat(json.<String>read("$.interfaces.wan.attachMode")).isEqualTo("native");
		assertThat(keys(json, "$.interfaces.wan.program")).contains("id", "tag", "name");
		assertThat(json.<Integer>read("$.interfaces.wan.program.id"))
			.isEqualTo(KernelObjects.programOf(this.interfaceName));
		assertThat(keys(json, "$.interfaces.wan.link")).contains("id");
		assertThat(keys(json, "$.interfaces.wan.map")).contains("id", "name", "maxEntries", "pinnedPath");
		assertThat(json.<Object>read("$.interfaces.wan.map.pinnedPath")).isNull();
		assertBinding(json);
	}

	@Test
	void showsOneSocketAtTheEndpoint() throws Exception {
		DocumentContext json = get("xsk/echo");
		assertThat(keys(json, "$")).containsExactly("bindings");
		assertBinding(json);
	}

	private static void assertBinding(DocumentContext json) {
		assertThat(json.<Integer>read("$.bindings.length()")).isEqualTo(1);
		assertThat(keys(json, "$.bindings[0]")).contains("socket", "interface", "queue", "wanted", "served", "state",
				"verifiedBy", "since", "zeroCopy", "statistics", "traffic", "rings");
		assertThat(json.<String>read("$.bindings[0].socket")).isEqualTo("echo");
		assertThat(json.<String>read("$.bindings[0].interface")).isEqualTo("wan");
		assertThat(json.<Integer>read("$.bindings[0].queue")).isZero();
		assertThat(json.<String>read("$.bindings[0].state")).isEqualTo("active");
		assertThat(json.<String>read("$.bindings[0].verifiedBy")).isEqualTo("probe");
		assertThat(json.<Boolean>read("$.bindings[0].zeroCopy")).isFalse();
		assertThat(keys(json, "$.bindings[0].statistics")).contains("rxDropped", "rxInvalidDescriptors",
				"txInvalidDescriptors", "rxRingFull", "rxFillRingEmpty", "txRingEmpty");
		assertThat(keys(json, "$.bindings[0].rings")).contains("rx", "tx", "fill", "completion");
		assertThat(keys(json, "$.bindings[0].rings.rx")).contains("size", "used");
		assertThat(json.<Integer>read("$.bindings[0].rings.fill.size")).isEqualTo(1024);
	}

	@Test
	void isHealthy() throws Exception {
		DocumentContext json = get("health");
		assertThat(json.<String>read("$.status")).isEqualTo("UP");
		assertThat(json.<String>read("$.components.xsk.status")).isEqualTo("UP");
		assertThat(keys(json, "$.components.xsk.components")).containsExactly("echo");
		assertThat(json.<Integer>read("$.components.xsk.components.echo.details.active")).isEqualTo(1);
	}

	@Test
	void leavesNothingBehind() {
		int program = KernelObjects.programOf(this.interfaceName);
		this.context.close();
		assertThat(KernelObjects.hasInterface(this.interfaceName)).isFalse();
		await().atMost(TIMEOUT).until(() -> !KernelObjects.hasProgram(program));
		assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
			.doesNotContain("xsk-%s-0".formatted(this.interfaceName));
	}

	@Test
	void stopsAndStartsAgain() {
		awaitAnswers();
		int program = KernelObjects.programOf(this.interfaceName);
		this.context.stop();
		await().atMost(TIMEOUT).until(() -> !KernelObjects.hasProgram(program));
		this.context.start();
		awaitAnswers();
	}

	private void awaitAnswers() {
		UdpEcho echo = this.context.getBean(UdpEcho.class);
		PeerTraffic traffic = this.context.getBean(PeerTraffic.class);
		long received = echo.received();
		long answered = echo.answered();
		long returned = traffic.returned();
		await().atMost(TIMEOUT).untilAsserted(() -> {
			assertThat(echo.received()).isGreaterThan(received + 100);
			assertThat(echo.answered()).isGreaterThan(answered + 100);
			assertThat(traffic.returned()).isGreaterThan(returned + 100);
		});
	}

	private static Iterable<String> keys(DocumentContext json, String path) {
		return json.<Map<String, Object>>read(path).keySet();
	}

	private DocumentContext get(String path) throws Exception {
		String port = this.context.getEnvironment().getProperty("local.server.port");
		HttpResponse<String> response = this.http.send(
				HttpRequest.newBuilder(URI.create("http://127.0.0.1:%s/actuator/%s".formatted(port, path))).build(),
				HttpResponse.BodyHandlers.ofString());
		assertThat(response.statusCode()).isEqualTo(200);
		return JsonPath.parse(response.body());
	}

}
