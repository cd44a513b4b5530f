package jkvm.soft.cpu;

/**
 * Numbers that the interpreter's loop switches on: common instructions in one form and size each, then one number for
 * each class that executes the rest of a group.
 */
final class Key {
    static final int
            ADD64 = 0, ADD32 = 1, SUB64 = 2, SUB32 = 3, AND64 = 4, AND32 = 5, OR64 = 6, OR32 = 7, XOR64 = 8,
            XOR32 = 9, CMP64 = 10, CMP32 = 11, TEST64 = 12, TEST32 = 13, MOV64 = 14, MOV32 = 15,
            BINARY_M64 = 16, BINARY_M32 = 17, LOAD64 = 18, LOAD32 = 19, STORE64 = 20, STORE32 = 21,
            STORE16 = 22, STORE8 = 23, CMPM64 = 24, CMPM32 = 25, CMPM8 = 26, TESTM8 = 27, TEST8 = 28,
            CMP8 = 29, MOVZX8 = 30, MOVZX16 = 31, LOADZX8 = 32, LOADZX16 = 33, MOVSXD = 34, MOVSX8_32 = 35,
            SHL64 = 36, SHL32 = 37, SHR64 = 38, SHR32 = 39, SAR64 = 40, SAR32 = 41, LEA64 = 42, LEA32 = 43,
            PUSH64 = 44, POP64 = 45, PUSH32 = 46, POP32 = 47, CALL64 = 48, RET64 = 49, CALL32 = 50,
            RET32 = 51, JMP = 52, JCC = 53, JMP_R64 = 54, STEP64 = 55, STEP32 = 56, IMUL = 57,
            CONDITIONAL = 58, NOP = 59, INTEGER = 60, STACK = 61, BITS = 62, STRING = 63, PORT = 64,
            SYSTEM = 65, X87 = 66, MMX = 67, SSE = 68, UNDEFINED = 69;
    /** The first key of a group; from {@link #FIRST_RARE} on the loop hands the instruction over. */
    static final int FIRST_RARE = INTEGER;

    /** From here on an instruction that ends a block may have changed the mode or left {@link Cpu#exit}. */
    static final int FIRST_LEAVING = SYSTEM;

    private Key() {
    }

    static int of(Insn in, int mode, long limit) {
        int key = common(in, mode, limit);
        return key >= 0 ? key : group(in.op);
    }

    static int group(int op) {
        if (op == Op.UNDEFINED) {
            return UNDEFINED;
        }
        if (op < Op.PUSH) {
            return INTEGER;
        }
        if (op < Op.ROL) {
            return STACK;
        }
        if (op < Op.MOVS) {
            return BITS;
        }
        if (op < Op.FIRST_SYSTEM) {
            return op >= Op.IN ? PORT : STRING;
        }
        if (Op.isSystem(op)) {
            return SYSTEM;
        }
        return op < Op.MMX ? X87 : op == Op.MMX ? MMX : SSE;
    }

    private static int common(Insn in, int mode, long limit) {
        if ((in.prefixes & Insn.LOCK) != 0 || in.dst >= Insn.HIGH_BYTE || in.src >= Insn.HIGH_BYTE) {
            return -1;
        }
        int narrow = in.size == 8 ? 0 : 1;
        boolean wide = in.size >= 4;
        boolean flat64 = (mode & CpuMode.CODE_64) != 0 && in.size == 8;
        boolean flat32 = (mode & CpuMode.CODE_64) == 0 && (mode & CpuMode.BIG_STACK) != 0
                && (mode & CpuMode.FLAT_DATA) != 0 && in.size == 4;
        return switch (in.op) {
            case Op.ADD -> binary(in, wide, ADD64);
            case Op.SUB -> binary(in, wide, SUB64);
            case Op.AND -> binary(in, wide, AND64);
            case Op.OR -> binary(in, wide, OR64);
            case Op.XOR -> binary(in, wide, XOR64);
            case Op.CMP -> in.memory == 1 ? wide ? CMPM64 + narrow : in.size == 1 ? CMPM8 : -1
                    : in.size == 1 && in.memory == 0 ? CMP8 : binary(in, wide, CMP64);
            case Op.TEST -> in.size == 1 ? in.memory == 1 ? TESTM8 : TEST8
                    : wide && in.memory == 0 ? TEST64 + narrow : -1;
            case Op.MOV -> move(in, wide, narrow);
            case Op.MOVZX8 -> in.size == 2 ? -1 : in.memory == 0 ? MOVZX8 : LOADZX8;
            case Op.MOVZX16 -> in.size == 2 ? -1 : in.memory == 0 ? MOVZX16 : LOADZX16;
            case Op.MOVSXD -> in.size == 8 && in.memory == 0 ? MOVSXD : -1;
            case Op.MOVSX8 -> in.size == 4 && in.memory == 0 ? MOVSX8_32 : -1;
            case Op.INC, Op.DEC -> wide && in.memory == 0 ? STEP64 + narrow : -1;
            case Op.SHL, Op.SAL -> shift(in, SHL64 + narrow);
            case Op.SHR -> shift(in, SHR64 + narrow);
            case Op.SAR -> shift(in, SAR64 + narrow);
            case Op.LEA -> wide ? LEA64 + narrow : -1;
            case Op.IMUL2, Op.IMUL3 -> wide && in.memory == 0 ? IMUL : -1;
            case Op.PUSH -> in.memory != 0 ? -1 : flat64 ? PUSH64 : flat32 ? PUSH32 : -1;
            case Op.POP -> in.memory != 0 ? -1 : flat64 ? POP64 : flat32 ? POP32 : -1;
            case Op.CALL -> !isNear(in, mode, limit) ? -1 : flat64 ? CALL64 : flat32 ? CALL32 : -1;
            case Op.RET -> flat64 ? RET64 : flat32 ? RET32 : -1;
            case Op.JMP -> isNear(in, mode, limit) ? JMP : -1;
            case Op.JCC -> isNear(in, mode, limit) ? JCC : -1;
            case Op.JMP_INDIRECT -> flat64 && in.memory == 0 ? JMP_R64 : -1;
            case Op.SETCC -> in.memory == 0 ? CONDITIONAL : -1;
            case Op.CMOV -> wide && in.memory == 0 ? CONDITIONAL : -1;
            case Op.NOP -> NOP;
            default -> -1;
        };
    }

    /** A target that is canonical with 48 bits, or within the segment, needs no check when the jump is executed. */
    private static boolean isNear(Insn in, int mode, long limit) {
        return (mode & CpuMode.CODE_64) != 0 ? in.target << 16 >> 16 == in.target : in.target <= limit;
    }

    private static int binary(Insn in, boolean wide, int registers) {
        int narrow = in.size == 8 ? 0 : 1;
        return !wide || in.memory == 1 ? -1 : in.memory == 0 ? registers + narrow : BINARY_M64 + narrow;
    }

    private static int move(Insn in, boolean wide, int narrow) {
        if (in.memory == 1) {
            return in.size == 8 ? STORE64 : in.size == 4 ? STORE32 : in.size == 2 ? STORE16 : STORE8;
        }
        return !wide ? -1 : in.memory == 0 ? MOV64 + narrow : LOAD64 + narrow;
    }

    private static int shift(Insn in, int key) {
        boolean constant = in.memory == 0 && in.src < 0 && in.size >= 4 && (in.imm & (in.size == 8 ? 63 : 31)) != 0;
        return constant ? key : -1;
    }
}
