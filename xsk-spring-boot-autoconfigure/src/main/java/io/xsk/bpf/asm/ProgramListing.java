package io.xsk.bpf.asm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes instructions in the notation of the kernel's verifier, with the names of labels
 * and without the numbers of descriptors.
 */
final class ProgramListing {

	private static final int CLASS_MASK = 0x07;

	private static final int OPERATION_MASK = 0xf0;

	private static final int SIZE_MASK = 0x18;

	private static final int SOURCE_REGISTER = 0x08;

	private static final int LOAD = 0x01;

	private static final int STORE_CONSTANT = 0x02;

	private static final int STORE = 0x03;

	private static final int BYTE_ORDER = 0xd0;

	private static final int ARITHMETIC_32 = 0x04;

	private static final int ARITHMETIC = 0x07;

	private static final int JUMP_32 = 0x06;

	private static final int LOAD_CONSTANT = 0x18;

	private static final int ALWAYS = 0x05;

	private static final int CALL = 0x85;

	private static final int EXIT = 0x95;

	private static final Map<Integer, String> OPERATORS = Map.of(0x00, "+=", 0x50, "&=", 0x60, "<<=", 0x70, ">>=", 0xb0,
			"=");

	private static final Map<Integer, String> COMPARISONS = Map.of(0x10, "==", 0x20, ">", 0x30, ">=", 0x40, "&", 0x50,
			"!=", 0xa0, "<", 0xc0, "s<");

	private static final Map<Integer, String> HELPERS = Map.of(LinuxXdp.BPF_FUNC_MAP_LOOKUP_ELEM, "map_lookup_elem",
			LinuxXdp.BPF_FUNC_REDIRECT_MAP, "redirect_map", LinuxXdp.BPF_FUNC_XDP_GET_BUFF_LEN, "xdp_get_buff_len");

	private final List<Instruction> instructions;

	private final Map<Label, String> names = new HashMap<>();

	private ProgramListing(List<Instruction> instructions) {
		this.instructions = instructions;
	}

	static List<String> of(List<Instruction> instructions, List<Label> labels) {
		return new ProgramListing(instructions).lines(labels);
	}

	private List<String> lines(List<Label> labels) {
		Map<Integer, List<Label>> places = new HashMap<>();
		for (Label label : labels) {
			if (label.isUsed()) {
				this.names.put(label, label.position() + " (" + label + ")");
				places.computeIfAbsent(label.position(), (position) -> new ArrayList<>()).add(label);
			}
		}
		List<String> lines = new ArrayList<>();
		for (int i = 0; i < this.instructions.size(); i++) {
			for (Label label : places.getOrDefault(i, List.of())) {
				lines.add(label + ":");
			}
			Instruction instruction = this.instructions.get(i);
			lines.add("%5d: %s".formatted(i, text(instruction, i)));
			if (instruction.code() == LOAD_CONSTANT) {
				i++;
			}
		}
		return List.copyOf(lines);
	}

	private String text(Instruction instruction, int position) {
		String target = "r" + instruction.target();
		String operand = ((instruction.code() & SOURCE_REGISTER) != 0) ? "r" + instruction.source()
				: Integer.toString(instruction.immediate());
		return switch (instruction.code()) {
			case EXIT -> "exit";
			case CALL -> "call " + HELPERS.getOrDefault(instruction.immediate(), operand);
			case ALWAYS -> "goto " + name(instruction);
			case LOAD_CONSTANT -> target + " = " + constant(instruction, position);
			default -> switch (instruction.code() & CLASS_MASK) {
				case LOAD -> "%s = %s".formatted(target, memory(instruction, instruction.source()));
				case STORE -> "%s = r%d".formatted(memory(instruction, instruction.target()), instruction.source());
				case STORE_CONSTANT ->
					"%s = %d".formatted(memory(instruction, instruction.target()), instruction.immediate());
				case ARITHMETIC, ARITHMETIC_32 -> ((instruction.code() & OPERATION_MASK) == BYTE_ORDER)
						? "%s = be%d %s".formatted(target, instruction.immediate(), target)
						: "%s %s %s".formatted(target, OPERATORS.get(instruction.code() & OPERATION_MASK), operand);
				default -> "if %s %s %s goto %s".formatted(
						((instruction.code() & CLASS_MASK) == JUMP_32) ? "w" + instruction.target() : target,
						COMPARISONS.get(instruction.code() & OPERATION_MASK), operand, name(instruction));
			};
		};
	}

	private String constant(Instruction instruction, int position) {
		if (instruction.source() != 0) {
			return "map";
		}
		long upper = this.instructions.get(position + 1).immediate();
		return "0x%x ll".formatted(upper << Integer.SIZE | Integer.toUnsignedLong(instruction.immediate()));
	}

	private static String memory(Instruction instruction, int address) {
		int bits = Byte.SIZE * Arrays.stream(Size.values())
			.filter((size) -> size.code() == (instruction.code() & SIZE_MASK))
			.findFirst()
			.orElseThrow()
			.bytes();
		return String.format(Locale.ROOT, "*(u%d *)(r%d %+d)", bits, address, instruction.offset());
	}

	private String name(Instruction instruction) {
		return (instruction.label() != null) ? String.valueOf(this.names.get(instruction.label())) : "?";
	}

}
