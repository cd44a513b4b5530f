package jkvm.disassembler;

/**
 * One line of the tables: bytes that an instruction has, and its text.
 *
 * @param prefixes mandatory prefixes that it goes with, bits {@link #NP} to {@link #F2}; 0 if it goes with any
 * @param modrm    the whole ModRM byte, or -1
 * @param reg      the ModRM byte's register field, or -1
 * @param form     'm' with memory only, 'r' with a register only, else 0
 * @param intel    names in Intel's style: one, or three by operand size (16, 32, 64)
 * @param att      names in AT&amp;T's style
 * @param operands in Intel's order
 * @param flags    words after the operands
 */
record Encoding(int prefixes, int modrm, int reg, char form, String[] intel, String[] att, OperandSpec[] operands,
                int flags) {
    static final int NP = 1, P66 = 2, F3 = 4, F2 = 8;
    /** Exists not in 64-bit code; exists only there. */
    static final int I64 = 1, O64 = 2;
    /** Operands have 64 bits in 64-bit code, or 16. The same without 16. */
    static final int D64 = 4, N64 = 8;
    /** F3 is called REP. F2 is called BND. 3E is called NOTRACK. */
    static final int REP = 16, BND = 32, NOTRACK = 64;
    /** F2 and F3 are called XACQUIRE and XRELEASE, with LOCK; F3 is without LOCK. */
    static final int HLE = 128, RELEASE = 256;
    /** A conditional jump: 2E and 3E are hints. */
    static final int JCC = 512;
    /** AT&amp;T's order of operands is Intel's. */
    static final int KEEP = 1024;
    /** The immediate is part of the name: comparisons, PCLMULQDQ. */
    static final int COMPARE = 2048, CARRYLESS = 4096;
    /** F2 and F3 are XACQUIRE and XRELEASE, without LOCK. */
    static final int EXCHANGE = 8192;
    /** Intel's style leaves the operands out. */
    static final int ATTONLY = 16384;

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** True if it has a ModRM byte. */
    boolean hasModRm() {
        if (modrm >= 0 || reg >= 0 || form != 0) {
            return true;
        }
        for (OperandSpec operand : operands) {
            if (operand.kind().inModRm()) {
                return true;
            }
        }
        return false;
    }

    boolean matches(int prefix, int modRmByte, boolean is64) {
        if (has(is64 ? I64 : O64) || prefixes != 0 && (prefixes & prefix) == 0) {
            return false;
        }
        boolean memory = modRmByte < 0xC0;
        return (modrm < 0 || modrm == modRmByte) && (reg < 0 || reg == (modRmByte >> 3 & 7))
                && (form == 0 || form == 'm' == memory);
    }
}
