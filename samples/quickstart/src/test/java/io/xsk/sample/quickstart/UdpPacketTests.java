package io.xsk.sample.quickstart;

import java.nio.ByteBuffer;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class UdpPacketTests {

	private static final String REQUEST = "020000000001" + "020000000002" + "0800" + "4500001e000040004011aeb2"
			+ "c6120002" + "c6120001" + "a1b2" + "2328" + "000a" + "beef" + "6869";

	private static final String ANSWER = "020000000002" + "020000000001" + "0800" + "4500001e000040004011aeb2"
			+ "c6120001" + "c6120002" + "2328" + "a1b2" + "000a" + "0000" + "6869";

	@Test
	void goesBackToItsSender() {
		ByteBuffer frame = frame(REQUEST);
		assertThat(UdpPacket.turnAround(frame)).isTrue();
		assertThat(frame).isEqualTo(frame(ANSWER));
	}

	@Test
	void keepsTheOptionsOfTheIpHeader() {
		String request = REQUEST.replace("4500", "4600").replace("a1b22328", "01010101a1b22328");
		ByteBuffer frame = frame(request);
		assertThat(UdpPacket.turnAround(frame)).isTrue();
		assertThat(frame).isEqualTo(frame(ANSWER.replace("4500", "4600").replace("2328a1b2", "010101012328a1b2")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "020000000001", "020000000001" + "020000000002" + "0800" + "4500001e000040004011aeb2",
			"020000000001" + "020000000002" + "86dd" + "4500001e000040004011aeb2"
					+ "c6120002c6120001a1b22328000abeef6869",
			"020000000001" + "020000000002" + "0800" + "4500001e000040004006aeb2"
					+ "c6120002c6120001a1b22328000abeef6869",
			"020000000001" + "020000000002" + "0800" + "4f00001e000040004011aeb2"
					+ "c6120002c6120001a1b22328000abeef6869" })
	void leavesEverythingElseAsItIs(String hex) {
		ByteBuffer frame = frame(hex);
		assertThat(UdpPacket.turnAround(frame)).isFalse();
		assertThat(frame).isEqualTo(frame(hex));
	}

	private static ByteBuffer frame(String hex) {
		return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
	}

}
