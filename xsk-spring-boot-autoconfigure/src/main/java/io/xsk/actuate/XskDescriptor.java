package io.xsk.actuate;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.xsk.bpf.ProgramInfo;
import io.xsk.bpf.RedirectCounters;
import io.xsk.bpf.RedirectProgram;
import io.xsk.bpf.XdpLink;
import io.xsk.bpf.XskMap;
import io.xsk.bpf.XskMapInfo;
import io.xsk.core.XskBinding;
import io.xsk.kernel.AttachedProgram;
import io.xsk.kernel.NetworkInterface;
import io.xsk.rule.RedirectRules;
import io.xsk.setup.XskInterface;
import io.xsk.socket.RingUsage;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpStatistics;
import io.xsk.socket.XdpTraffic;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * Answer of the endpoint {@code xsk}.
 *
 * @param interfaces the interfaces by key
 * @param bindings the bindings of all sockets
 * @since 0.1.0
 */
public record XskDescriptor(Map<String, InterfaceDescriptor> interfaces,
		List<BindingDescriptor> bindings) implements OperationResponseBody {

	/** What is closed at this very moment is as good as gone. */
	private static <T> @Nullable T unlessClosed(Supplier<? extends @Nullable T> reading) {
		try {
			return reading.get();
		}
		catch (IllegalStateException ex) {
			return null;
		}
	}

	/**
	 * Answer for one socket.
	 *
	 * @param bindings its bindings, one per queue
	 */
	public record Bindings(List<BindingDescriptor> bindings) implements OperationResponseBody {
	}

	/**
	 * An interface. What is not ours, and what the rights of the process do not let it
	 * know, is {@code null}; so is nearly everything once the interface is gone.
	 *
	 * @param name the kernel's name
	 * @param index the interface index
	 * @param driver the driver
	 * @param mtu the MTU in bytes
	 * @param queues the number of RX queues
	 * @param linkUp whether it is up and has a carrier
	 * @param attachMode where the attached XDP program runs: native, generic or offloaded
	 * @param program the attached XDP program
	 * @param link the link that attaches it
	 * @param map the XSKMAP
	 * @param redirect what our program redirects, and what it has counted
	 */
	@JsonInclude(JsonInclude.Include.ALWAYS)
	public record InterfaceDescriptor(String name, int index, @Nullable String driver, @Nullable Integer mtu,
			@Nullable Integer queues, boolean linkUp, @Nullable String attachMode, @Nullable ProgramDescriptor program,
			@Nullable LinkDescriptor link, @Nullable MapDescriptor map, @Nullable RedirectDescriptor redirect) {

		static InterfaceDescriptor of(XskInterface xskInterface, @Nullable NetworkInterface now) {
			@Nullable MapDescriptor map = MapDescriptor.of(xskInterface.map());
			if (now == null) {
				return new InterfaceDescriptor(xskInterface.config().name(), xskInterface.index(), null, null, null,
						false, null, null, null, map, RedirectDescriptor.of(xskInterface));
			}
			@Nullable AttachedProgram attached = now.program();
			return new InterfaceDescriptor(now.name(), now.index(), now.driver(), now.mtu(), now.queues(), now.linkUp(),
					(attached != null) ? Names.of(attached.mode()) : null,
					(attached != null) ? ProgramDescriptor.of(attached, xskInterface.program()) : null,
					LinkDescriptor.of(xskInterface.link()), map, RedirectDescriptor.of(xskInterface));
		}

	}

	/**
	 * What our program redirects, and what it has counted.
	 *
	 * @param rules the rules in the order in which they are asked
	 * @param onEmptySlot what happens to a packet that matches on a queue without a
	 * socket: pass or drop
	 * @param emptySlots how many such packets each queue had, by queue; queues without
	 * any are left out, and those for which the XSKMAP has no slot are one: {@code 4 and
	 * above}
	 */
	public record RedirectDescriptor(List<RuleDescriptor> rules, String onEmptySlot, Map<String, Long> emptySlots) {

		static @Nullable RedirectDescriptor of(XskInterface xskInterface) {
			@Nullable RedirectCounters counters = unlessClosed(xskInterface::counters);
			if (counters == null) {
				return null;
			}
			RedirectRules rules = counters.rules();
			Map<String, Long> emptySlots = new LinkedHashMap<>();
			counters.emptySlots().forEach((queue, count) -> emptySlots.put(counters.queueName(queue), count));
			return new RedirectDescriptor(counters.matches()
				.entrySet()
				.stream()
				.map((entry) -> RuleDescriptor.of(rules, entry.getKey(), entry.getValue()))
				.toList(), Names.of(rules.onEmptySlot()), emptySlots);
		}

	}

	/**
	 * A rule.
	 *
	 * @param name its name
	 * @param matches what it matches, for people
	 * @param except whether it is an exception
	 * @param packets how many packets it was the first to match
	 */
	public record RuleDescriptor(String name, String matches, boolean except, long packets) {

		static RuleDescriptor of(RedirectRules rules, String name, long packets) {
			return rules.rules()
				.stream()
				.filter((rule) -> rule.name().equals(name))
				.findFirst()
				.map((rule) -> new RuleDescriptor(name, rule.toString(), rule.except(), packets))
				.orElseGet(() -> new RuleDescriptor(name, rules.toString(), false, packets));
		}

	}

	/**
	 * The program of an interface, for people.
	 *
	 * @param name the name of the interface
	 * @param program the instructions, one a line, with labels between them
	 */
	public record ListingDescriptor(String name, List<String> program) implements OperationResponseBody {
	}

	/**
	 * An XDP program.
	 *
	 * @param id the kernel's id
	 * @param tag a digest of its instructions
	 * @param name its name
	 */
	@JsonInclude(JsonInclude.Include.ALWAYS)
	public record ProgramDescriptor(int id, @Nullable String tag, @Nullable String name) {

		static ProgramDescriptor of(AttachedProgram attached, @Nullable RedirectProgram ours) {
			@Nullable ProgramInfo info = (ours != null) ? ours.info() : null;
			return (info != null && info.id() == attached.id())
					? new ProgramDescriptor(info.id(), info.tag(), info.name())
					: new ProgramDescriptor(attached.id(), null, null);
		}

	}

	/**
	 * A link that attaches an XDP program.
	 *
	 * @param id the kernel's id
	 */
	public record LinkDescriptor(int id) {

		static @Nullable LinkDescriptor of(@Nullable XdpLink link) {
			return (link != null && link.isAttached()) ? new LinkDescriptor(link.id()) : null;
		}

	}

	/**
	 * An XSKMAP.
	 *
	 * @param id the kernel's id
	 * @param name its name
	 * @param maxEntries the number of its entries
	 * @param pinnedPath where it is pinned, {@code null} for nowhere that we know of
	 */
	@JsonInclude(JsonInclude.Include.ALWAYS)
	public record MapDescriptor(int id, String name, int maxEntries, @Nullable String pinnedPath) {

		static @Nullable MapDescriptor of(@Nullable XskMap map) {
			@Nullable XskMapInfo info = (map != null) ? unlessClosed(map::info) : null;
			return (map != null && info != null) ? new MapDescriptor(info.id(), info.name(), info.maxEntries(),
					(map.pinnedPath() != null) ? map.pinnedPath().toString() : null) : null;
		}

	}

	/**
	 * A socket and its slot in the XSKMAP.
	 *
	 * @param socket the name of the socket, {@code null} for one that the application
	 * made itself
	 * @param xskInterface the key of the interface
	 * @param queue the queue id
	 * @param wanted whether the application or the operator wants it to be active
	 * @param served whether somebody takes its packets
	 * @param state how they stand: inactive, active, missing, foreign or dead
	 * @param verifiedBy how that is known: probe, update or none
	 * @param since when that state was first seen, {@code null} for a socket that only
	 * sends
	 * @param reason why the state is not ACTIVE, {@code null} when it is
	 * @param zeroCopy whether the driver delivers without a copy, {@code null} where it
	 * is not known
	 * @param statistics the kernel's counters, {@code null} where they cannot be read
	 * @param traffic our own counters, {@code null} for a descriptor from elsewhere
	 * @param rings the rings, {@code null} where they cannot be read
	 */
	@JsonInclude(JsonInclude.Include.ALWAYS)
	public record BindingDescriptor(@Nullable String socket, @JsonProperty("interface") @Nullable String xskInterface,
			int queue, boolean wanted, boolean served, String state, String verifiedBy, @Nullable Instant since,
			@Nullable String reason, @Nullable Boolean zeroCopy, @Nullable StatisticsDescriptor statistics,
			@Nullable TrafficDescriptor traffic, @Nullable RingsDescriptor rings) {

		static BindingDescriptor of(@Nullable String name, @Nullable String key, XskBinding binding) {
			boolean readable = binding.xsk() instanceof XdpSocket socket && socket.isOpen();
			@Nullable XdpSocket socket = readable ? (XdpSocket) binding.xsk() : null;
			return new BindingDescriptor(name, key, binding.queueId(), binding.wanted(), binding.served(),
					Names.of(binding.state()), Names.of(binding.verifiedBy()), binding.since(), binding.reason(),
					(socket != null) ? socket.isZeroCopy() : null,
					(socket != null) ? unlessClosed(() -> StatisticsDescriptor.of(socket.statistics())) : null,
					(socket != null) ? TrafficDescriptor.of(socket.traffic()) : null,
					(socket != null) ? RingsDescriptor.of(socket) : null);
		}

	}

	/**
	 * The four rings of a socket.
	 *
	 * @param rx the RX ring
	 * @param tx the TX ring
	 * @param fill the fill ring
	 * @param completion the completion ring
	 */
	public record RingsDescriptor(RingDescriptor rx, RingDescriptor tx, RingDescriptor fill,
			RingDescriptor completion) {

		static RingsDescriptor of(XdpSocket socket) {
			return new RingsDescriptor(RingDescriptor.of(socket.rx()), RingDescriptor.of(socket.tx()),
					RingDescriptor.of(socket.fill()), RingDescriptor.of(socket.completion()));
		}

	}

	/**
	 * How full a ring is.
	 *
	 * @param size the number of its entries
	 * @param used how many its producer has put in and its consumer has not taken out
	 */
	public record RingDescriptor(int size, int used) {

		static RingDescriptor of(RingUsage usage) {
			return new RingDescriptor(usage.size(), usage.used());
		}

	}

	/**
	 * What the kernel counts for an XSK since it was opened.
	 *
	 * @param rxDropped packets dropped for another reason than those below
	 * @param rxInvalidDescriptors invalid entries in the fill ring
	 * @param txInvalidDescriptors invalid entries in the TX ring
	 * @param rxRingFull packets dropped because the RX ring was full: the application is
	 * too slow
	 * @param rxFillRingEmpty packets dropped because the fill ring was empty: the
	 * application is too slow, or keeps packets
	 * @param txRingEmpty how often the kernel found nothing to send, which is no fault
	 */
	public record StatisticsDescriptor(long rxDropped, long rxInvalidDescriptors, long txInvalidDescriptors,
			long rxRingFull, long rxFillRingEmpty, long txRingEmpty) {

		static StatisticsDescriptor of(XdpStatistics statistics) {
			return new StatisticsDescriptor(statistics.rxDropped(), statistics.rxInvalidDescriptors(),
					statistics.txInvalidDescriptors(), statistics.rxRingFull(), statistics.rxFillRingEmpty(),
					statistics.txRingEmpty());
		}

	}

	/**
	 * What we count for an XSK since it was opened.
	 *
	 * @param receivedPackets packets that were handed over
	 * @param receivedBytes their bytes
	 * @param sentPackets packets that were put into the TX ring
	 * @param sentBytes their bytes
	 * @param sendDrops how many of them the kernel dropped afterwards
	 */
	public record TrafficDescriptor(long receivedPackets, long receivedBytes, long sentPackets, long sentBytes,
			long sendDrops) {

		static TrafficDescriptor of(XdpTraffic traffic) {
			return new TrafficDescriptor(traffic.receivedPackets(), traffic.receivedBytes(), traffic.sentPackets(),
					traffic.sentBytes(), traffic.sendDrops());
		}

	}

}
