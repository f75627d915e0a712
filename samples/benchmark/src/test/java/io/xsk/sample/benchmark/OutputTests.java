package io.xsk.sample.benchmark;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.json.JsonParserFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what is written of results: {@link Json}, {@link Table} and {@link Picture}.
 */
class OutputTests {

	private final Results results = new Results();

	@BeforeEach
	void measure() {
		for (int run = 1; run <= 3; run++) {
			this.results.add(run, Metric.cpu("receive"), Peer.C, 100);
			this.results.add(run, Metric.cpu("receive"), Peer.C_AGAIN, 101);
			this.results.add(run, Metric.cpu("receive"), Peer.RAW, 109 + run);
			this.results.add(run, Metric.allocated("receive"), Peer.RAW, 0);
		}
	}

	@Test
	void jsonHasRunsMedianAndRatio(@TempDir Path directory) throws Exception {
		Benchmark.write(Settings.parse("--output=" + directory), this.results);
		Map<?, ?> json = JsonParserFactory.getJsonParser()
			.parseMap(Files.readString(directory.resolve("results.json")));
		Map<?, ?> metric = (Map<?, ?>) ((Map<?, ?>) json.get("measures")).get("receive.cpu");
		Map<?, ?> raw = (Map<?, ?>) ((Map<?, ?>) metric.get("peers")).get("raw");
		assertThat(raw.get("runs")).isEqualTo(List.of(110.0, 111.0, 112.0));
		assertThat(raw.get("median")).isEqualTo(111.0);
		assertThat(raw.get("ratioToC")).isEqualTo(1.11);
		assertThat(json.get("failures")).isEqualTo(List.of());
		assertThat(directory.resolve("results.md")).content().contains("| Receive, CPU | XdpSocket |");
	}

	@Test
	void whatFailedIsInEveryForm(@TempDir Path directory) throws Exception {
		this.results.add(5, Metric.cpu("receive"), Peer.RAW, 113);
		this.results.fail("receive, round 4: it \"ended\"");
		Benchmark.write(Settings.parse("--output=" + directory), this.results);
		Map<?, ?> json = JsonParserFactory.getJsonParser()
			.parseMap(Files.readString(directory.resolve("results.json")));
		assertThat(json.get("failures")).isEqualTo(List.of("receive, round 4: it \"ended\""));
		assertThat(directory.resolve("results.json")).content()
			.contains("\"runs\": [110.0, 111.0, 112.0, null, 113.0]");
		assertThat(directory.resolve("results.md")).content().contains("- Not measured: receive, round 4");
	}

	@Test
	void filtersAreNamedByTheirCompilers() {
		Metric filter = Metric.filter(new FilterSet(false, 32), true);
		this.results.add(1, filter, Peer.C, 10);
		this.results.add(1, filter, Peer.C_AGAIN, 10);
		this.results.add(1, filter, Peer.RAW, 12);
		assertThat(new Table(this.results).measures())
			.contains("| Filter, 32 UDP ports, packet that matches | generated in Java | 12.0 |");
		assertThat(new Table(this.results).targets())
			.contains("generated in Java ≤ 1.10 × C by clang | 1.200 |  | ±0.0 % | missed |");
		assertThat(Picture.of(this.results)).contains("generated in Java: 1.20");
	}

	@Test
	void mediansHaveAColumnForEachPeer() {
		this.results.add(1, Metric.filter(new FilterSet(true, 1), false), Peer.C, 3);
		assertThat(new Table(this.results).medians()).isEqualTo("""
				| Median | C on libxdp | C once more | XdpSocket |
				|---|---:|---:|---:|
				| Receive, CPU, ns/packet | 100 | 101 | 111 |
				| Receive, allocated, bytes/packet | | | 0.000 |

				| Median | C by clang |
				|---|---:|
				| Filter, 1 IPv4 address, packet that does not match, ns/packet | 3.0 |
				""");
	}

	@Test
	void noRatioIsNotOne() {
		this.results.add(1, Metric.lost("receive"), Peer.C, 0);
		this.results.add(1, Metric.lost("receive"), Peer.RAW, 5);
		assertThat(new Table(this.results).measures())
			.contains("| Receive, lost | XdpSocket | 5.0 | 5.0–5.0 | % |  |  |");
	}

	@Test
	void textInJsonIsQuoted() {
		assertThat(Json.text("a\"b\\c\n")).isEqualTo("\"a\\\"b\\\\c\\u000a\"");
	}

	@Test
	void tableHasMediansAndRatios() {
		assertThat(new Table(this.results).measures()).contains("| Receive, CPU | XdpSocket | 111 |")
			.contains("| 1.110 |");
	}

	@Test
	void tableSaysWhatWasReached() {
		assertThat(new Table(this.results).targets())
			.contains("| Receive, CPU: XdpSocket ≤ 1.15 × C on libxdp | 1.110 |  | ±1.0 % | reached |")
			.contains("| Receive, allocated: XdpSocket ≤ 0 bytes/packet | 0.000 |  |  | reached |");
	}

	@Test
	void pictureIsXmlWithADotForEachPair() throws Exception {
		String picture = Picture.of(this.results);
		var document = DocumentBuilderFactory.newInstance()
			.newDocumentBuilder()
			.parse(new ByteArrayInputStream(picture.getBytes(StandardCharsets.UTF_8)));
		assertThat(document.getElementsByTagName("circle").getLength()).isEqualTo(6);
	}

}
