package io.xsk.sample.benchmark;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.xsk.XskException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for what drives the peers: {@link Child}, {@link Settings}, {@link Network},
 * {@link CpuClock} and {@link Soak}.
 */
class HarnessTests {

	@Test
	void answersAreNumbersByName() {
		assertThat(Child.parse("packets=12 bytes=720"))
			.containsExactlyInAnyOrderEntriesOf(Map.of("packets", 12L, "bytes", 720L));
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> Child.parse("error=unknown command"));
	}

	@Test
	void childThatIsReadyAnswers() {
		try (Child child = Child.start("shell",
				List.of("sh", "-c", "echo ready; while read line; do echo nanos=7; done"))) {
			assertThat(child.ask("mark")).containsEntry("nanos", 7L);
			assertThat(CpuClock.of(child.pid()).nanos()).isPositive();
		}
	}

	@Test
	void childThatEndsIsReported() {
		assertThatExceptionOfType(XskException.class)
			.isThrownBy(() -> Child.start("shell", List.of("sh", "-c", "exit 3")))
			.withMessageContaining("status 3");
	}

	@Test
	void childThatDiesIsReported() {
		try (Child child = Child.start("shell", List.of("sh", "-c", "echo ready; read line; exit 4"))) {
			assertThatExceptionOfType(XskException.class).isThrownBy(() -> child.ask("mark"))
				.withMessageContaining("status 4");
			assertThatExceptionOfType(XskException.class).isThrownBy(() -> CpuClock.of(child.pid()));
		}
	}

	@Test
	void childThatSaysNothingIsEnded() {
		try (Child child = Child.start("shell", List.of("sh", "-c", "echo ready; exec sleep 3600"))) {
			assertThatExceptionOfType(XskException.class)
				.isThrownBy(() -> child.ask("mark", Duration.ZERO, Duration.ofMillis(1)))
				.withMessageContaining("status 137");
		}
	}

	@Test
	void commandThatIsNotThereIsReported() {
		assertThatExceptionOfType(XskException.class)
			.isThrownBy(() -> Commands.run(List.of("there-is-no-such-command")))
			.withMessageContaining("there-is-no-such-command")
			.withMessageContaining("packages");
		assertThatExceptionOfType(XskException.class)
			.isThrownBy(() -> Child.start("peer", List.of("there-is-no-such-command")))
			.withMessageContaining("there-is-no-such-command");
	}

	@Test
	void defaultsAreNinePairsOfEverything() {
		Settings settings = Settings.parse();
		assertThat(settings.rounds()).isEqualTo(9);
		assertThat(settings.peers()).containsExactly(Peer.values());
		assertThat(settings.measures()).contains("filters", "jmh");
		assertThat(Benchmark.estimate(settings)).isLessThan(Duration.ofMinutes(40));
		assertThat(Benchmark.estimate(Settings.parse("--quick"))).isLessThan(Duration.ofMinutes(7));
	}

	@Test
	void onlyWhatIsComparedCloselyRunsLong() {
		Settings settings = Settings.parse("--seconds=6", "--warmup=5");
		assertThat(settings.floodSeconds(Peer.C)).isEqualTo(6);
		assertThat(settings.floodSeconds(Peer.LISTENER)).isEqualTo(6);
		assertThat(settings.floodSeconds(Peer.NETTY)).isEqualTo(2);
		assertThat(settings.warmup(Peer.C)).isEqualTo(1);
		assertThat(settings.warmup(Peer.RAW)).isEqualTo(5);
		assertThat(settings.warmup(Peer.DATAGRAM)).isEqualTo(5);
		assertThat(Settings.parse("--seconds=1", "--warmup=1").floodSeconds(Peer.NETTY)).isEqualTo(1);
		assertThat(Settings.parse("--seconds=1", "--warmup=1").warmup(Peer.NETTY)).isEqualTo(1);
	}

	@Test
	void programsThatDifferAreNoticed() {
		assertThat(SameProgram.describe(Map.of("instructions", 52L), Map.of("instructions", 52L)))
			.startsWith("the same");
		assertThat(SameProgram.describe(Map.of("hash", 1L), Map.of("hash", 2L))).startsWith("NOT THE SAME");
	}

	@Test
	void commandLineIsRead() {
		Settings settings = Settings.parse("--measures=echo,latency", "--peers=c,raw", "--pairs=5", "--cpus=2,3",
				"--scheduler=other");
		assertThat(settings.measures()).containsExactly("echo", "latency");
		assertThat(settings.peers()).containsExactly(Peer.C, Peer.RAW);
		assertThat(settings.rounds()).isEqualTo(5);
		assertThat(settings.peerCpu()).isEqualTo(3);
		assertThat(settings.fifo()).isFalse();
	}

	@Test
	void mistakesOfTheCommandLineAreNamed() {
		assertThatIllegalArgumentException().isThrownBy(() -> Settings.parse("--measures=speed"))
			.withMessageContaining("'speed'");
		assertThatIllegalArgumentException().isThrownBy(() -> Settings.parse("--pairs=many"))
			.withMessageContaining("'many'");
		assertThatIllegalArgumentException().isThrownBy(() -> Settings.parse("--peers=rust"))
			.withMessageContaining("'rust'");
	}

	@Test
	void packetHasAValidHeader() {
		byte[] packet = Network.packet("02:00:00:00:00:01", "02:00:00:00:00:02", "10.0.0.2", "10.0.0.1", 60);
		int sum = 0;
		for (int i = 14; i < 34; i += 2) {
			sum += (packet[i] & 0xff) << 8 | packet[i + 1] & 0xff;
		}
		assertThat((sum & 0xffff) + (sum >>> 16)).isEqualTo(0xffff);
	}

	@Test
	void soakMissesAFrameOrAPacket() {
		Map<String, Long> peer = Map.of("owned", 2048L, "total", 2048L, "packets", 90L, "rxDropped", 10L);
		Soak.account(peer, Map.of("sent", 100L));
		assertThatExceptionOfType(XskException.class).isThrownBy(() -> Soak.account(peer, Map.of("sent", 101L)));
		assertThatExceptionOfType(XskException.class)
			.isThrownBy(() -> Soak.account(Map.of("owned", 2047L, "total", 2048L), Map.of()));
	}

}
