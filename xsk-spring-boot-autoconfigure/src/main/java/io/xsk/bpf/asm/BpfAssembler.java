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

	private static final int REGISTER_BITS = 64;

	private final List<Instruction> instructions = new ArrayList<>();

	private final List<Label> labels = new ArrayList<>();

	private final RegisterUse use = new RegisterUse();

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
		this.use.bound(label);
	}

	/**
	 * Copy a register.
	 * @param target the register that is written
	 * @param source the register that is read
	 */
	public void move(Register target, Register source) {
		this.use.read(source);
		this.use.write(target);
		emit(Opcode.BPF_ALU64 | Opcode.BPF_X | Opcode.BPF_MOV, target, source, 0, 0);
	}

	/**
	 * Set a register.
	 * @param target the register that is written
	 * @param value the value, whose sign is extended to 64 bits
	 */
	public void move(Register target, int value) {
		this.use.write(target);
		emit(Opcode.BPF_ALU64 | Opcode.BPF_MOV, target, Register.R0, 0, value);
	}

	/**
	 * Add a register to another one.
	 * @param target the register that is changed
	 * @param source the register that is added
	 */
	public void add(Register target, Register source) {
		this.use.read(source);
		this.use.read(target);
		this.use.write(target);
		emit(Opcode.BPF_ALU64 | Opcode.BPF_X | Opcode.BPF_ADD, target, source, 0, 0);
	}

	/**
	 * Add a constant to a register.
	 * @param target the register that is changed
	 * @param value the constant
	 */
	public void add(Register target, int value) {
		arithmetic(Opcode.BPF_ADD, target, value);
	}

	/**
	 * Leave some bits of a register.
	 * @param target the register that is changed
	 * @param value the bits that stay, whose sign is extended to 64 bits
	 */
	public void and(Register target, int value) {
		arithmetic(Opcode.BPF_AND, target, value);
	}

	/**
	 * Shift a register to the right, without its sign.
	 * @param target the register that is changed
	 * @param bits the register with the number of bits
	 */
	public void shiftRight(Register target, Register bits) {
		this.use.read(bits);
		this.use.read(target);
		this.use.write(target);
		emit(Opcode.BPF_ALU64 | Opcode.BPF_X | Opcode.BPF_RSH, target, bits, 0, 0);
	}

	/**
	 * Shift a register to the left.
	 * @param target the register that is changed
	 * @param bits the number of bits, 0 to 63
	 */
	public void shiftLeft(Register target, int bits) {
		arithmetic(Opcode.BPF_LSH, target, requireShift(bits));
	}

	/**
	 * Shift a register to the right, without its sign.
	 * @param target the register that is changed
	 * @param bits the number of bits, 0 to 63
	 */
	public void shiftRight(Register target, int bits) {
		arithmetic(Opcode.BPF_RSH, target, requireShift(bits));
	}

	/**
	 * Turn what was loaded from a packet into a number, or back.
	 * @param size how much of the register that is; not a byte
	 * @param target the register that is changed
	 */
	public void networkOrder(Size size, Register target) {
		arithmetic(0, target, size.bytes() * Byte.SIZE, Opcode.BPF_ALU | Opcode.BPF_END | Opcode.BPF_TO_BE);
	}

	/**
	 * Set a register to 64 bits, which takes two instructions.
	 * @param target the register that is written
	 * @param value the value
	 */
	public void loadConstant(Register target, long value) {
		this.use.write(target);
		emit(Opcode.BPF_LD | Opcode.BPF_IMM | Opcode.BPF_DW, target.ordinal(), 0, 0, (int) value);
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
		this.use.read(address);
		this.use.read(source);
		RegisterUse.requireOffset(size, address, offset);
		emit(Opcode.BPF_STX | Opcode.BPF_MEM | size.code(), address, source, offset, 0);
	}

	/**
	 * Store a constant in memory.
	 * @param size how much of it
	 * @param address the register with the address
	 * @param offset what is added to the address, in bytes
	 * @param value the constant
	 */
	public void store(Size size, Register address, int offset, int value) {
		this.use.read(address);
		RegisterUse.requireOffset(size, address, offset);
		emit(Opcode.BPF_ST | Opcode.BPF_MEM | size.code(), address, Register.R0, offset, value);
	}

	/**
	 * Load from memory, without a sign.
	 * @param size how much
	 * @param target the register that is written
	 * @param address the register with the address
	 * @param offset what is added to the address, in bytes
	 */
	public void load(Size size, Register target, Register address, int offset) {
		this.use.read(address);
		this.use.write(target);
		RegisterUse.requireOffset(size, address, offset);
		emit(Opcode.BPF_LDX | Opcode.BPF_MEM | size.code(), target, address, offset, 0);
	}

	/**
	 * Load a map's address, which takes two instructions.
	 * @param target receives it
	 * @param mapFd the descriptor of the map, of use only while the program is loaded
	 */
	public void loadMap(Register target, int mapFd) {
		this.use.write(target);
		emit(Opcode.BPF_LD | Opcode.BPF_IMM | Opcode.BPF_DW, target.ordinal(), Opcode.BPF_PSEUDO_MAP_FD, 0, mapFd);
		emit(0, 0, 0, 0, 0);
	}

	/**
	 * Jump.
	 * @param label where to
	 */
	public void jump(Label label) {
		jumpTo(label);
		emit(Opcode.BPF_JMP | Opcode.BPF_JA, Register.R0, Register.R0, label);
		this.use.left();
	}

	/**
	 * Jump by a comparison with a constant.
	 * @param left the register that is compared
	 * @param condition when to jump
	 * @param right the constant, whose sign is extended to 64 bits
	 * @param label where to
	 */
	public void jumpIf(Register left, Condition condition, int right, Label label) {
		this.use.read(left);
		jumpTo(label);
		this.instructions.add(new Instruction(Opcode.BPF_JMP | condition.code(), left.ordinal(), 0, 0, right, label));
	}

	/**
	 * Jump by a comparison of two registers.
	 * @param left the register that is compared
	 * @param condition when to jump
	 * @param right the register that it is compared with
	 * @param label where to
	 */
	public void jumpIf(Register left, Condition condition, Register right, Label label) {
		this.use.read(left);
		this.use.read(right);
		jumpTo(label);
		emit(Opcode.BPF_JMP | Opcode.BPF_X | condition.code(), left, right, label);
	}

	/**
	 * Jump by the lower 32 bits of a register.
	 * @param left the register
	 * @param condition when to jump
	 * @param right the constant, all of whose 32 bits count
	 * @param label where to
	 */
	public void jumpIf32(Register left, Condition condition, int right, Label label) {
		this.use.read(left);
		jumpTo(label);
		this.instructions.add(new Instruction(Opcode.BPF_JMP32 | condition.code(), left.ordinal(), 0, 0, right, label));
	}

	/**
	 * Call a helper of the kernel.
	 * @param helper its number
	 * @param arguments how many arguments it takes, from R1 on
	 */
	public void call(int helper, int arguments) {
		for (int i = 1; i <= arguments; i++) {
			this.use.read(Register.values()[i]);
		}
		this.use.requireReachable();
		emit(Opcode.BPF_JMP | Opcode.BPF_CALL, 0, 0, 0, helper);
		this.use.called();
	}

	/**
	 * Return whether the next instruction can be reached.
	 * @return {@code false} behind a jump or an exit, until a label is bound
	 */
	public boolean isReachable() {
		return this.use.isReachable();
	}

	int size() {
		return this.instructions.size();
	}

	/**
	 * End the program; its verdict is in R0.
	 */
	public void exit() {
		this.use.read(Register.R0);
		emit(Opcode.BPF_JMP | Opcode.BPF_EXIT, 0, 0, 0, 0);
		this.use.left();
	}

	/**
	 * Finish the program.
	 * @return its instructions, 8 bytes each, in the byte order of this machine
	 */
	public byte[] assemble() {
		if (this.use.isReachable()) {
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
		arithmetic(operation, target, value, Opcode.BPF_ALU64);
	}

	private void arithmetic(int operation, Register target, int value, int code) {
		this.use.read(target);
		this.use.write(target);
		emit(code | operation, target, Register.R0, 0, value);
	}

	private int requireShift(int bits) {
		if (bits < 0 || bits >= REGISTER_BITS) {
			throw new IllegalArgumentException("A register of 64 bits cannot be shifted by " + bits);
		}
		return bits;
	}

	private void jumpTo(Label label) {
		this.use.jumpTo(label);
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
