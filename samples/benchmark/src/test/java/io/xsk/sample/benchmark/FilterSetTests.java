package io.xsk.sample.benchmark;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.xsk.rule.IpPrefix;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FilterSet}: what clang compiles and what this project compiles must be
 * the same filter. Whether the two programs agree is asked by the measure itself, which
 * wants clang.
 */
class FilterSetTests {

	private static final int ADDRESS = 30;

	private static final int PORT = 36;

	static Iterable<FilterSet> sets() {
		return FilterSet.all();
	}

	@Test
	void sizesAreThoseThatAreToBeCompared() {
		assertThat(FilterSet.all()).extracting(FilterSet::id)
			.containsExactly("ports.1", "ports.32", "ports.500", "addresses.1", "addresses.32", "addresses.500");
	}

	@ParameterizedTest
	@MethodSource("sets")
	void bothCompilersGetTheSameEntries(FilterSet set) {
		RedirectRule rule = set.rules().rules().get(0);
		Set<Long> ports = rule.udpPorts().stream().map((range) -> (long) range.first()).collect(Collectors.toSet());
		assertThat(labels(set.header(), "PORTS")).isEqualTo(ports);
		assertThat(rule.udpPorts()).allMatch((range) -> range.first() == range.last());
		Set<Long> addresses = rule.destinations().stream().map(IpPrefix::low).collect(Collectors.toSet());
		assertThat(labels(set.header(), "ADDRESSES")).isEqualTo(addresses);
		assertThat(set.addresses() ? addresses : ports).hasSize(set.entries());
		assertThat(set.addresses() ? ports : addresses).hasSize(set.addresses() ? 1 : 0);
	}

	@ParameterizedTest
	@MethodSource("sets")
	void onePacketMatchesAndTheOtherDoesNot(FilterSet set) {
		assertThat(matches(set, set.packet(true))).isTrue();
		assertThat(matches(set, set.packet(false))).isFalse();
	}

	private static boolean matches(FilterSet set, byte[] bytes) {
		ByteBuffer packet = ByteBuffer.wrap(bytes);
		RedirectRule rule = set.rules().rules().get(0);
		int port = Short.toUnsignedInt(packet.getShort(PORT));
		long address = Integer.toUnsignedLong(packet.getInt(ADDRESS));
		return rule.udpPorts().contains(PortRange.of(port)) && (rule.destinations().isEmpty()
				|| rule.destinations().stream().anyMatch((prefix) -> prefix.low() == address));
	}

	/** The case labels of one macro. */
	private static Set<Long> labels(String header, String macro) {
		Set<Long> labels = new HashSet<>();
		for (String definition : header.split("#define ")) {
			if (definition.startsWith(macro + " ")) {
				Pattern.compile("case (\\w+):")
					.matcher(definition)
					.results()
					.forEach((result) -> labels.add(Long.decode(result.group(1))));
			}
		}
		return labels;
	}

}
