package io.xsk.bpf.filter;

import io.xsk.bpf.asm.BpfAssembler;
import io.xsk.bpf.asm.Condition;
import io.xsk.bpf.asm.Label;
import io.xsk.bpf.asm.LinuxXdp;
import io.xsk.bpf.asm.Register;
import io.xsk.bpf.asm.Size;
import io.xsk.rule.EmptySlot;

/**
 * Writes code that says what becomes of a packet that matches a rule.
 */
final class Verdict {

	private final BpfAssembler assembler;

	private final ProgramMaps maps;

	private final Label pass;

	/** Prepare to decide. */
	Verdict(BpfAssembler assembler, ProgramMaps maps, Label pass) {
		this.assembler = assembler;
		this.maps = maps;
		this.pass = pass;
	}

	/** Leave what is shorter than its IP header says. */
	void requireLength(LengthCheck lengthCheck) {
		if (lengthCheck == LengthCheck.CALL) {
			this.assembler.move(Register.R1, Register.R6);
			this.assembler.call(LinuxXdp.BPF_FUNC_XDP_GET_BUFF_LEN, 1);
			this.assembler.load(Size.WORD, Register.R1, Register.R10, StackLayout.LENGTH);
			this.assembler.jumpIf(Register.R1, Condition.GREATER, Register.R0, this.pass);
		}
	}

	/** Count the rule whose place is in R7, and leave what is an exception. */
	void count(boolean looksInside, int exceptions) {
		if (looksInside) {
			Label outer = this.assembler.label("no better one inside");
			this.assembler.load(Size.WORD, Register.R0, Register.R10, StackLayout.BEST);
			this.assembler.jumpIf(Register.R0, Condition.GREATER_OR_EQUAL, Register.R7, outer);
			this.assembler.move(Register.R7, Register.R0);
			this.assembler.bind(outer);
		}
		this.assembler.store(Size.WORD, Register.R10, StackLayout.KEY, Register.R7);
		increment(this.maps.matches());
		if (exceptions > 0) {
			this.assembler.jumpIf(Register.R7, Condition.LESS, exceptions, this.pass);
		}
	}

	/** Add one to the counter whose key is on the stack. */
	private void increment(int map) {
		Label counted = this.assembler.label("counted");
		RuleMatcher.lookUp(this.assembler, map, StackLayout.KEY);
		this.assembler.jumpIf(Register.R0, Condition.EQUAL, 0, counted);
		this.assembler.load(Size.DOUBLE, Register.R1, Register.R0, 0);
		this.assembler.add(Register.R1, 1);
		this.assembler.store(Size.DOUBLE, Register.R0, 0, Register.R1);
		this.assembler.bind(counted);
	}

	/** Redirect to the slot of the RX queue, and count where that is empty. */
	void redirect(EmptySlot onEmptySlot) {
		Label empty = this.assembler.label("empty slot");
		Label known = this.assembler.label("queue");
		this.assembler.load(Size.WORD, Register.R8, Register.R6, LinuxXdp.XDP_MD_RX_QUEUE_INDEX);
		this.assembler.loadMap(Register.R1, this.maps.sockets());
		this.assembler.move(Register.R2, Register.R8);
		this.assembler.move(Register.R3, (onEmptySlot == EmptySlot.PASS) ? LinuxXdp.XDP_PASS : LinuxXdp.XDP_DROP);
		this.assembler.call(LinuxXdp.BPF_FUNC_REDIRECT_MAP, 3);
		this.assembler.jumpIf(Register.R0, Condition.NOT_EQUAL, LinuxXdp.XDP_REDIRECT, empty);
		this.assembler.exit();
		this.assembler.bind(empty);
		this.assembler.move(Register.R7, Register.R0);
		this.assembler.jumpIf(Register.R8, Condition.LESS, this.maps.queues(), known);
		this.assembler.move(Register.R8, this.maps.queues() - 1);
		this.assembler.bind(known);
		this.assembler.store(Size.WORD, Register.R10, StackLayout.KEY, Register.R8);
		increment(this.maps.emptySlots());
		this.assembler.move(Register.R0, Register.R7);
		this.assembler.exit();
	}

}
