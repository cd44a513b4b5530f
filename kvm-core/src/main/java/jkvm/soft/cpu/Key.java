package jkvm.soft.cpu;

/**
 * Numbers that the interpreter's loop switches on: common instructions in one form and size each, then one number for
 * each class that executes the rest of a group.
 */
final class Key {
    static final int
            ADD64 = 0, ADD32 = 1, SUB64 = 2, SUB32 = 3, AND64 = 4, AND32 = 5, OR64 = 6, OR32 = 7, XOR64 = 8,
            XOR32 = 9, CMP64 = 10, CMP32 = 11, TEST64 = 12, TEST32 = 13, MOV64 = 14, MOV32 = 15,
            ADD_M64 = 16, ADD_M32 = 17, SUB_M64 = 18, SUB_M32 = 19, AND_M64 = 20, AND_M32 = 21, OR_M64 = 22,
            OR_M32 = 23, XOR_M64 = 24, XOR_M32 = 25, CMP_M64 = 26, CMP_M32 = 27, LOAD64 = 28, LOAD32 = 29,
            STORE64 = 30, STORE32 = 31, STORE16 = 32, STORE8 = 33, CMPM64 = 34, CMPM32 = 35, CMPM8 = 36,
            TESTM8 = 37, TEST8 = 38, CMP8 = 39, MOVZX8 = 40, MOVZX16 = 41, LOADZX8 = 42, LOADZX16 = 43,
            MOVSXD = 44, MOVSX8_32 = 45, INC64 = 46, INC32 = 47, DEC64 = 48, DEC32 = 49, SHL64 = 50,
            SHL32 = 51, SHR64 = 52, SHR32 = 53, SAR64 = 54, SAR32 = 55, LEA64 = 56, LEA32 = 57, IMUL64 = 58,
            IMUL32 = 59, PUSH64 = 60, POP64 = 61, PUSH32 = 62, POP32 = 63, CALL64 = 64, RET64 = 65,
            CALL32 = 66, RET32 = 67, JMP = 68, JCC = 69, JMP_R64 = 70, SETCC = 71, CMOV64 = 72, CMOV32 = 73,
            NOP = 74, INTEGER = 75, STACK = 76, BITS = 77, STRING = 78, PORT = 79, SYSTEM = 80, X87 = 81,
            MMX = 82, SSE = 83, UNDEFINED = 84;
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
        boolean flat64 = (mode & Mode.CODE_64) != 0 && in.size == 8;
        boolean flat32 = (mode & Mode.CODE_64) == 0 && (mode & Mode.BIG_STACK) != 0 && (mode & Mode.FLAT_DATA) != 0
                && in.size == 4;
        return switch (in.op) {
            case Op.ADD -> binary(in, wide, ADD64, ADD_M64);
            case Op.SUB -> binary(in, wide, SUB64, SUB_M64);
            case Op.AND -> binary(in, wide, AND64, AND_M64);
            case Op.OR -> binary(in, wide, OR64, OR_M64);
            case Op.XOR -> binary(in, wide, XOR64, XOR_M64);
            case Op.CMP -> in.memory == 1 ? wide ? CMPM64 + narrow : in.size == 1 ? CMPM8 : -1
                    : in.size == 1 && in.memory == 0 ? CMP8 : binary(in, wide, CMP64, CMP_M64);
            case Op.TEST -> in.size == 1 ? in.memory == 1 ? TESTM8 : TEST8 : wide && in.memory == 0 ? TEST64 + narrow : -1;
            case Op.MOV -> move(in, wide, narrow);
            case Op.MOVZX8 -> in.size == 2 ? -1 : in.memory == 0 ? MOVZX8 : LOADZX8;
            case Op.MOVZX16 -> in.size == 2 ? -1 : in.memory == 0 ? MOVZX16 : LOADZX16;
            case Op.MOVSXD -> in.size == 8 && in.memory == 0 ? MOVSXD : -1;
            case Op.MOVSX8 -> in.size == 4 && in.memory == 0 ? MOVSX8_32 : -1;
            case Op.INC -> wide && in.memory == 0 ? INC64 + narrow : -1;
            case Op.DEC -> wide && in.memory == 0 ? DEC64 + narrow : -1;
            case Op.SHL, Op.SAL -> shift(in, SHL64 + narrow);
            case Op.SHR -> shift(in, SHR64 + narrow);
            case Op.SAR -> shift(in, SAR64 + narrow);
            case Op.LEA -> wide ? LEA64 + narrow : -1;
            case Op.IMUL2, Op.IMUL3 -> wide && in.memory == 0 ? IMUL64 + narrow : -1;
            case Op.PUSH -> in.memory != 0 ? -1 : flat64 ? PUSH64 : flat32 ? PUSH32 : -1;
            case Op.POP -> in.memory != 0 ? -1 : flat64 ? POP64 : flat32 ? POP32 : -1;
            case Op.CALL -> !isNear(in, mode, limit) ? -1 : flat64 ? CALL64 : flat32 ? CALL32 : -1;
            case Op.RET -> flat64 ? RET64 : flat32 ? RET32 : -1;
            case Op.JMP -> isNear(in, mode, limit) ? JMP : -1;
            case Op.JCC -> isNear(in, mode, limit) ? JCC : -1;
            case Op.JMP_INDIRECT -> flat64 && in.memory == 0 ? JMP_R64 : -1;
            case Op.SETCC -> in.memory == 0 ? SETCC : -1;
            case Op.CMOV -> wide && in.memory == 0 ? CMOV64 + narrow : -1;
            case Op.NOP -> NOP;
            default -> -1;
        };
    }

    /** A target that is canonical with 48 bits, or within the segment, needs no check when the jump is executed. */
    private static boolean isNear(Insn in, int mode, long limit) {
        return (mode & Mode.CODE_64) != 0 ? in.target << 16 >> 16 == in.target : in.target <= limit;
    }

    private static int binary(Insn in, boolean wide, int registers, int memory) {
        int narrow = in.size == 8 ? 0 : 1;
        return !wide || in.memory == 1 ? -1 : in.memory == 0 ? registers + narrow : memory + narrow;
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
