package io.xsk.rule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which packets an XDP program redirects to the sockets in its XSKMAP. Everything else
 * goes on to the kernel: what matches no rule, what matches an exception, what is
 * truncated or contradicts itself, and what the program does not look into far enough. It
 * reads two VLAN tags, 128 bytes of IPv6 extension headers and one encapsulation. Each
 * length in the headers of IP, UDP and TCP has to fit into what the packet is in; but a
 * first fragment into the whole that it is from. Checksums are not verified. Before Linux
 * 5.18 and without CAP_PERFMON a program cannot know how long a packet is: one that is
 * cut behind its headers matches there all the same. Immutable.
 *
 * @since 0.1.0
 */
public final class RedirectRules {

	/** What counters and warnings call the rule of {@link #all()}. */
	private static final String ALL_NAME = "all";

	/** What counters and warnings call the rule of {@link #udpPorts}. */
	private static final String SHORT_NAME = "redirect";

	/** So many rules are in the text. */
	private static final int SHOWN = 16;

	private final boolean all;

	private final List<RedirectRule> rules;

	private final EmptySlot onEmptySlot;

	private RedirectRules(boolean all, List<RedirectRule> rules, EmptySlot onEmptySlot) {
		this.all = all;
		this.rules = rules;
		this.onEmptySlot = onEmptySlot;
	}

	/**
	 * Redirect every packet of the interface: ARP, SSH and whatever else it receives.
	 * @return the rules
	 */
	public static RedirectRules all() {
		return all(EmptySlot.PASS);
	}

	/**
	 * Redirect every packet of the interface: ARP, SSH and whatever else it receives.
	 * @param onEmptySlot what happens to a packet whose queue has no socket
	 * @return the rules
	 */
	public static RedirectRules all(EmptySlot onEmptySlot) {
		return new RedirectRules(true, List.of(), onEmptySlot);
	}

	/**
	 * Redirect UDP packets, over IPv4 and IPv6, by their destination port. Fragments go
	 * on to the kernel.
	 * @param ports at least one range
	 * @return the rules
	 * @throws IllegalArgumentException when there is no range
	 */
	public static RedirectRules udpPorts(PortRange... ports) {
		return udpPorts(Arrays.asList(ports));
	}

	/**
	 * Redirect UDP packets, over IPv4 and IPv6, by their destination port. Fragments go
	 * on to the kernel.
	 * @param ports at least one range
	 * @return the rules
	 * @throws IllegalArgumentException when there is no range
	 */
	public static RedirectRules udpPorts(Collection<PortRange> ports) {
		if (ports.isEmpty()) {
			throw new IllegalArgumentException(
					"There is no UDP port to redirect. Name at least one, or redirect all packets explicitly.");
		}
		return builder().rule(RedirectRule.named(SHORT_NAME).udpPorts(ports).build()).build();
	}

	/**
	 * Start a list of rules.
	 * @return a builder without rules
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return whether every packet is redirected.
	 * @return {@code true} for {@link #all()}
	 */
	public boolean isAll() {
		return this.all;
	}

	/**
	 * Return the rules in their order, which decides who counts a packet that several
	 * match.
	 * @return the rules, empty for {@link #all()}
	 */
	public List<RedirectRule> rules() {
		return this.rules;
	}

	/**
	 * Return what happens to a packet whose queue has no socket.
	 * @return what happens
	 */
	public EmptySlot onEmptySlot() {
		return this.onEmptySlot;
	}

	/**
	 * Return the names of what counts packets, in the order in which it is asked:
	 * exceptions come first.
	 * @return one name for each rule, or {@code all}
	 */
	public List<String> names() {
		return this.all ? List.of(ALL_NAME) : ordered().stream().map(RedirectRule::name).toList();
	}

	/**
	 * Return the rules in the order in which they are asked.
	 * @return exceptions, then the others
	 */
	public List<RedirectRule> ordered() {
		return this.rules.stream().sorted(Comparator.comparing((rule) -> !rule.except())).toList();
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof RedirectRules that && this.all == that.all && this.rules.equals(that.rules)
				&& this.onEmptySlot == that.onEmptySlot;
	}

	@Override
	public int hashCode() {
		return 31 * this.rules.hashCode() + this.onEmptySlot.hashCode();
	}

	@Override
	public String toString() {
		if (this.all) {
			return "all packets";
		}
		if (this.rules.size() == 1) {
			return this.rules.get(0).toString();
		}
		return this.rules.stream()
			.limit(SHOWN)
			.map((rule) -> rule.name() + " (" + rule + ")")
			.collect(
					Collectors.joining(", ", this.rules.size() + " rules: ", (this.rules.size() > SHOWN) ? ", …" : ""));
	}

	/**
	 * Builds rules. Not thread-safe.
	 */
	public static final class Builder {

		private final List<RedirectRule> rules = new ArrayList<>();

		private EmptySlot onEmptySlot = EmptySlot.PASS;

		private Builder() {
		}

		/**
		 * Add a rule behind the others.
		 * @param rule the rule
		 * @return this
		 */
		public Builder rule(RedirectRule rule) {
			this.rules.add(rule);
			return this;
		}

		/**
		 * Add rules behind the others.
		 * @param rules the rules
		 * @return this
		 */
		public Builder rules(Collection<RedirectRule> rules) {
			this.rules.addAll(rules);
			return this;
		}

		/**
		 * Say what happens to a packet whose queue has no socket.
		 * @param onEmptySlot what happens
		 * @return this
		 */
		public Builder onEmptySlot(EmptySlot onEmptySlot) {
			this.onEmptySlot = onEmptySlot;
			return this;
		}

		/**
		 * Finish the rules.
		 * @return the rules
		 * @throws IllegalArgumentException when there is no rule but exceptions, or two
		 * have one name
		 */
		public RedirectRules build() {
			Set<String> names = new HashSet<>();
			for (RedirectRule rule : this.rules) {
				if (!names.add(rule.name())) {
					throw new IllegalArgumentException(
							"Two rules are called '%s'. Give each a name of its own.".formatted(rule.name()));
				}
			}
			if (this.rules.stream().allMatch(RedirectRule::except)) {
				throw new IllegalArgumentException(
						"No rule redirects anything. Add one that is no exception, or redirect all packets explicitly.");
			}
			return new RedirectRules(false, List.copyOf(this.rules), this.onEmptySlot);
		}

	}

}
