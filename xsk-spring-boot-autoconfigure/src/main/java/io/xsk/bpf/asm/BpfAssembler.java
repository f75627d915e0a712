package io.xsk.bpf.asm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes eBPF instructions
 * ({@code Documentation/bpf/standardization/instruction-set.rst}, {@code linux/bpf.h},
 * Linux 6.18). What the verifier would refuse for certain is refused while it is written,
 * where the stack trace still names the line: a register that is read before it was
 * written on every way there, a label that is never bound, a jump backwards or too far,
 * code that nothing leads to, a program without an end, an access outside the stack.
 * Conditions compare 64 bits, and where they compare a constant, one that the kernel
 * extends from 32 bits; {@link #jumpIf32} compares the lower 32 bits alone.
 *
 * @since 0.1.0
 */
public final class BpfAssembler {

	private static final int BPF_LD = 0x00;

	private static final int BPF_LDX = 0x01;

	private static final int BPF_ALU = 0x04;

	private static final int BPF_STX = 0x03;

	private static final int BPF_ST = 0x02;

	private static final int BPF_JMP = 0x05;

	private static final int BPF_JMP32 = 0x06;

	private static final int BPF_ALU64 = 0x07;

	private static final int BPF_MEM = 0x60;

	private static final int BPF_IMM = 0x00;

	private static final int BPF_DW = 0x18;

	private static final int BPF_X = 0x08;

	private static final int BPF_ADD = 0x00;

	private static final int BPF_AND = 0x50;

	private static final int BPF_LSH = 0x60;

	private static final int BPF_RSH = 0x70;

	private static final int BPF_MOV = 0xb0;

	private static final int BPF_END = 0xd0;

	private static final int BPF_TO_BE = 0x08;

	private static final int BPF_JA = 0x00;

	private static final int BPF_CALL = 0x80;

	private static final int BPF_EXIT = 0x90;

	private static final int BPF_PSEUDO_MAP_FD = 1;

	private static final int REGISTER_BITS = 64;

	private static final int STACK_SIZE = 512;

	/** Registers that a helper takes as arguments and leaves undefined. */
	private static final int CALLER_SAVED = 0b111110;

	private static final int ALL = -1;

	private final List<Instruction> instructions = new ArrayList<>();

	private final List<Label> labels = new ArrayList<>();

	/** The registers that are defined here, as bits. */
	private int defined = Register.R1.bit() | Register.R10.bit();

	private boolean reachable = true;

	/**
	 * Make a label, a place to jump to.
	 * @param name its name in the listing
	 * @return the label, to be bound once
	 */
	public Label label(String name) {
		Label label = new Label(name);
		this.labels.add(label);
		return label;
	}

	/**
	 * Let a label mean the next instruction.
	 * @param label a label that was jumped to, or to which the code above leads
	 */
	public void bind(Label label) {
		if (!this.labels.contains(label)) {
			throw new IllegalStateException("Label '" + label + "' belongs to another program");
		}
		label.bind(this.instructions.size());
		this.defined = (this.reachable ? this.defined : ALL) & label.defined();
		this.reachable |= label.isUsed();
	}

	/**
	 * Copy a register.
	 * @param target the register that is written
	 * @param source the register that is read
	 */
	public void move(Register target, Register source) {
		read(source);
		write(target);
		emit(BPF_ALU64 | BPF_X | BPF_MOV, target, source, 0, 0);
	}

	/**
	 * Set a register.
	 * @param target the register that is written
	 * @param value the value, whose sign is extended to 64 bits
	 */
	public void move(Register target, int value) {
		write(target);
		emit(BPF_ALU64 | BPF_MOV, target, Register.R0, 0, value);
	}

	/**
	 * Add a register to another one.
	 * @param target the register that is changed
	 * @param source the register that is added
	 */
	public void add(Register target, Register source) {
		read(source);
		read(target);
		write(target);
		emit(BPF_ALU64 | BPF_X | BPF_ADD, target, source, 0, 0);
	}

	/**
	 * Add a constant to a register.
	 * @param target the register that is changed
	 * @param value the constant
	 */
	public void add(Register target, int value) {
		arithmetic(BPF_ADD, target, value);
	}

	/**
	 * Leave some bits of a register.
	 * @param target the register that is changed
	 * @param value the bits that stay, whose sign is extended to 64 bits
	 */
	public void and(Register target, int value) {
		arithmetic(BPF_AND, target, value);
	}

	/**
	 * Shift a register to the right, without its sign.
	 * @param target the register that is changed
	 * @param bits the register with the number of bits
	 */
	public void shiftRight(Register target, Register bits) {
		read(bits);
		read(target);
		write(target);
		emit(BPF_ALU64 | BPF_X | BPF_RSH, target, bits, 0, 0);
	}

	/**
	 * Shift a register to the left.
	 * @param target the register that is changed
	 * @param bits the number of bits, 0 to 63
	 */
	public void shiftLeft(Register target, int bits) {
		arithmetic(BPF_LSH, target, requireShift(bits));
	}

	/**
	 * Shift a register to the right, without its sign.
	 * @param target the register that is changed
	 * @param bits the number of bits, 0 to 63
	 */
	public void shiftRight(Register target, int bits) {
		arithmetic(BPF_RSH, target, requireShift(bits));
	}

	/**
	 * Turn what was loaded from a packet into a number, or back.
	 * @param target a register that holds 16 bits
	 */
	public void networkOrder16(Register target) {
		arithmetic(0, target, Short.SIZE, BPF_ALU | BPF_END | BPF_TO_BE);
	}

	/**
	 * Turn what was loaded from a packet into a number, or back.
	 * @param target a register that holds 32 bits
	 */
	public void networkOrder32(Register target) {
		arithmetic(0, target, Integer.SIZE, BPF_ALU | BPF_END | BPF_TO_BE);
	}

	/**
	 * Turn what was loaded from a packet into a number, or back.
	 * @param target a register that holds 64 bits
	 */
	public void networkOrder64(Register target) {
		arithmetic(0, target, Long.SIZE, BPF_ALU | BPF_END | BPF_TO_BE);
	}

	/**
	 * Load a constant of 64 bits, which takes two instructions.
	 * @param target receives it
	 * @param value the constant
	 */
	/**
	 * Set a register to 64 bits, which takes two instructions.
	 * @param target the register that is written
	 * @param value the value
	 */
	public void loadConstant(Register target, long value) {
		write(target);
		emit(BPF_LD | BPF_IMM | BPF_DW, target.ordinal(), 0, 0, (int) value);
		emit(0, 0, 0, 0, (int) (value >>> Integer.SIZE));
	}

	/**
	 * Store a register in memory.
	 * @param size how much of it
	 * @param address the register with the address
	 * @param offset what is added to the address, in bytes
	 * @param source the register that is stored
	 */
	public void store(Size size, Register address, int offset, Register source) {
		read(address);
		read(source);
		requireOffset(size, address, offset);
		emit(BPF_STX | BPF_MEM | size.code(), address, source, offset, 0);
	}

	/**
	 * Store a constant in memory.
	 * @param size how much of it
	 * @param address the register with the address
	 * @param offset what is added to the address, in bytes
	 * @param value the constant
	 */
	public void store(Size size, Register address, int offset, int value) {
		read(address);
		requireOffset(size, address, offset);
		emit(BPF_ST | BPF_MEM | size.code(), address, Register.R0, offset, value);
	}

	/**
	 * Load from memory, without a sign.
	 * @param size how much
	 * @param target the register that is written
	 * @param address the register with the address
	 * @param offset what is added to the address, in bytes
	 */
	public void load(Size size, Register target, Register address, int offset) {
		read(address);
		write(target);
		requireOffset(size, address, offset);
		emit(BPF_LDX | BPF_MEM | size.code(), target, address, offset, 0);
	}

	/**
	 * Load a map's address, which takes two instructions.
	 * @param target receives it
	 * @param mapFd the descriptor of the map, of use only while the program is loaded
	 */
	public void loadMap(Register target, int mapFd) {
		write(target);
		emit(BPF_LD | BPF_IMM | BPF_DW, target.ordinal(), BPF_PSEUDO_MAP_FD, 0, mapFd);
		emit(0, 0, 0, 0, 0);
	}

	/**
	 * Jump.
	 * @param label where to
	 */
	public void jump(Label label) {
		jumpTo(label);
		emit(BPF_JMP | BPF_JA, Register.R0, Register.R0, label);
		this.reachable = false;
	}

	/**
	 * Jump by a comparison with a constant.
	 * @param left the register that is compared
	 * @param condition when to jump
	 * @param right the constant, whose sign is extended to 64 bits
	 * @param label where to
	 */
	public void jumpIf(Register left, Condition condition, int right, Label label) {
		read(left);
		jumpTo(label);
		this.instructions.add(new Instruction(BPF_JMP | condition.code(), left.ordinal(), 0, 0, right, label));
	}

	/**
	 * Jump by a comparison of two registers.
	 * @param left the register that is compared
	 * @param condition when to jump
	 * @param right the register that it is compared with
	 * @param label where to
	 */
	public void jumpIf(Register left, Condition condition, Register right, Label label) {
		read(left);
		read(right);
		jumpTo(label);
		emit(BPF_JMP | BPF_X | condition.code(), left, right, label);
	}

	/**
	 * Jump by the lower 32 bits of a register.
	 * @param left the register
	 * @param condition when to jump
	 * @param right the constant, all of whose 32 bits count
	 * @param label where to
	 */
	public void jumpIf32(Register left, Condition condition, int right, Label label) {
		read(left);
		jumpTo(label);
		this.instructions.add(new Instruction(BPF_JMP32 | condition.code(), left.ordinal(), 0, 0, right, label));
	}

	/**
	 * Call a helper of the kernel.
	 * @param helper its number
	 * @param arguments how many arguments it takes, from R1 on
	 */
	public void call(int helper, int arguments) {
		for (int i = 1; i <= arguments; i++) {
			read(Register.values()[i]);
		}
		requireReachable();
		emit(BPF_JMP | BPF_CALL, 0, 0, 0, helper);
		this.defined = this.defined & ~CALLER_SAVED | Register.R0.bit();
	}

	/**
	 * Return whether the next instruction can be reached.
	 * @return {@code false} behind a jump or an exit, until a label is bound
	 */
	public boolean isReachable() {
		return this.reachable;
	}

	int size() {
		return this.instructions.size();
	}

	/**
	 * End the program; its verdict is in R0.
	 */
	public void exit() {
		read(Register.R0);
		emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
		this.reachable = false;
	}

	/**
	 * Finish the program.
	 * @return its instructions, 8 bytes each, in the byte order of this machine
	 */
	public byte[] assemble() {
		if (this.reachable) {
			throw new IllegalStateException("The program does not end with an exit or a jump");
		}
		ByteBuffer code = ByteBuffer.allocate(this.instructions.size() * Instruction.SIZE)
			.order(ByteOrder.nativeOrder());
		for (int i = 0; i < this.instructions.size(); i++) {
			this.instructions.get(i).write(code, i);
		}
		return code.array();
	}

	/**
	 * Write the program for people.
	 * @return one line for each instruction, with the labels that are used between them
	 */
	public List<String> listing() {
		return ProgramListing.of(this.instructions, this.labels);
	}

	private void arithmetic(int operation, Register target, int value) {
		arithmetic(operation, target, value, BPF_ALU64);
	}

	private void arithmetic(int operation, Register target, int value, int code) {
		read(target);
		write(target);
		emit(code | operation, target, Register.R0, 0, value);
	}

	private static void requireOffset(Size size, Register address, int offset) {
		if (offset != (short) offset) {
			throw new IllegalArgumentException("Offset " + offset + " does not fit into 16 bits");
		}
		if (address == Register.R10 && (offset < -STACK_SIZE || offset + size.bytes() > 0)) {
			throw new IllegalArgumentException(
					"Offset %d is outside the stack of %d bytes".formatted(offset, STACK_SIZE));
		}
		if (address == Register.R10 && offset % size.bytes() != 0) {
			throw new IllegalArgumentException("Offset %d is not aligned for %d bytes".formatted(offset, size.bytes()));
		}
	}

	private int requireShift(int bits) {
		if (bits < 0 || bits >= REGISTER_BITS) {
			throw new IllegalArgumentException("A register of 64 bits cannot be shifted by " + bits);
		}
		return bits;
	}

	private void read(Register register) {
		requireReachable();
		if ((this.defined & register.bit()) == 0) {
			throw new IllegalStateException(register + " is read before it is written");
		}
	}

	private void write(Register register) {
		requireReachable();
		if (register == Register.R10) {
			throw new IllegalArgumentException("R10 is read-only");
		}
		this.defined |= register.bit();
	}

	private void requireReachable() {
		if (!this.reachable) {
			throw new IllegalStateException("Nothing leads to this instruction: bind a label that was jumped to");
		}
	}

	private void jumpTo(Label label) {
		requireReachable();
		label.jumpedToWith(this.defined);
	}

	private void emit(int code, Register target, Register source, int offset, int immediate) {
		emit(code, target.ordinal(), source.ordinal(), offset, immediate);
	}

	private void emit(int code, Register target, Register source, Label label) {
		this.instructions.add(new Instruction(code, target.ordinal(), source.ordinal(), 0, 0, label));
	}

	private void emit(int code, int target, int source, int offset, int immediate) {
		this.instructions.add(new Instruction(code, target, source, offset, immediate, null));
	}

}
