package jkvm.soft.cpu;

/** Tells MMX from SSE, the same opcodes with and without a mandatory prefix, and decodes the exceptions of both. */
final class SimdOpcodes {
    private SimdOpcodes() {
    }

    /** True for an instruction on MMX registers alone: no mandatory prefix and an opcode that has an MMX form. */
    static boolean isMmx(Insn in) {
        if ((in.prefixes & (Insn.OPERAND_SIZE | Insn.REP | Insn.REPNE)) != 0) {
            return in.opcode == 0x177;
        }
        int b = in.opcode & 0xFF;
        return switch (in.opcode >> 8) {
            case 1 -> b >= 0x60 && b <= 0x77 && b != 0x6C && b != 0x6D || b == 0x7E || b == 0x7F || b == 0xC4
                    || b == 0xC5 || b >= 0xD1 && b <= 0xFE && b != 0xD6 && b != 0xE6 && b != 0xF0;
            case 2 -> b <= 0x0B || b >= 0x1C && b <= 0x1E;
            case 3 -> b == 0x0F;
            default -> false;
        };
    }

    /** Fills in the fields of an instruction on MMX, SSE or x87 registers that its opcode's entry does not say. */
    static void special(Decoder decoder, Insn in) {
        int p = in.prefixes;
        if (in.op == Op.SSE && isMmx(in)) {
            in.op = Op.MMX;
        }
        if (in.opcode == 0x178 && (p & (Insn.OPERAND_SIZE | Insn.REPNE)) != 0) {
            in.imm = decoder.next();
            in.imm2 = decoder.next();
        }
        if (in.opcode == 0x177 && (p & (Insn.OPERAND_SIZE | Insn.REP | Insn.REPNE)) != 0) {
            decoder.undefined();
        }
        in.memory = (byte) (decoder.isMemory() ? 2 : 0);
        if (in.opcode == 0x1F7) {
            // MASKMOVQ and MASKMOVDQU store to DS:rDI, without a memory operand in ModRM
            decoder.segment(Segment.DS);
        }
    }
}
