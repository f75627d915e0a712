package io.xsk.bpf.asm;

import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link BpfAssembler}. The bytes are those that clang writes for the same
 * instructions.
 */
class BpfAssemblerTests {

	private final BpfAssembler assembler = new BpfAssembler();

	static boolean isLittleEndian() {
		return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
	}

	@Test
	@EnabledIf("isLittleEndian")
	void instructionsAreWrittenAsTheKernelReadsThem() {
		Label end = this.assembler.label("end");
		this.assembler.move(Register.R6, Register.R1);
		this.assembler.load(Size.WORD, Register.R2, Register.R6, 16);
		this.assembler.load(Size.HALF, Register.R3, Register.R2, -2);
		this.assembler.load(Size.BYTE, Register.R4, Register.R2, 9);
		this.assembler.networkOrder(Size.HALF, Register.R3);
		this.assembler.add(Register.R2, Register.R4);
		this.assembler.add(Register.R2, 14);
		this.assembler.and(Register.R4, 0x3fff);
		this.assembler.shiftLeft(Register.R4, 2);
		this.assembler.shiftRight(Register.R4, 4);
		this.assembler.move(Register.R0, -1);
		this.assembler.jumpIf(Register.R4, Condition.GREATER, Register.R3, end);
		this.assembler.jumpIf(Register.R4, Condition.EQUAL, 17, end);
		this.assembler.jumpIf(Register.R4, Condition.NOT_EQUAL, 17, end);
		this.assembler.jumpIf(Register.R4, Condition.GREATER_OR_EQUAL, 17, end);
		this.assembler.jumpIf(Register.R4, Condition.LESS, 17, end);
		this.assembler.loadMap(Register.R1, 0x0102);
		this.assembler.call(51, 3);
		this.assembler.jump(end);
		this.assembler.bind(end);
		this.assembler.exit();
		assertThat(HexFormat.ofDelimiter(" ").formatHex(this.assembler.assemble()).split("(?<=\\G.{23}) "))
			.containsExactly("bf 16 00 00 00 00 00 00", "61 62 10 00 00 00 00 00", "69 23 fe ff 00 00 00 00",
					"71 24 09 00 00 00 00 00", "dc 03 00 00 10 00 00 00", "0f 42 00 00 00 00 00 00",
					"07 02 00 00 0e 00 00 00", "57 04 00 00 ff 3f 00 00", "67 04 00 00 02 00 00 00",
					"77 04 00 00 04 00 00 00", "b7 00 00 00 ff ff ff ff", "2d 34 08 00 00 00 00 00",
					"15 04 07 00 11 00 00 00", "55 04 06 00 11 00 00 00", "35 04 05 00 11 00 00 00",
					"a5 04 04 00 11 00 00 00", "18 11 00 00 02 01 00 00", "00 00 00 00 00 00 00 00",
					"85 00 00 00 33 00 00 00", "05 00 00 00 00 00 00 00", "95 00 00 00 00 00 00 00");
	}

	@Test
	void aRegisterIsNotReadBeforeItIsWritten() {
		refuses((program) -> program.move(Register.R0, Register.R2), "R2 is read before it is written");
		refuses((program) -> program.add(Register.R0, 1), "R0 is read before it is written");
		refuses(BpfAssembler::exit, "R0 is read before it is written");
		refuses((program) -> program.load(Size.BYTE, Register.R0, Register.R6, 0), "R6 is read before it is written");
		refuses((program) -> program.call(51, 3), "R2 is read before it is written");
	}

	@Test
	void aRegisterHasToBeWrittenOnEveryWayToALabel() {
		refuses((program) -> {
			Label join = program.label("join");
			program.jumpIf(Register.R1, Condition.EQUAL, 0, join);
			program.move(Register.R0, 1);
			program.bind(join);
			program.exit();
		}, "R0 is read before it is written");
	}

	@Test
	void aCallLosesItsArguments() {
		refuses((program) -> {
			program.call(7, 1);
			program.move(Register.R6, Register.R1);
		}, "R1 is read before it is written");
	}

	@Test
	void theFramePointerIsNotWritten() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.assembler.move(Register.R10, 0))
			.withMessage("R10 is read-only");
	}

	@Test
	void jumpsLeadForwardToLabelsOfThisProgramThatAreBoundOnce() {
		refuses((program) -> {
			Label start = program.label("start");
			program.bind(start);
			program.jump(start);
		}, "Label 'start' lies behind");
		refuses((program) -> {
			Label here = program.label("here");
			program.bind(here);
			program.bind(here);
		}, "Label 'here' is bound twice");
		refuses((program) -> {
			program.jump(program.label("nowhere"));
			program.assemble();
		}, "Label 'nowhere' is never bound");
		refuses((program) -> program.bind(new BpfAssembler().label("elsewhere")),
				"Label 'elsewhere' belongs to another program");
	}

	@Test
	void accessesOutsideTheStackAreRefused() {
		for (int offset : new int[] { -516, -513, -3, 0, 4 }) {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> new BpfAssembler().store(Size.WORD, Register.R10, offset, 1))
				.withMessageContaining("Offset " + offset);
		}
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new BpfAssembler().store(Size.DOUBLE, Register.R10, -12, 1))
			.withMessageContaining("not aligned");
		new BpfAssembler().store(Size.DOUBLE, Register.R10, -512, 1);
	}

	@Test
	@EnabledIf("isLittleEndian")
	void storesAndWideConstantsAreWrittenAsTheKernelReadsThem() {
		Label end = this.assembler.label("end");
		this.assembler.store(Size.WORD, Register.R10, -4, 7);
		this.assembler.store(Size.DOUBLE, Register.R10, -16, Register.R1);
		this.assembler.load(Size.DOUBLE, Register.R0, Register.R10, -16);
		this.assembler.loadConstant(Register.R2, 0x1122334455667788L);
		this.assembler.networkOrder(Size.WORD, Register.R2);
		this.assembler.networkOrder(Size.DOUBLE, Register.R2);
		this.assembler.shiftRight(Register.R2, Register.R0);
		this.assembler.jumpIf32(Register.R2, Condition.LESS, -2, end);
		this.assembler.jumpIf(Register.R2, Condition.ANY_BIT, 3, end);
		this.assembler.jumpIf(Register.R2, Condition.SIGNED_LESS, 3, end);
		this.assembler.bind(end);
		this.assembler.exit();
		assertThat(HexFormat.ofDelimiter(" ").formatHex(this.assembler.assemble()).split("(?<=\\G.{23}) "))
			.containsExactly("62 0a fc ff 07 00 00 00", "7b 1a f0 ff 00 00 00 00", "79 a0 f0 ff 00 00 00 00",
					"18 02 00 00 88 77 66 55", "00 00 00 00 44 33 22 11", "dc 02 00 00 20 00 00 00",
					"dc 02 00 00 40 00 00 00", "7f 02 00 00 00 00 00 00", "a6 02 02 00 fe ff ff ff",
					"45 02 01 00 03 00 00 00", "c5 02 00 00 03 00 00 00", "95 00 00 00 00 00 00 00");
		assertThat(this.assembler.listing()).containsExactly("    0: *(u32 *)(r10 -4) = 7",
				"    1: *(u64 *)(r10 -16) = r1", "    2: r0 = *(u64 *)(r10 -16)", "    3: r2 = 0x1122334455667788 ll",
				"    5: r2 = be32 r2", "    6: r2 = be64 r2", "    7: r2 >>= r0", "    8: if w2 < -2 goto 11 (end)",
				"    9: if r2 & 3 goto 11 (end)", "   10: if r2 s< 3 goto 11 (end)", "end:", "   11: exit");
	}

	@Test
	void aJumpThatIsTooFarIsRefused() {
		assertThatExceptionOfType(LabelTooFarException.class).isThrownBy(() -> {
			BpfAssembler program = new BpfAssembler();
			Label far = program.label("far");
			program.move(Register.R0, 0);
			program.jumpIf(Register.R1, Condition.EQUAL, 0, far);
			for (int i = 0; i <= Short.MAX_VALUE; i++) {
				program.move(Register.R0, 0);
			}
			program.bind(far);
			program.exit();
			program.assemble();
		}).withMessageContaining("Label 'far' is 32768 instructions away, and a jump reaches 32767");
	}

	@Test
	void codeThatNothingLeadsToIsRefused() {
		refuses((program) -> {
			program.move(Register.R0, 0);
			program.exit();
			program.move(Register.R0, 1);
		}, "Nothing leads to this instruction");
		refuses((program) -> {
			program.move(Register.R0, 0);
			program.exit();
			program.bind(program.label("unused"));
			program.exit();
		}, "Nothing leads to this instruction");
	}

	@Test
	void aProgramHasAnEnd() {
		refuses(BpfAssembler::assemble, "does not end");
		refuses((program) -> {
			program.move(Register.R0, 0);
			program.assemble();
		}, "does not end");
	}

	@Test
	void numbersHaveToFit() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.assembler.shiftLeft(Register.R1, 64));
		assertThatIllegalArgumentException().isThrownBy(() -> this.assembler.shiftRight(Register.R1, -1));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.assembler.load(Size.BYTE, Register.R0, Register.R1, 32768));
	}

	private static void refuses(Consumer<BpfAssembler> code, String message) {
		assertThatIllegalStateException().isThrownBy(() -> code.accept(new BpfAssembler()))
			.withMessageContaining(message);
	}

}
