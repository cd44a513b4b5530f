package jkvm.soft.cpu;

/** Tells MMX from SSE: the same opcodes, with and without a mandatory prefix. */
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
}
