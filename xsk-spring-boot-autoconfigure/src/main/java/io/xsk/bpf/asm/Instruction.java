package io.xsk.bpf.asm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.jspecify.annotations.Nullable;

/**
 * One eBPF instruction ({@code struct bpf_insn} in {@code linux/bpf.h}).
 *
 * @param code what it does
 * @param target the number of the register that it changes or compares
 * @param source the number of the other register, or a mark
 * @param offset where to load from, as a 16-bit number
 * @param immediate the constant
 * @param label where it jumps to, instead of the offset
 * @since 0.1.0
 */
public record Instruction(int code, int target, int source, int offset, int immediate, @Nullable Label label) {

	/** The size in bytes. */
	public static final int SIZE = 8;

	private static final int NIBBLE = 4;

	void write(ByteBuffer program, int position) {
		int jump = (this.label != null) ? this.label.distanceFrom(position) : this.offset;
		program.put((byte) this.code);
		program.put((byte) registers(program.order()));
		program.putShort((short) jump);
		program.putInt(this.immediate);
	}

	// Two bit fields, which compilers lay out in the machine's order
	private int registers(ByteOrder order) {
		return (order == ByteOrder.LITTLE_ENDIAN) ? this.source << NIBBLE | this.target
				: this.target << NIBBLE | this.source;
	}

}
