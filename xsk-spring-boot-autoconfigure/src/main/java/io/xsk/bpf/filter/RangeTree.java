package io.xsk.bpf.filter;

import java.util.List;

import io.xsk.bpf.asm.BpfAssembler;
import io.xsk.bpf.asm.Condition;
import io.xsk.bpf.asm.Label;
import io.xsk.bpf.asm.Register;

/**
 * Writes code that finds the range a number lies in by halving: with 500 ranges, nine
 * comparisons instead of 500. Numbers are compared without a sign.
 */
final class RangeTree {

	private final BpfAssembler assembler;

	private final Register value;

	private final Register scratch;

	private final boolean wide;

	private RangeTree(BpfAssembler assembler, Register value, Register scratch, boolean wide) {
		this.assembler = assembler;
		this.value = value;
		this.scratch = scratch;
		this.wide = wide;
	}

	/** Search numbers of at most 32 bits. */
	static void search(BpfAssembler assembler, Register value, List<Leaf> leaves, Label miss) {
		new RangeTree(assembler, value, value, false).search(leaves, 0, 0xffff_ffffL, miss);
	}

	/** Search numbers of 64 bits. */
	static void searchWide(BpfAssembler assembler, Register value, Register scratch, List<Leaf> leaves, Label miss) {
		new RangeTree(assembler, value, scratch, true).search(leaves, 0, -1, miss);
	}

	private void search(List<Leaf> leaves, long min, long max, Label miss) {
		if (leaves.size() <= 1) {
			leaves.forEach((leaf) -> decide(leaf, min, max, miss));
			if (leaves.isEmpty()) {
				this.assembler.jump(miss);
			}
			return;
		}
		int half = leaves.size() / 2;
		long pivot = leaves.get(half).first();
		Label above = this.assembler.label(Long.toUnsignedString(pivot) + " and above");
		jumpIf(Condition.GREATER_OR_EQUAL, pivot, above);
		search(leaves.subList(0, half), min, pivot - 1, miss);
		this.assembler.bind(above);
		search(leaves.subList(half, leaves.size()), pivot, max, miss);
	}

	private void decide(Leaf leaf, long min, long max, Label miss) {
		if (leaf.first() == leaf.last() && (leaf.first() != min || leaf.last() != max)) {
			jumpIf(Condition.NOT_EQUAL, leaf.first(), miss);
		}
		else {
			if (leaf.first() != min) {
				jumpIf(Condition.LESS, leaf.first(), miss);
			}
			if (leaf.last() != max) {
				jumpIf(Condition.GREATER, leaf.last(), miss);
			}
		}
		this.assembler.jump(leaf.target());
	}

	private void jumpIf(Condition condition, long constant, Label label) {
		if (this.wide) {
			this.assembler.loadConstant(this.scratch, constant);
			this.assembler.jumpIf(this.value, condition, this.scratch, label);
		}
		else if (constant <= Integer.MAX_VALUE) {
			this.assembler.jumpIf(this.value, condition, (int) constant, label);
		}
		else {
			this.assembler.jumpIf32(this.value, condition, (int) constant, label);
		}
	}

	/**
	 * A range and what is done with the numbers in it.
	 *
	 * @param first the lowest number
	 * @param last the highest number
	 * @param target where to jump
	 */
	record Leaf(long first, long last, Label target) {
	}

}
