package io.xsk.socket;

import java.nio.ByteBuffer;

import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.NativeMemory;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link XdpStatistics} and {@link FrameCensus}.
 */
class XdpStatisticsTests {

	@Test
	void eachCounterIsReadFromItsPlace() {
		NativeMemory memory = new NativeMemory(ByteBuffer.allocateDirect(LinuxIfXdp.XDP_STATISTICS_SIZE), 0);
		for (int i = 0; i < 6; i++) {
			memory.putLong(i * Long.BYTES, i + 1);
		}
		assertThat(XdpStatistics.read(memory)).isEqualTo(new XdpStatistics(1, 2, 3, 4, 5, 6));
	}

	@Test
	void aCensusIsBalancedWhenEveryFrameHasOneOwner() {
		assertThat(new FrameCensus(1, 2, 3, 4, 5, 6, 7, 28).isBalanced()).isTrue();
		assertThat(new FrameCensus(1, 2, 3, 4, 5, 6, 7, 27).isBalanced()).isFalse();
	}

}
