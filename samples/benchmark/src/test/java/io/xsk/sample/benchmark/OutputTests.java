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
		for (int run = 0; run < 3; run++) {
			this.results.add(Metric.cpu("receive"), Peer.C, 100);
			this.results.add(Metric.cpu("receive"), Peer.C_AGAIN, 101);
			this.results.add(Metric.cpu("receive"), Peer.RAW, 110 + run);
			this.results.add(Metric.allocated("receive"), Peer.RAW, 0);
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
		assertThat(directory.resolve("results.md")).content().contains("| Receive, CPU | XdpSocket |");
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
			.contains("| Receive, CPU: XdpSocket ≤ 1.15 × C on libxdp | 1.110 |  | ±1.0 % | reached |");
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
