package io.xsk.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.xsk.CloseableStack;
import io.xsk.bpf.filter.ProgramMaps;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.LinuxBpf;
import io.xsk.rule.IpPrefix;
import io.xsk.rule.PortRange;
import org.jspecify.annotations.Nullable;

/**
 * Creates the maps of one redirect program. The sets are of no use to us once the program
 * is loaded, which keeps them: {@link #closeSets()}. Not thread-safe.
 */
final class RedirectMaps implements ProgramMaps, AutoCloseable {

	private static final int PORTS = 1 << 16;

	private final Kernel kernel;

	private final XskMap sockets;

	private final DataMap matches;

	private final DataMap emptySlots;

	private final CloseableStack sets = new CloseableStack();

	/** IPv4 and IPv6, plain and inside, ask for the same sets. */
	private final Map<Object, DataMap> known = new HashMap<>();

	/** Create the counters. */
	RedirectMaps(Kernel kernel, XskMap sockets, int rules, @Nullable DataMap emptySlots) {
		this.kernel = kernel;
		this.sockets = sockets;
		this.matches = DataMap.create(kernel, "xsk_matches", LinuxBpf.BPF_MAP_TYPE_PERCPU_ARRAY, Integer.BYTES, rules);
		this.emptySlots = CloseableStack
			.closingOnFailure(this.matches, () -> (emptySlots != null) ? emptySlots.duplicate()
					: DataMap.create(kernel, "xsk_empty", LinuxBpf.BPF_MAP_TYPE_PERCPU_ARRAY, Integer.BYTES, queues()));
	}

	@Override
	public int sockets() {
		return this.sockets.fd();
	}

	@Override
	public int matches() {
		return this.matches.fd();
	}

	@Override
	public int emptySlots() {
		return this.emptySlots.fd();
	}

	@Override
	public int queues() {
		return this.sockets.maxEntries() + 1;
	}

	DataMap matchCounters() {
		return this.matches;
	}

	DataMap emptySlotCounters() {
		return this.emptySlots;
	}

	@Override
	public int ports(List<PortRange> ports) {
		return this.known.computeIfAbsent(ports, (key) -> {
			DataMap map = set("xsk_ports", LinuxBpf.BPF_MAP_TYPE_ARRAY, Integer.BYTES, PORTS / Long.SIZE);
			long[] words = new long[PORTS / Long.SIZE];
			for (PortRange range : ports) {
				for (int port = range.first(); port <= range.last(); port++) {
					words[port / Long.SIZE] |= 1L << (port % Long.SIZE);
				}
			}
			for (int i = 0; i < words.length; i++) {
				if (words[i] != 0) {
					map.put(i, words[i]);
				}
			}
			return map;
		}).fd();
	}

	@Override
	public int addresses(List<IpPrefix> addresses) {
		return this.known.computeIfAbsent(List.of("addresses", addresses), (key) -> {
			DataMap map = set("xsk_addresses", LinuxBpf.BPF_MAP_TYPE_HASH, addressSize(addresses), addresses.size());
			addresses.forEach((address) -> map.put(address(address), 1));
			return map;
		}).fd();
	}

	@Override
	public int prefixes(List<IpPrefix> prefixes) {
		return this.known.computeIfAbsent(List.of("prefixes", prefixes), (key) -> {
			DataMap map = set("xsk_prefixes", LinuxBpf.BPF_MAP_TYPE_LPM_TRIE, Integer.BYTES + addressSize(prefixes),
					prefixes.size());
			for (IpPrefix prefix : prefixes) {
				byte[] address = address(prefix);
				map.put(ByteBuffer.allocate(Integer.BYTES + address.length)
					.order(ByteOrder.nativeOrder())
					.putInt(prefix.length())
					.put(address)
					.array(), 1);
			}
			return map;
		}).fd();
	}

	private static int addressSize(List<IpPrefix> prefixes) {
		return prefixes.get(0).ipv6() ? 2 * Long.BYTES : Integer.BYTES;
	}

	private static byte[] address(IpPrefix prefix) {
		return prefix.ipv6() ? ByteBuffer.allocate(2 * Long.BYTES).putLong(prefix.high()).putLong(prefix.low()).array()
				: ByteBuffer.allocate(Integer.BYTES).putInt((int) prefix.low()).array();
	}

	private DataMap set(String name, int type, int keySize, int maxEntries) {
		return this.sets.push(DataMap.create(this.kernel, name, type, keySize, maxEntries));
	}

	/** The program keeps them from now on. */
	void closeSets() {
		this.known.clear();
		this.sets.close();
	}

	@Override
	public void close() {
		try (this.matches; this.emptySlots) {
			closeSets();
		}
	}

}
