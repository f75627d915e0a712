package io.xsk.bpf.filter;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

import io.xsk.XskException;
import io.xsk.bpf.asm.Assembled;
import io.xsk.bpf.asm.BpfAssembler;
import io.xsk.bpf.asm.Condition;
import io.xsk.bpf.asm.Label;
import io.xsk.bpf.asm.LabelTooFarException;
import io.xsk.bpf.asm.LinuxXdp;
import io.xsk.bpf.asm.Register;
import io.xsk.bpf.asm.Size;
import io.xsk.rule.Encapsulation;
import io.xsk.rule.EtherType;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;
import io.xsk.rule.RulesOfKind;
import org.jspecify.annotations.Nullable;

/**
 * Turns rules into a program: parses a packet as far as the rules need it, finds the
 * first rule that it matches, counts it there, and redirects it to the slot of its RX
 * queue. What matches no rule, what cannot be parsed and what matches an exception goes
 * on to the kernel.
 *
 * @since 0.1.0
 */
public final class RedirectCompiler {

	private static final int ETHERNET_SIZE = 14;

	private static final int ETHERNET_TYPE = 12;

	private static final int TAG_SIZE = 4;

	private static final int VLAN_MASK = 0x0fff;

	private static final int MAX_TAGS = 2;

	private static final int[] TAG_TYPES = { EtherType.VLAN, EtherType.SERVICE_VLAN };

	private final BpfAssembler assembler = new BpfAssembler();

	private final Label matched = this.assembler.label("matched");

	private final Label whole = this.assembler.label("whole");

	private final Label pass = this.assembler.label("pass");

	private final RedirectRules rules;

	private final List<RedirectRule> ordered;

	private final ProgramMaps maps;

	private final MapLimits limits;

	private final LengthCheck lengthCheck;

	private final boolean looksInside;

	private RedirectCompiler(RedirectRules rules, ProgramMaps maps, MapLimits limits, LengthCheck lengthCheck) {
		this.rules = rules;
		this.ordered = rules.ordered();
		this.maps = maps;
		this.limits = limits;
		this.lengthCheck = lengthCheck;
		this.looksInside = Arrays.stream(Encapsulation.values())
			.anyMatch((encapsulation) -> !RulesOfKind.inside(encapsulation, this.ordered).isEmpty());
	}

	/**
	 * Compile rules.
	 * @param rules the rules
	 * @param maps makes the maps that the program uses
	 * @param limits when to use maps
	 * @param lengthCheck how to find out whether a packet is as long as it says
	 * @return the program
	 * @throws XskException when the rules are more than a program can hold
	 */
	public static Assembled compile(RedirectRules rules, ProgramMaps maps, MapLimits limits, LengthCheck lengthCheck) {
		try {
			return new RedirectCompiler(rules, maps, limits, lengthCheck).program();
		}
		catch (LabelTooFarException ex) {
			if (limits.equals(MapLimits.SMALLEST)) {
				throw new XskException(
						"The %d rules make a program that is too large: %s".formatted(rules.rules().size(),
								ex.getDescription()),
						"Put ports and addresses that share their other fields into one rule.", ex);
			}
			return compile(rules, maps, MapLimits.SMALLEST, lengthCheck);
		}
	}

	private Assembled program() {
		Verdict verdict = new Verdict(this.assembler, this.maps, this.pass);
		this.assembler.move(Register.R6, Register.R1);
		if (this.rules.isAll()) {
			this.assembler.move(Register.R7, 0);
			this.assembler.jump(this.whole);
		}
		else {
			parse();
		}
		if (this.matched.isUsed()) {
			this.assembler.bind(this.matched);
			verdict.requireLength(this.lengthCheck);
		}
		if (this.whole.isUsed()) {
			this.assembler.bind(this.whole);
		}
		verdict.count(this.looksInside, (int) this.ordered.stream().filter(RedirectRule::except).count());
		verdict.redirect(this.rules.onEmptySlot());
		if (this.pass.isUsed()) {
			this.assembler.bind(this.pass);
			this.assembler.move(Register.R0, LinuxXdp.XDP_PASS);
			this.assembler.exit();
		}
		return new Assembled(this.assembler.assemble(), this.assembler.listing());
	}

	private void parse() {
		Map<RulesOfKind.Kind, Label> labels = new TreeMap<>();
		Map<RulesOfKind.Kind, RulesOfKind> sections = new TreeMap<>();
		for (RulesOfKind.Kind kind : RulesOfKind.Kind.values()) {
			RulesOfKind section = RulesOfKind.of(kind, this.ordered);
			if (!section.isEmpty() || kind == RulesOfKind.Kind.IPV4 && this.looksInside) {
				sections.put(kind, section);
				labels.put(kind, this.assembler.label(kind.toString()));
			}
		}
		if (this.looksInside) {
			this.assembler.store(Size.WORD, Register.R10, StackLayout.BEST, StackLayout.NO_RULE);
		}
		this.assembler.load(Size.WORD, Register.R2, Register.R6, LinuxXdp.XDP_MD_DATA);
		this.assembler.load(Size.WORD, Register.R3, Register.R6, LinuxXdp.XDP_MD_DATA_END);
		ethernet(labels);
		sections.forEach((kind, section) -> {
			this.assembler.bind(at(labels, kind));
			switch (kind) {
				case IPV4 -> ipv4(section);
				case IPV6 -> {
					Label match = this.assembler.label("rules for IPv6");
					Addresses addresses = addresses(section, true);
					new IpParser(this.assembler, section, addresses, Map.of(), this.lengthCheck, this.pass)
						.parse(match);
					match(section, addresses, match, this.matched, this.pass);
				}
				case OTHER -> {
					this.assembler.networkOrder(Size.HALF, Register.R7);
					matcher(section, addresses(section, true), this.whole).match(this.pass);
				}
			}
		});
	}

	private static <K, V> V at(Map<K, V> map, K key) {
		return Objects.requireNonNull(map.get(key));
	}

	/** Reads the type behind the Ethernet header and its tags; R2 is behind them then. */
	private void ethernet(Map<RulesOfKind.Kind, Label> labels) {
		boolean needsVlans = this.ordered.stream().anyMatch((rule) -> !rule.vlans().isEmpty());
		if (needsVlans) {
			for (int place : StackLayout.VLANS) {
				this.assembler.store(Size.WORD, Register.R10, place, StackLayout.NO_VLAN);
			}
		}
		for (int tags = 0; tags <= MAX_TAGS; tags++) {
			int offset = tags * TAG_SIZE;
			IpParser.require(this.assembler, ETHERNET_SIZE + offset, this.pass);
			if (tags > 0 && needsVlans) {
				this.assembler.load(Size.HALF, Register.R0, Register.R2, ETHERNET_TYPE + offset - 2);
				this.assembler.networkOrder(Size.HALF, Register.R0);
				this.assembler.and(Register.R0, VLAN_MASK);
				this.assembler.store(Size.WORD, Register.R10, StackLayout.VLANS[tags - 1], Register.R0);
			}
			this.assembler.load(Size.HALF, Register.R7, Register.R2, ETHERNET_TYPE + offset);
			Label tag = this.assembler.label("behind tag " + (tags + 1));
			type(EtherType.IPV4, labels.get(RulesOfKind.Kind.IPV4), ETHERNET_SIZE + offset);
			for (int type : TAG_TYPES) {
				this.assembler.jumpIf(Register.R7, Condition.EQUAL, IpParser.raw16(type),
						(tags < MAX_TAGS) ? tag : this.pass);
			}
			type(EtherType.IPV6, labels.get(RulesOfKind.Kind.IPV6), ETHERNET_SIZE + offset);
			Label others = labels.get(RulesOfKind.Kind.OTHER);
			this.assembler.jump((others != null) ? others : this.pass);
			if (tags < MAX_TAGS) {
				this.assembler.bind(tag);
			}
		}
	}

	private void type(int type, @Nullable Label section, int size) {
		Label otherwise = this.assembler.label("not " + type);
		if (section == null) {
			this.assembler.jumpIf(Register.R7, Condition.EQUAL, IpParser.raw16(type), this.pass);
			return;
		}
		this.assembler.jumpIf(Register.R7, Condition.NOT_EQUAL, IpParser.raw16(type), otherwise);
		this.assembler.add(Register.R2, size);
		if (this.lengthCheck == LengthCheck.CALL) {
			this.assembler.move(Register.R8, size);
		}
		this.assembler.jump(section);
		this.assembler.bind(otherwise);
	}

	private void ipv4(RulesOfKind section) {
		Map<Encapsulation, Label> inside = new TreeMap<>();
		for (Encapsulation encapsulation : Encapsulation.values()) {
			if (!RulesOfKind.inside(encapsulation, this.ordered).isEmpty()) {
				inside.put(encapsulation, this.assembler.label("inside " + encapsulation));
			}
		}
		Label match = this.assembler.label("rules for IPv4");
		Label best = this.assembler.label("best match");
		Addresses addresses = addresses(section, inside.isEmpty());
		IpParser parser = new IpParser(this.assembler, section, addresses, inside, this.lengthCheck, this.pass);
		parser.parse(match);
		if (!inside.isEmpty()) {
			this.assembler.jump(match);
			inside.forEach((encapsulation, label) -> {
				this.assembler.bind(label);
				inside(parser, encapsulation, section, match, best);
			});
		}
		match(section, addresses, match, this.matched, inside.isEmpty() ? this.pass : best);
		// A rule that takes every IPv4 packet leaves nothing to do here
		if (best.isUsed()) {
			this.assembler.bind(best);
			this.assembler.load(Size.WORD, Register.R7, Register.R10, StackLayout.BEST);
			this.assembler.jumpIf(Register.R7, Condition.EQUAL, StackLayout.NO_RULE, this.pass);
			this.assembler.jump(this.matched);
		}
	}

	/** Finds the best rule for what is inside, and goes on with the outer packet. */
	private void inside(IpParser outerParser, Encapsulation encapsulation, RulesOfKind outer, Label match, Label best) {
		RulesOfKind inner = RulesOfKind.inside(encapsulation, this.ordered);
		Label found = this.assembler.label("match inside " + encapsulation);
		Label done = this.assembler.label("done inside " + encapsulation);
		Label rules = this.assembler.label("rules inside " + encapsulation);
		if (encapsulation == Encapsulation.GRE) {
			outerParser.gre(done);
		}
		// Until its headers are read, the verifier tells apart all the places where it
		// may
		// begin: it would go through early comparisons for each
		Addresses addresses = addresses(inner, false);
		new IpParser(this.assembler, inner, addresses, Map.of(), LengthCheck.NONE, done).parse(rules);
		match(inner, addresses, rules, found, done);
		this.assembler.bind(found);
		this.assembler.store(Size.WORD, Register.R10, StackLayout.BEST, Register.R7);
		this.assembler.bind(done);
		@Nullable Set<Integer> protocols = outer.protocols();
		if (protocols != null && !protocols.contains(encapsulation.protocol())) {
			this.assembler.jump(best);
			return;
		}
		this.assembler.move(Register.R7, encapsulation.protocol());
		if (outer.needsPorts()) {
			this.assembler.move(Register.R8, StackLayout.NO_PORT);
		}
		if (outer.matchesFragments()) {
			this.assembler.move(Register.R9, StackLayout.WHOLE);
		}
		this.assembler.jump(match);
	}

	private Addresses addresses(RulesOfKind section, boolean early) {
		return new Addresses(this.assembler, section, this.maps, this.limits, early);
	}

	private void match(RulesOfKind section, Addresses addresses, Label rules, Label found, Label miss) {
		this.assembler.bind(rules);
		if (section.isEmpty()) {
			this.assembler.jump(miss);
		}
		else {
			matcher(section, addresses, found).match(miss);
		}
	}

	private RuleMatcher matcher(RulesOfKind section, Addresses addresses, Label found) {
		return new RuleMatcher(this.assembler, section, addresses, this.maps, this.limits, found);
	}

	/**
	 * End a program with the redirection to the slot whose number is in R2. An empty slot
	 * gives XDP_PASS.
	 * @param assembler the program
	 * @param mapFd the descriptor of the XSKMAP
	 */
	public static void redirectToSlot(BpfAssembler assembler, int mapFd) {
		assembler.loadMap(Register.R1, mapFd);
		assembler.move(Register.R3, LinuxXdp.XDP_PASS);
		assembler.call(LinuxXdp.BPF_FUNC_REDIRECT_MAP, 3);
		assembler.exit();
	}

}
