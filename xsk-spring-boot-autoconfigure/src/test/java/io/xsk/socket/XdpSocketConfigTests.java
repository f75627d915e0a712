package io.xsk.socket;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests of {@link XdpSocketConfig}.
 */
class XdpSocketConfigTests {

	private static final int PAGE = 4096;

	@Test
	void theDefaultsAreValidAndTakeFourMebibytes() {
		XdpSocketConfig config = XdpSocketConfig.builder().build();
		assertThat(config.violations(PAGE)).isEmpty();
		assertThat(config.umemBytes()).isEqualTo(4 * 1024 * 1024);
		assertThat(config).isEqualTo(new XdpSocketConfig(null, Direction.BOTH, 2048, 2048, 0, false, 1024, 1024, 1024,
				1024, ZeroCopy.PREFER, false, Duration.ofSeconds(2), null));
	}

	@ParameterizedTest
	@CsvSource({ "68,2048", "1500,2048", "1774,2048", "1775,4096", "9000,4096" })
	void theDefaultFrameSizeTakesEveryPacketOfAnOrdinaryInterface(int mtu, int frameSize) {
		assertThat(XdpSocketConfig.defaultFrameSize(mtu)).isEqualTo(frameSize);
	}

	@ParameterizedTest
	@CsvSource({ "1024,2097152", "1025,4194304", "2048,4194304" })
	void hugePagesAreTakenWhole(int frameCount, long bytes) {
		XdpSocketConfig config = XdpSocketConfig.builder()
			.fillRingSize(512)
			.txRingSize(512)
			.frameCount(frameCount)
			.hugePages(true)
			.build();
		assertThat(config.violations(PAGE)).isEmpty();
		assertThat(config.umemBytes()).isEqualTo(bytes);
	}

	@ParameterizedTest
	@CsvSource({ "3,4", "5,4", "0,1", "-1,1", "1000,1024", "1500,1024", "1537,2048", "2147483647,1048576",
			"1048577,1048576", "-2147483648,1" })
	void aRingSizeThatIsNoPowerOfTwoIsAnsweredWithTheNearest(int size, int nearest) {
		XdpSocketConfig config = XdpSocketConfig.builder()
			.rxRingSize(size)
			.txRingSize(size)
			.fillRingSize(size)
			.completionRingSize(size)
			.build();
		assertThat(config.violations(PAGE)).extracting(Violation::field)
			.containsExactly("rx-ring-size", "tx-ring-size", "fill-ring-size", "completion-ring-size");
		assertThat(config.violations(PAGE)).allSatisfy((violation) -> {
			assertThat(violation.value()).isEqualTo(size);
			assertThat(violation.reason()).contains("power of two from 1 to 1048576")
				.contains("the nearest is " + nearest);
		});
	}

	@ParameterizedTest
	@CsvSource({ "1024,2048", "2047,2048", "2049,2048", "3500,4096", "8192,4096", "0,2048", "-4096,2048" })
	void aFrameSizeThatTheKernelRefusesIsAnsweredWithTheNearest(int frameSize, int nearest) {
		Violation violation = only(XdpSocketConfig.builder().frameSize(frameSize));
		assertThat(violation.field()).isEqualTo("frame-size");
		assertThat(violation.reason()).contains("from 2048 to 4096").contains("the nearest is " + nearest);
	}

	@Test
	void aFrameMayBeAsLargeAsThePage() {
		assertThat(XdpSocketConfig.builder().frameSize(16_384).build().violations(16_384)).isEmpty();
		assertThat(XdpSocketConfig.builder().frameSize(4096).build().violations(PAGE)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 1793, 2048, Integer.MAX_VALUE })
	void aHeadroomOutsideTheFrameIsRefused(int headroom) {
		Violation violation = only(XdpSocketConfig.builder().headroom(headroom));
		assertThat(violation.field()).isEqualTo("headroom");
		assertThat(violation.reason()).contains("from 0 to 1792");
	}

	@Test
	void fewerFramesThanTheFillAndTxRingsNeedAreRefusedWithTheNumbers() {
		Violation violation = only(XdpSocketConfig.builder().frameCount(1535).fillRingSize(512));
		assertThat(violation.field()).isEqualTo("frame-count");
		assertThat(violation.reason()).contains("at least 1536")
			.contains("fill ring takes 512")
			.contains("TX ring 1024");
		assertThat(violation).hasToString("frame-count=1535: " + violation.reason());
	}

	@Test
	void aSocketForOneDirectionNeedsTheFramesOfThatDirection() {
		XdpSocketConfig.Builder builder = XdpSocketConfig.builder().frameCount(1024);
		assertThat(builder.direction(Direction.RECEIVE).build().violations(PAGE)).isEmpty();
		assertThat(builder.direction(Direction.SEND).build().violations(PAGE)).isEmpty();
		assertThat(only(builder.direction(Direction.RECEIVE).frameCount(1023)).reason()).contains("TX ring 0");
		assertThat(only(builder.direction(Direction.SEND)).reason()).contains("fill ring takes 0");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, Integer.MIN_VALUE })
	void aFrameCountBelowOneIsRefusedAlsoWhenARingSizeIsWrong(int frameCount) {
		assertThat(only(XdpSocketConfig.builder().frameCount(frameCount)).field()).isEqualTo("frame-count");
		assertThat(XdpSocketConfig.builder().frameCount(frameCount).rxRingSize(3).build().violations(PAGE))
			.extracting(Violation::field)
			.containsExactly("rx-ring-size", "frame-count");
	}

	@Test
	void aUmemOfTwoGibibytesIsRefusedAndOneFrameLessIsNot() {
		XdpSocketConfig.Builder builder = XdpSocketConfig.builder().frameSize(4096).frameCount(524_288);
		assertThat(only(builder).reason()).contains("at most 524287")
			.contains("below 2 GiB")
			.contains("2147483648 bytes");
		assertThat(builder.frameCount(524_287).build().violations(PAGE)).isEmpty();
		assertThat(only(builder.hugePages(true)).reason()).contains("at most 523776");
		assertThat(builder.frameCount(523_776).build().violations(PAGE)).isEmpty();
	}

	@Test
	void aNegativeBindTimeoutIsRefused() {
		assertThat(only(XdpSocketConfig.builder().bindTimeout(Duration.ofMillis(-1))).field())
			.isEqualTo("bind-timeout");
		assertThat(XdpSocketConfig.builder().bindTimeout(Duration.ZERO).build().violations(PAGE)).isEmpty();
	}

	@Test
	void allViolationsAreReportedTogether() {
		XdpSocketConfig config = XdpSocketConfig.builder()
			.frameSize(1000)
			.headroom(-1)
			.txRingSize(7)
			.bindTimeout(Duration.ofSeconds(-1))
			.build();
		assertThat(config.violations(PAGE)).extracting(Violation::field)
			.containsExactly("frame-size", "headroom", "tx-ring-size", "bind-timeout");
	}

	@Test
	void theFrameSplitFillsTheFillRingOfAReceiver() {
		XdpSocketConfig.Builder builder = XdpSocketConfig.builder().frameCount(4096).fillRingSize(2048);
		assertThat(builder.direction(Direction.BOTH).build().fillFrames()).isEqualTo(2048);
		assertThat(builder.direction(Direction.RECEIVE).build().fillFrames()).isEqualTo(2048);
		assertThat(builder.direction(Direction.SEND).build().fillFrames()).isEqualTo(2048);
		assertThat(builder.frameCount(1500).build().fillFrames()).as("what the TX ring leaves over").isEqualTo(476);
	}

	@Test
	void nothingMayBeNull() {
		assertThatNullPointerException().isThrownBy(() -> XdpSocketConfig.builder().direction(nothing()).build());
		assertThatNullPointerException().isThrownBy(() -> XdpSocketConfig.builder().zeroCopy(nothing()).build());
		assertThatNullPointerException().isThrownBy(() -> XdpSocketConfig.builder().bindTimeout(nothing()).build());
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

	private static Violation only(XdpSocketConfig.Builder builder) {
		List<Violation> violations = builder.build().violations(PAGE);
		assertThat(violations).hasSize(1);
		return violations.get(0);
	}

}
