package jkvm.soft.cpu;

/**
 * The encodings of opcode maps 0F, 0F38 and 0F3A that are SSE instructions, with their extension (SDM volume 2,
 * appendix A, columns NP, 66, F3 and F2). Other encodings raise #UD.
 */
final class SseTable {
    /** Index of a mandatory prefix. */
    static final int NONE = 0, P66 = 1, F3 = 2, F2 = 3;
    /** Bits of an entry: the extension's number plus one, and restrictions on the ModRM byte. */
    static final int EXTENSION = 0x1F, MEMORY_ONLY = 0x40, REGISTER_ONLY = 0x80;
    /** Forms of instructions that {@link SseOps} executes without looking at opcode and prefix again. */
    static final int OTHER = 1, LOAD = 2, LOAD_ALIGNED = 3, STORE = 4, STORE_ALIGNED = 5, LOAD_64 = 6, STORE_64 = 7,
            BYTE_MASK = 8, SCALAR_DOUBLE = 9, SCALAR_SINGLE = 10, INTEGER_LANES = 11;
    private static final int SSE = 1, SSE2 = 2, SSE3 = 3, SSSE3 = 4, SSE41 = 5, SSE42 = 6, AES = 8,
            PCLMUL = 9, SHA = 10;
    /** Feature bits by extension. */
    private static final long[] FEATURES = {0, Feature.SSE, Feature.SSE2, Feature.SSE3, Feature.SSSE3, Feature.SSE41,
        Feature.SSE42, Feature.SSE4A, Feature.AES, Feature.PCLMUL, Feature.SHA};
    private static final byte[] ENTRIES = build();

    private SseTable() {
    }

    /** Index of the prefix that is part of the opcode: F2 and F3 go before 66. */
    static int prefix(Insn insn) {
        int prefixes = insn.prefixes;
        if ((prefixes & (Insn.REP | Insn.REPNE)) != 0) {
            return (prefixes & Insn.REPNE) != 0 ? F2 : F3;
        }
        return (prefixes & Insn.OPERAND_SIZE) != 0 ? P66 : NONE;
    }

    /** True if the processor has this instruction in this form. */
    static boolean exists(long features, Insn insn, int prefix) {
        int entry = ENTRIES[index(insn.opcode, prefix)];
        if ((features & FEATURES[entry & EXTENSION]) == 0) {
            return false;
        }
        boolean memory = insn.modrm < 0xC0;
        return (entry & (memory ? REGISTER_ONLY : MEMORY_ONLY)) == 0 && (insn.opcode >= 0x174 || isShift(insn, memory));
    }

    /** Shifts by an immediate, 0F 71 to 73: the ModRM byte's register field says which exist. */
    private static boolean isShift(Insn insn, boolean memory) {
        int group = insn.opcode - 0x171;
        if (group < 0) {
            return true;
        }
        int shifts = group == 2 ? 0b11001100 : 0b01010100;
        return !memory && (shifts >> (insn.modrm >> 3 & 7) & 1) != 0;
    }

    /** The instruction's form, for an instruction that exists: a class of frequent ones, or {@link #OTHER}. */
    static int form(Insn insn, int prefix) {
        boolean memory = insn.modrm < 0xC0;
        int opcode = insn.opcode;
        return switch (opcode << 2 | prefix) {
            case 0x110 << 2, 0x110 << 2 | P66, 0x16F << 2 | F3, 0x1F0 << 2 | F2 -> LOAD;
            case 0x128 << 2, 0x128 << 2 | P66, 0x16F << 2 | P66 -> LOAD_ALIGNED;
            case 0x111 << 2, 0x111 << 2 | P66, 0x17F << 2 | F3 -> STORE;
            case 0x129 << 2, 0x129 << 2 | P66, 0x17F << 2 | P66, 0x1E7 << 2 | P66 -> STORE_ALIGNED;
            case 0x110 << 2 | F2 -> memory ? LOAD_64 : OTHER;
            case 0x17E << 2 | F3 -> LOAD_64;
            case 0x111 << 2 | F2, 0x1D6 << 2 | P66 -> memory ? STORE_64 : OTHER;
            case 0x1D7 << 2 | P66 -> BYTE_MASK;
            default -> arithmeticForm(opcode, prefix);
        };
    }

    private static int arithmeticForm(int opcode, int prefix) {
        boolean floating = opcode == 0x151 || opcode >= 0x158 && opcode <= 0x15F && opcode != 0x15A && opcode != 0x15B;
        if (floating && prefix == F2) {
            return SCALAR_DOUBLE;
        }
        if (floating && prefix == F3) {
            return SCALAR_SINGLE;
        }
        if (prefix == P66 && (opcode >= 0x174 && opcode <= 0x176 || opcode >= 0x1D1 && opcode <= 0x1FE)) {
            return switch (opcode) {
                case 0x1D6, 0x1DB, 0x1DF, 0x1E6, 0x1EB, 0x1EF, 0x1F7 -> OTHER;
                default -> INTEGER_LANES;
            };
        }
        return OTHER;
    }

    private static int index(int opcode, int prefix) {
        return (opcode & 0x300) - 0x100 << 2 | prefix << 8 | opcode & 0xFF;
    }

    private static byte[] build() {
        byte[] t = new byte[3 << 10];
        buildMoves(t);
        buildArithmetic(t);
        buildIntegers(t);
        buildThreeByte(t);
        return t;
    }

    private static void buildMoves(byte[] t) {
        for (int p = NONE; p <= F2; p++) {
            put(t, p, 0x110, 0x111, p == NONE || p == F3 ? SSE : SSE2);
        }
        for (int p = NONE; p <= P66; p++) {
            int extension = p == NONE ? SSE : SSE2;
            put(t, p, 0x112, 0x117, extension);
            put(t, p, 0x113, 0x113, extension | MEMORY_ONLY);
            put(t, p, 0x117, 0x117, extension | MEMORY_ONLY);
            put(t, p, 0x128, 0x129, extension);
            put(t, p, 0x12B, 0x12B, extension | MEMORY_ONLY);
            put(t, p, 0x150, 0x150, extension | REGISTER_ONLY);
            put(t, p, 0x1C6, 0x1C6, extension);
        }
        put(t, P66, 0x112, 0x112, SSE2 | MEMORY_ONLY);
        put(t, P66, 0x116, 0x116, SSE2 | MEMORY_ONLY);
        put(t, F3, 0x112, 0x112, SSE3);
        put(t, F3, 0x116, 0x116, SSE3);
        put(t, F2, 0x112, 0x112, SSE3);
        put(t, F3, 0x16F, 0x170, SSE2);
        put(t, F2, 0x170, 0x170, SSE2);
        put(t, F3, 0x17E, 0x17F, SSE2);
        put(t, F3, 0x1D6, 0x1D6, SSE2 | REGISTER_ONLY);
        put(t, F2, 0x1D6, 0x1D6, SSE2 | REGISTER_ONLY);
        put(t, F2, 0x1F0, 0x1F0, SSE3 | MEMORY_ONLY);
        put(t, NONE, 0x1AE, 0x1AE, SSE | MEMORY_ONLY);
    }

    private static void buildArithmetic(byte[] t) {
        for (int p = NONE; p <= F2; p++) {
            int extension = p == NONE || p == F3 ? SSE : SSE2;
            put(t, p, 0x12A, 0x12A, extension);
            put(t, p, 0x12C, 0x12D, extension);
            put(t, p, 0x151, 0x151, extension);
            put(t, p, 0x158, 0x159, extension);
            put(t, p, 0x15A, 0x15A, SSE2);
            put(t, p, 0x15C, 0x15F, extension);
            put(t, p, 0x1C2, 0x1C2, extension);
        }
        for (int p = NONE; p <= P66; p++) {
            put(t, p, 0x12E, 0x12F, p == NONE ? SSE : SSE2);
            put(t, p, 0x154, 0x157, p == NONE ? SSE : SSE2);
        }
        put(t, NONE, 0x152, 0x153, SSE);
        put(t, F3, 0x152, 0x153, SSE);
        for (int p = NONE; p <= F3; p++) {
            put(t, p, 0x15B, 0x15B, SSE2);
        }
        for (int p = P66; p <= F2; p++) {
            put(t, p, 0x1E6, 0x1E6, SSE2);
        }
        put(t, P66, 0x17C, 0x17D, SSE3);
        put(t, F2, 0x17C, 0x17D, SSE3);
        put(t, P66, 0x1D0, 0x1D0, SSE3);
        put(t, F2, 0x1D0, 0x1D0, SSE3);
    }

    private static void buildIntegers(byte[] t) {
        put(t, P66, 0x160, 0x176, SSE2);
        put(t, P66, 0x17E, 0x17F, SSE2);
        put(t, P66, 0x1C4, 0x1C4, SSE2);
        put(t, P66, 0x1C5, 0x1C5, SSE2 | REGISTER_ONLY);
        put(t, P66, 0x1D1, 0x1E5, SSE2);
        put(t, P66, 0x1D7, 0x1D7, SSE2 | REGISTER_ONLY);
        put(t, P66, 0x1E7, 0x1E7, SSE2 | MEMORY_ONLY);
        put(t, P66, 0x1E8, 0x1EF, SSE2);
        put(t, P66, 0x1F1, 0x1F6, SSE2);
        put(t, P66, 0x1F7, 0x1F7, SSE2 | REGISTER_ONLY);
        put(t, P66, 0x1F8, 0x1FE, SSE2);
    }

    private static void buildThreeByte(byte[] t) {
        put(t, P66, 0x200, 0x20B, SSSE3);
        put(t, P66, 0x210, 0x210, SSE41);
        put(t, P66, 0x214, 0x215, SSE41);
        put(t, P66, 0x217, 0x217, SSE41);
        put(t, P66, 0x21C, 0x21E, SSSE3);
        put(t, P66, 0x220, 0x225, SSE41);
        put(t, P66, 0x228, 0x22B, SSE41);
        put(t, P66, 0x22A, 0x22A, SSE41 | MEMORY_ONLY);
        put(t, P66, 0x230, 0x235, SSE41);
        put(t, P66, 0x237, 0x237, SSE42);
        put(t, P66, 0x238, 0x241, SSE41);
        put(t, P66, 0x2DB, 0x2DF, AES);
        put(t, NONE, 0x2C8, 0x2CD, SHA);
        put(t, P66, 0x308, 0x30E, SSE41);
        put(t, P66, 0x30F, 0x30F, SSSE3);
        put(t, P66, 0x314, 0x317, SSE41);
        put(t, P66, 0x320, 0x322, SSE41);
        put(t, P66, 0x340, 0x342, SSE41);
        put(t, P66, 0x344, 0x344, PCLMUL);
        put(t, P66, 0x360, 0x363, SSE42);
        put(t, P66, 0x3DF, 0x3DF, AES);
        put(t, NONE, 0x3CC, 0x3CC, SHA);
    }

    private static void put(byte[] table, int prefix, int first, int last, int entry) {
        for (int opcode = first; opcode <= last; opcode++) {
            table[index(opcode, prefix)] = (byte) entry;
        }
    }
}
