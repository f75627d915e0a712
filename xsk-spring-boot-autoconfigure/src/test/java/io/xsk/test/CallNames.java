package io.xsk.test;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

import io.xsk.kernel.LinuxBpf;
import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.LinuxSocket;

/**
 * Names of the numbers in system calls, for people.
 */
final class CallNames {

	/** Everything in asm-generic/socket.h that an XSK may set. */
	private static final Map<Integer, String> SOCKET_OPTIONS = Map.of(39, "SO_DOMAIN", 46, "SO_BUSY_POLL", 56,
			"SO_INCOMING_NAPI_ID", 69, "SO_PREFER_BUSY_POLL", 70, "SO_BUSY_POLL_BUDGET", 71, "SO_NETNS_COOKIE");

	/** The options of an XDP socket, up to the last in linux/if_xdp.h. */
	private static final Map<Integer, String> XDP_OPTIONS = Map.of(LinuxIfXdp.XDP_MMAP_OFFSETS, "XDP_MMAP_OFFSETS",
			LinuxIfXdp.XDP_RX_RING, "XDP_RX_RING", LinuxIfXdp.XDP_TX_RING, "XDP_TX_RING", LinuxIfXdp.XDP_UMEM_REG,
			"XDP_UMEM_REG", LinuxIfXdp.XDP_UMEM_FILL_RING, "XDP_UMEM_FILL_RING", LinuxIfXdp.XDP_UMEM_COMPLETION_RING,
			"XDP_UMEM_COMPLETION_RING", LinuxIfXdp.XDP_STATISTICS, "XDP_STATISTICS", LinuxIfXdp.XDP_OPTIONS,
			"XDP_OPTIONS", LinuxIfXdp.XDP_MAX_TX_SKB_BUDGET, "XDP_MAX_TX_SKB_BUDGET");

	private static final Map<Integer, String> FAMILIES = constants(LinuxSocket.class, (name) -> name.startsWith("AF_"));

	private static final Map<Integer, String> BPF_COMMANDS = constants(LinuxBpf.class,
			(name) -> name.matches("BPF_(MAP|PROG|OBJ|LINK)_.*") && !name.matches(".*_(TYPE_.*|LEN)"));

	private CallNames() {
	}

	private static Map<Integer, String> constants(Class<?> type, Predicate<String> wanted) {
		Map<Integer, String> names = new HashMap<>();
		Arrays.stream(type.getFields())
			.filter((field) -> field.getType() == int.class && wanted.test(field.getName()))
			.forEach((field) -> names.put(value(field), field.getName()));
		return names;
	}

	private static int value(Field field) {
		try {
			return field.getInt(null);
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static String family(int family) {
		return FAMILIES.getOrDefault(family, "family " + family);
	}

	static String option(int level, int option) {
		Map<Integer, String> names = (level == LinuxSocket.SOL_XDP) ? XDP_OPTIONS : SOCKET_OPTIONS;
		return names.getOrDefault(option, "option %d of level %d".formatted(option, level));
	}

	static String bpf(int command) {
		return BPF_COMMANDS.getOrDefault(command, "command " + command);
	}

}
