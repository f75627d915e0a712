package io.xsk.bpf.filter;

import java.util.ArrayList;
import java.util.List;

import io.xsk.bpf.asm.BpfAssembler;
import io.xsk.bpf.asm.Condition;
import io.xsk.bpf.asm.Label;
import io.xsk.bpf.asm.Register;
import io.xsk.bpf.asm.Size;
import io.xsk.rule.IpPrefix;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RulesOfKind;

/**
 * Writes code that reads the addresses of an IP header and compares them with those of
 * rules. Addresses that every rule of a section wants are compared as soon as they are
 * read: most packets of a busy interface are for others, and need no further look then.
 */
final class Addresses {

	private final BpfAssembler assembler;

	private final RulesOfKind section;

	private final ProgramMaps maps;

	private final MapLimits limits;

	private final List<IpPrefix> earlySources;

	private final List<IpPrefix> earlyDestinations;

	/** Prepare to read and to compare. */
	Addresses(BpfAssembler assembler, RulesOfKind section, ProgramMaps maps, MapLimits limits, boolean early) {
		this.assembler = assembler;
		this.section = section;
		this.maps = maps;
		this.limits = limits;
		this.earlySources = early ? shared(true) : List.of();
		this.earlyDestinations = early ? shared(false) : List.of();
	}

	/** The registers that hold the packet would not outlive the call that a map needs. */
	private List<IpPrefix> shared(boolean source) {
		List<IpPrefix> shared = this.section.sharedAddresses(source);
		return needsMap(shared) ? List.of() : shared;
	}

	private List<IpPrefix> early(boolean source) {
		return source ? this.earlySources : this.earlyDestinations;
	}

	/**
	 * Read an address of the IP header at R2, and compare it when every rule wants the
	 * same; otherwise it is kept for {@link #match}.
	 */
	void read(int offset, boolean source, Label miss) {
		List<IpPrefix> early = early(source);
		int place = StackLayout.address(this.section, source);
		if (this.section.kind() == RulesOfKind.Kind.IPV6) {
			for (int half = 0; half < 2; half++) {
				this.assembler.load(Size.DOUBLE, Register.R0, Register.R2, offset + half * Long.BYTES);
				this.assembler.networkOrder(Size.DOUBLE, Register.R0);
				this.assembler.store(Size.DOUBLE, Register.R10, place + (1 - half) * Long.BYTES, Register.R0);
			}
			if (!early.isEmpty()) {
				ipv6(early, place, miss);
			}
			return;
		}
		this.assembler.load(Size.WORD, Register.R0, Register.R2, offset);
		this.assembler.networkOrder(Size.WORD, Register.R0);
		if (early.isEmpty()) {
			this.assembler.store(Size.WORD, Register.R10, place, Register.R0);
		}
		else {
			ipv4(early, miss);
		}
	}

	/** Compare an address that was read with those of a rule, unless that is done. */
	void match(RedirectRule rule, boolean source, Label miss) {
		List<IpPrefix> prefixes = this.section.addresses(rule, source);
		if (prefixes.isEmpty() || !early(source).isEmpty()) {
			return;
		}
		int place = StackLayout.address(this.section, source);
		if (needsMap(prefixes)) {
			map(prefixes, place, miss);
		}
		else if (this.section.kind() == RulesOfKind.Kind.IPV6) {
			ipv6(prefixes, place, miss);
		}
		else {
			this.assembler.load(Size.WORD, Register.R0, Register.R10, place);
			ipv4(prefixes, miss);
		}
	}

	private boolean needsMap(List<IpPrefix> prefixes) {
		return prefixes.size() > (isExact(prefixes) ? this.limits.addresses() : this.limits.prefixes());
	}

	private static boolean isExact(List<IpPrefix> prefixes) {
		return prefixes.stream().allMatch(IpPrefix::isAddress);
	}

	private void map(List<IpPrefix> prefixes, int place, Label miss) {
		if (this.section.kind() == RulesOfKind.Kind.IPV6) {
			this.assembler.store(Size.WORD, Register.R10, StackLayout.PREFIX_KEY, 2 * Long.SIZE);
			for (int half = 0; half < 2; half++) {
				// The place for the address in the key is aligned for words alone
				this.assembler.load(Size.DOUBLE, Register.R0, Register.R10, place + (1 - half) * Long.BYTES);
				this.assembler.networkOrder(Size.DOUBLE, Register.R0);
				int word = StackLayout.PREFIX_KEY + Integer.BYTES + half * Long.BYTES;
				this.assembler.store(Size.DOUBLE, Register.R10, StackLayout.SCRATCH, Register.R0);
				copyWord(StackLayout.SCRATCH, word);
				copyWord(StackLayout.SCRATCH + Integer.BYTES, word + Integer.BYTES);
			}
		}
		else {
			this.assembler.store(Size.WORD, Register.R10, StackLayout.PREFIX_KEY, Integer.SIZE);
			this.assembler.load(Size.WORD, Register.R0, Register.R10, place);
			this.assembler.networkOrder(Size.WORD, Register.R0);
			this.assembler.store(Size.WORD, Register.R10, StackLayout.PREFIX_KEY + Integer.BYTES, Register.R0);
		}
		boolean exact = isExact(prefixes);
		RuleMatcher.lookUp(this.assembler, exact ? this.maps.addresses(prefixes) : this.maps.prefixes(prefixes),
				exact ? StackLayout.PREFIX_KEY + Integer.BYTES : StackLayout.PREFIX_KEY);
		this.assembler.jumpIf(Register.R0, Condition.EQUAL, 0, miss);
	}

	private void copyWord(int from, int to) {
		this.assembler.load(Size.WORD, Register.R0, Register.R10, from);
		this.assembler.store(Size.WORD, Register.R10, to, Register.R0);
	}

	/** R0 is the address. */
	private void ipv4(List<IpPrefix> prefixes, Label miss) {
		Label found = this.assembler.label("address");
		RangeTree.search(this.assembler, Register.R0, AddressRanges.ipv4(prefixes, found), miss);
		this.assembler.bind(found);
	}

	private void ipv6(List<IpPrefix> prefixes, int place, Label miss) {
		Label found = this.assembler.label("address");
		this.assembler.load(Size.DOUBLE, Register.R4, Register.R10, place + Long.BYTES);
		List<AddressRanges.LowerHalves> lower = new ArrayList<>();
		List<RangeTree.Leaf> upper = AddressRanges.ipv6(prefixes, found, lower, (name) -> this.assembler.label(name));
		RangeTree.searchWide(this.assembler, Register.R4, Register.R0, upper, miss);
		for (AddressRanges.LowerHalves rest : lower) {
			this.assembler.bind(rest.label());
			this.assembler.load(Size.DOUBLE, Register.R4, Register.R10, place);
			RangeTree.searchWide(this.assembler, Register.R4, Register.R0, rest.leaves(found), miss);
		}
		this.assembler.bind(found);
	}

}
