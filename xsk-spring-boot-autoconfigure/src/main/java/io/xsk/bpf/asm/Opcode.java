package io.xsk.bpf.asm;

/**
 * Parts of the first byte of an instruction ({@code linux/bpf.h} and
 * {@code linux/bpf_common.h}).
 */
final class Opcode {

	static final int BPF_LD = 0x00;

	static final int BPF_LDX = 0x01;

	static final int BPF_ALU = 0x04;

	static final int BPF_STX = 0x03;

	static final int BPF_ST = 0x02;

	static final int BPF_JMP = 0x05;

	static final int BPF_JMP32 = 0x06;

	static final int BPF_ALU64 = 0x07;

	static final int BPF_MEM = 0x60;

	static final int BPF_IMM = 0x00;

	static final int BPF_DW = 0x18;

	static final int BPF_X = 0x08;

	static final int BPF_ADD = 0x00;

	static final int BPF_AND = 0x50;

	static final int BPF_LSH = 0x60;

	static final int BPF_RSH = 0x70;

	static final int BPF_MOV = 0xb0;

	static final int BPF_END = 0xd0;

	static final int BPF_TO_BE = 0x08;

	static final int BPF_JA = 0x00;

	static final int BPF_CALL = 0x80;

	static final int BPF_EXIT = 0x90;

	static final int BPF_PSEUDO_MAP_FD = 1;

	private Opcode() {
	}

}
