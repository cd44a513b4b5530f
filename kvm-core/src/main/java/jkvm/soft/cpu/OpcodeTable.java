package jkvm.soft.cpu;

import java.util.Arrays;

/**
 * The opcode maps as tables (SDM volume 2, appendix A): one number for each opcode with its operation and the kinds of
 * its operands. {@code EB_GB} and the like are the manual's names: E is the ModRM byte's register or memory, G its
 * register field, I an immediate; b a byte, v the operand size, z the operand size but at most 32 bits.
 */
final class OpcodeTable {
    static final int OP_MASK = 0x1FF;
    static final int MODRM = 1 << 9, BYTE = 1 << 10;
    /** Kinds of destination and source. */
    static final int DST_SHIFT = 11, SRC_SHIFT = 14, OPERAND_MASK = 7;
    static final int NONE = 0, RM = 1, REG = 2, ACC = 3, OPCODE_REG = 4, CL = 5, DX = 6;
    /** Kinds of immediates. */
    static final int IMM_SHIFT = 17, IMM_MASK = 15;
    static final int SIGNED_BYTE = 1, UNSIGNED_BYTE = 2, Z = 3, FULL = 4, WORD = 5, ONE = 6, REL8 = 7, REL_Z = 8,
            FAR = 9, MOFFS = 10, ENTER = 11;
    static final int LOCKABLE = 1 << 21, DEFAULT_64 = 1 << 22, NO_64 = 1 << 23, ENDS = 1 << 24, MEMORY_ONLY = 1 << 25,
            GROUP = 1 << 26, SOURCE_BYTE = 1 << 27, CONDITION = 1 << 28;

    private static final int EB_GB = MODRM | BYTE | RM << DST_SHIFT | REG << SRC_SHIFT;
    private static final int EV_GV = MODRM | RM << DST_SHIFT | REG << SRC_SHIFT;
    private static final int GB_EB = MODRM | BYTE | REG << DST_SHIFT | RM << SRC_SHIFT;
    private static final int GV_EV = MODRM | REG << DST_SHIFT | RM << SRC_SHIFT;
    private static final int EB = MODRM | BYTE | RM << DST_SHIFT;
    private static final int EV = MODRM | RM << DST_SHIFT;
    private static final int EV_SOURCE = MODRM | RM << SRC_SHIFT;
    private static final int IB = SIGNED_BYTE << IMM_SHIFT, UB = UNSIGNED_BYTE << IMM_SHIFT, IZ = Z << IMM_SHIFT;
    private static final int AL_IB = BYTE | ACC << DST_SHIFT | IB;
    private static final int AX_IZ = ACC << DST_SHIFT | IZ;
    private static final int JUMP_8 = REL8 << IMM_SHIFT | DEFAULT_64 | ENDS;
    private static final int JUMP_Z = REL_Z << IMM_SHIFT | DEFAULT_64 | ENDS;
    private static final int UD = Op.UNDEFINED | ENDS;

    /** Indices of the groups whose ModRM register field is part of the opcode. */
    private static final int G1 = 0, G2 = 1, G3B = 2, G3V = 3, G4 = 4, G5 = 5, G8 = 6, G11 = 7, G1A = 8, G6 = 9;
    private static final int GROUPS = 10;

    /** Opcode 63 in 64-bit code; ARPL elsewhere. */
    static final int MOVSXD = Op.MOVSXD | GV_EV;
    static final int[] ONE_BYTE = oneByte();
    static final int[] TWO_BYTE = twoByte();
    /** Entry of group g with register field r at {@code g * 8 + r}: combined with the opcode's own entry by or. */
    static final int[] GROUP_ENTRIES = groups();

    private OpcodeTable() {
    }

    private static int[] oneByte() {
        int[] t = new int[256];
        Arrays.fill(t, UD);
        for (int op = Op.ADD; op <= Op.CMP; op++) {
            int lock = op == Op.CMP ? 0 : LOCKABLE;
            put(t, op << 3, op | EB_GB | lock, op | EV_GV | lock, op | GB_EB, op | GV_EV, op | AL_IB, op | AX_IZ);
        }
        for (int s = 0; s < 4; s++) {
            t[6 | s << 3] = Op.PUSH_SEGMENT | DEFAULT_64 | NO_64;
            t[7 | s << 3] = s == 1 ? UD : Op.POP_SEGMENT | DEFAULT_64 | NO_64 | ENDS;
        }
        put(t, 0x27, Op.DAA | NO_64);
        put(t, 0x2F, Op.DAS | NO_64);
        put(t, 0x37, Op.AAA | NO_64);
        put(t, 0x3F, Op.AAS | NO_64);
        for (int i = 0; i < 8; i++) {
            t[0x40 + i] = Op.INC | OPCODE_REG << DST_SHIFT;
            t[0x48 + i] = Op.DEC | OPCODE_REG << DST_SHIFT;
            t[0x50 + i] = Op.PUSH | OPCODE_REG << SRC_SHIFT | DEFAULT_64;
            t[0x58 + i] = Op.POP | OPCODE_REG << DST_SHIFT | DEFAULT_64;
            t[0x90 + i] = i == 0 ? Op.NOP : Op.XCHG | ACC << DST_SHIFT | OPCODE_REG << SRC_SHIFT;
            t[0xB0 + i] = Op.MOV | BYTE | OPCODE_REG << DST_SHIFT | IB;
            t[0xB8 + i] = Op.MOV | OPCODE_REG << DST_SHIFT | FULL << IMM_SHIFT;
            t[0xD8 + i] = Op.X87 | MODRM;
        }
        for (int cc = 0; cc < 16; cc++) {
            t[0x70 + cc] = Op.JCC | CONDITION | JUMP_8;
        }
        put(t, 0x60, Op.PUSHA | NO_64, Op.POPA | NO_64, Op.BOUND | GV_EV | MEMORY_ONLY | NO_64, Op.ARPL | EV_GV);
        put(t, 0x68, Op.PUSH | IZ | DEFAULT_64, Op.IMUL3 | GV_EV | IZ, Op.PUSH | IB | DEFAULT_64,
                Op.IMUL3 | GV_EV | IB, Op.INS | BYTE | ENDS, Op.INS | ENDS, Op.OUTS | BYTE | ENDS, Op.OUTS | ENDS);
        put(t, 0x80, G1 | GROUP | EB | IB, G1 | GROUP | EV | IZ, G1 | GROUP | EB | IB | NO_64, G1 | GROUP | EV | IB,
                Op.TEST | EB_GB, Op.TEST | EV_GV, Op.XCHG | EB_GB | LOCKABLE, Op.XCHG | EV_GV | LOCKABLE,
                Op.MOV | EB_GB, Op.MOV | EV_GV, Op.MOV | GB_EB, Op.MOV | GV_EV, Op.MOV_FROM_SEGMENT | EV,
                Op.LEA | GV_EV | MEMORY_ONLY, Op.MOV_TO_SEGMENT | EV_SOURCE | ENDS, G1A | GROUP | EV | DEFAULT_64);
        put(t, 0x98, Op.CBW, Op.CWD, Op.CALL_FAR | FAR << IMM_SHIFT | NO_64 | ENDS, Op.FWAIT, Op.PUSHF | DEFAULT_64,
                Op.POPF | DEFAULT_64 | ENDS, Op.SAHF, Op.LAHF);
        put(t, 0xA0, Op.MOV | BYTE | ACC << DST_SHIFT | MOFFS << IMM_SHIFT,
                Op.MOV | ACC << DST_SHIFT | MOFFS << IMM_SHIFT, Op.MOV | BYTE | ACC << SRC_SHIFT | MOFFS << IMM_SHIFT,
                Op.MOV | ACC << SRC_SHIFT | MOFFS << IMM_SHIFT);
        put(t, 0xA4, Op.MOVS | BYTE, Op.MOVS, Op.CMPS | BYTE, Op.CMPS, Op.TEST | AL_IB, Op.TEST | AX_IZ, Op.STOS | BYTE,
                Op.STOS, Op.LODS | BYTE, Op.LODS, Op.SCAS | BYTE, Op.SCAS);
        put(t, 0xC0, G2 | GROUP | EB | UB, G2 | GROUP | EV | UB, Op.RET | WORD << IMM_SHIFT | DEFAULT_64 | ENDS,
                Op.RET | DEFAULT_64 | ENDS, Op.LOAD_FAR_POINTER | GV_EV | MEMORY_ONLY | NO_64 | ENDS,
                Op.LOAD_FAR_POINTER | GV_EV | MEMORY_ONLY | NO_64 | ENDS, G11 | GROUP | EB | IB, G11 | GROUP | EV | IZ,
                Op.ENTER | ENTER << IMM_SHIFT | DEFAULT_64, Op.LEAVE | DEFAULT_64,
                Op.RET_FAR | WORD << IMM_SHIFT | ENDS, Op.RET_FAR | ENDS, Op.INT3 | ENDS, Op.INT | UB | ENDS,
                Op.INTO | NO_64 | ENDS, Op.IRET | ENDS);
        put(t, 0xD0, G2 | GROUP | EB | ONE << IMM_SHIFT, G2 | GROUP | EV | ONE << IMM_SHIFT,
                G2 | GROUP | EB | CL << SRC_SHIFT, G2 | GROUP | EV | CL << SRC_SHIFT, Op.AAM | UB | NO_64,
                Op.AAD | UB | NO_64, Op.SALC | NO_64, Op.XLAT | BYTE);
        put(t, 0xE0, Op.LOOPNE | JUMP_8, Op.LOOPE | JUMP_8, Op.LOOP | JUMP_8, Op.JCXZ | JUMP_8,
                Op.IN | BYTE | UB | ENDS, Op.IN | UB | ENDS, Op.OUT | BYTE | UB | ENDS, Op.OUT | UB | ENDS,
                Op.CALL | JUMP_Z, Op.JMP | JUMP_Z, Op.JMP_FAR | FAR << IMM_SHIFT | NO_64 | ENDS, Op.JMP | JUMP_8,
                Op.IN | BYTE | DX << SRC_SHIFT | ENDS, Op.IN | DX << SRC_SHIFT | ENDS,
                Op.OUT | BYTE | DX << SRC_SHIFT | ENDS, Op.OUT | DX << SRC_SHIFT | ENDS);
        put(t, 0xF1, Op.INT1 | ENDS);
        put(t, 0xF4, Op.HLT | ENDS, Op.CMC, G3B | GROUP | EB, G3V | GROUP | EV, Op.CLC, Op.STC, Op.CLI | ENDS,
                Op.STI | ENDS, Op.CLD, Op.STD, G4 | GROUP | EB, G5 | GROUP | MODRM);
        return t;
    }

    private static int[] twoByte() {
        int[] t = new int[256];
        Arrays.fill(t, UD);
        Arrays.fill(t, 0x10, 0x18, Op.SSE | MODRM);
        Arrays.fill(t, 0x28, 0x30, Op.SSE | MODRM);
        Arrays.fill(t, 0x50, 0x80, Op.SSE | MODRM);
        Arrays.fill(t, 0xD0, 0xFF, Op.SSE | MODRM);
        put(t, 0x00, G6 | GROUP | MODRM, UD, Op.LAR | GV_EV, Op.LSL | GV_EV, UD, Op.SYSCALL | ENDS, Op.CLTS | ENDS,
                Op.SYSRET | ENDS, Op.INVD | ENDS, Op.WBINVD | ENDS, UD, UD, UD, Op.NOP | EV);
        Arrays.fill(t, 0x18, 0x20, Op.NOP | EV);
        put(t, 0x20, Op.MOV_FROM_CR | MODRM, Op.MOV_FROM_DR | MODRM, Op.MOV_TO_CR | MODRM | ENDS,
                Op.MOV_TO_DR | MODRM | ENDS);
        put(t, 0x30, Op.WRMSR | ENDS, Op.RDTSC, Op.RDMSR | ENDS, Op.RDPMC, Op.SYSENTER | ENDS, Op.SYSEXIT | ENDS);
        for (int cc = 0; cc < 16; cc++) {
            t[0x40 + cc] = Op.CMOV | CONDITION | GV_EV;
            t[0x80 + cc] = Op.JCC | CONDITION | JUMP_Z;
            t[0x90 + cc] = Op.SETCC | CONDITION | EB;
        }
        put(t, 0x77, Op.MMX);
        put(t, 0xA0, Op.PUSH_SEGMENT | DEFAULT_64, Op.POP_SEGMENT | DEFAULT_64 | ENDS, Op.CPUID | ENDS, Op.BT | EV_GV,
                Op.SHLD | EV_GV | UB, Op.SHLD | EV_GV, UD, UD, Op.PUSH_SEGMENT | DEFAULT_64,
                Op.POP_SEGMENT | DEFAULT_64 | ENDS, Op.RSM | ENDS, Op.BTS | EV_GV | LOCKABLE, Op.SHRD | EV_GV | UB,
                Op.SHRD | EV_GV, UD, Op.IMUL2 | GV_EV);
        put(t, 0xB0, Op.CMPXCHG | EB_GB | LOCKABLE, Op.CMPXCHG | EV_GV | LOCKABLE,
                Op.LOAD_FAR_POINTER | GV_EV | MEMORY_ONLY | ENDS, Op.BTR | EV_GV | LOCKABLE,
                Op.LOAD_FAR_POINTER | GV_EV | MEMORY_ONLY | ENDS, Op.LOAD_FAR_POINTER | GV_EV | MEMORY_ONLY | ENDS,
                Op.MOVZX8 | GV_EV | SOURCE_BYTE, Op.MOVZX16 | GV_EV, UD | MODRM, UD | MODRM, G8 | GROUP | EV | UB,
                Op.BTC | EV_GV | LOCKABLE, Op.BSF | GV_EV, Op.BSR | GV_EV, Op.MOVSX8 | GV_EV | SOURCE_BYTE,
                Op.MOVSX16 | GV_EV);
        put(t, 0xC0, Op.XADD | EB_GB | LOCKABLE, Op.XADD | EV_GV | LOCKABLE, Op.SSE | MODRM | UB,
                Op.MOVNTI | EV_GV | MEMORY_ONLY, Op.SSE | MODRM | UB, Op.SSE | MODRM | UB, Op.SSE | MODRM | UB);
        for (int i = 0; i < 8; i++) {
            t[0xC8 + i] = Op.BSWAP | OPCODE_REG << DST_SHIFT;
        }
        for (int i = 0x70; i < 0x74; i++) {
            t[i] |= UB;
        }
        return t;
    }

    private static int[] groups() {
        int[] t = new int[GROUPS * 8];
        Arrays.fill(t, UD);
        for (int i = 0; i < 8; i++) {
            t[G1 * 8 + i] = i | (i == Op.CMP ? 0 : LOCKABLE);
            t[G2 * 8 + i] = Op.ROL + i;
        }
        for (int g = G3B; g <= G3V; g++) {
            int imm = g == G3B ? IB : IZ;
            put(t, g * 8, Op.TEST | imm, Op.TEST | imm, Op.NOT | LOCKABLE, Op.NEG | LOCKABLE, Op.MUL, Op.IMUL1, Op.DIV,
                    Op.IDIV);
        }
        put(t, G4 * 8, Op.INC | LOCKABLE, Op.DEC | LOCKABLE);
        put(t, G5 * 8, Op.INC | EV | LOCKABLE, Op.DEC | EV | LOCKABLE, Op.CALL_INDIRECT | EV_SOURCE | DEFAULT_64 | ENDS,
                Op.CALL_FAR | EV_SOURCE | MEMORY_ONLY | ENDS, Op.JMP_INDIRECT | EV_SOURCE | DEFAULT_64 | ENDS,
                Op.JMP_FAR | EV_SOURCE | MEMORY_ONLY | ENDS, Op.PUSH | EV_SOURCE | DEFAULT_64);
        put(t, G8 * 8 + 4, Op.BT, Op.BTS | LOCKABLE, Op.BTR | LOCKABLE, Op.BTC | LOCKABLE);
        put(t, G11 * 8, Op.MOV);
        put(t, G1A * 8, Op.POP);
        put(t, G6 * 8, Op.SLDT | EV, Op.STR | EV, Op.LLDT | EV_SOURCE | ENDS, Op.LTR | EV_SOURCE | ENDS,
                Op.VERR | EV_SOURCE, Op.VERW | EV_SOURCE);
        return t;
    }

    private static void put(int[] table, int at, int... entries) {
        System.arraycopy(entries, 0, table, at, entries.length);
    }
}
