package io.xsk.sample.benchmark;

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
