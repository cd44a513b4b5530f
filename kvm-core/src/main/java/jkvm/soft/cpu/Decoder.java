package jkvm.soft.cpu;

import static jkvm.soft.cpu.OpcodeTable.ACC;
import static jkvm.soft.cpu.OpcodeTable.BYTE;
import static jkvm.soft.cpu.OpcodeTable.DST_SHIFT;
import static jkvm.soft.cpu.OpcodeTable.IMM_MASK;
import static jkvm.soft.cpu.OpcodeTable.IMM_SHIFT;
import static jkvm.soft.cpu.OpcodeTable.OPERAND_MASK;
import static jkvm.soft.cpu.OpcodeTable.OP_MASK;
import static jkvm.soft.cpu.OpcodeTable.SRC_SHIFT;

import jkvm.soft.mmu.GuestException;

/**
 * Decodes one instruction after the other: prefixes, opcode, ModRM and SIB, displacement, immediates (SDM volume 2,
 * chapter 2). An encoding that does not exist is decoded as {@link Op#UNDEFINED}; the limit of 15 bytes and the faults
 * of fetching leave as exceptions. Knows nothing of memory but the bytes it is given.
 */
final class Decoder {
    private static final int MAX_LENGTH = 15;

    private final CodeSource source;
    private final GuestException fault;
    private long features;
    private int mode;
    private long limit;
    private boolean is64;
    private long position;
    private Insn in;
    private int entry;
    /** Segment override: register number, or -1. */
    private int override;
    private boolean ripRelative;

    Decoder(CodeSource source, GuestException fault) {
        this.source = source;
        this.fault = fault;
    }

    /**
     * Decodes the instruction at an offset of the code segment.
     *
     * @param mode     {@link Cpu#mode}
     * @param features {@link Cpu#features}
     * @param limit    the highest offset that a jump may go to; in 64-bit code it does not matter
     * @throws GuestException the fault of fetching it
     */
    Insn decode(long pc, int mode, long features, long limit) {
        this.mode = mode;
        this.limit = limit;
        this.features = features;
        is64 = (mode & CpuMode.CODE_64) != 0;
        in = new Insn();
        in.pc = pc;
        position = pc;
        override = -1;
        ripRelative = false;
        int b = prefixes();
        if ((b == 0xC4 || b == 0xC5) && isVex()) {
            VexDecoder.decode(this, in, b);
        } else {
            opcode(b);
        }
        finish();
        return in;
    }

    int next() {
        if (position - in.pc >= MAX_LENGTH) {
            throw fault.of(GuestException.GP, 0);
        }
        int b = source.codeByte(is64 ? position : position & 0xFFFFFFFFL);
        position++;
        return b;
    }

    private int peek() {
        int b = next();
        position--;
        return b;
    }

    /**
     * Reads prefixes.
     *
     * @return the first byte that is none
     */
    private int prefixes() {
        int rex = 0;
        while (true) {
            int b = next();
            int bit;
            switch (b) {
                case 0xF0 -> bit = Insn.LOCK;
                case 0xF2 -> {
                    in.prefixes &= ~Insn.REP;
                    bit = Insn.REPNE;
                }
                case 0xF3 -> {
                    in.prefixes &= ~Insn.REPNE;
                    bit = Insn.REP;
                }
                case 0x66 -> bit = Insn.OPERAND_SIZE;
                case 0x67 -> bit = Insn.ADDRESS_SIZE;
                case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65 -> {
                    bit = Insn.SEGMENT;
                    int segment = b >= 0x64 ? b & 7 : b >> 3 & 3;
                    if (!is64 || segment >= Segment.FS) {
                        override = segment;
                    }
                }
                default -> {
                    if (is64 && (b & 0xF0) == 0x40) {
                        rex = Insn.REX | (b & 8) << 3 | (b & 4) << 5 | (b & 2) << 7 | (b & 1) << 9;
                        continue;
                    }
                    in.prefixes = (short) (in.prefixes | rex);
                    return b;
                }
            }
            rex = 0;
            in.prefixes = (short) (in.prefixes | bit);
        }
    }

    /** In 64-bit code C4 and C5 are always VEX; else where a ModRM byte would name a register. */
    private boolean isVex() {
        return is64 || peek() >= 0xC0;
    }

    private void opcode(int b) {
        if (b != 0x0F) {
            in.opcode = (short) b;
            entry = OpcodeTable.ONE_BYTE[b];
            if (b == 0x63 && is64) {
                entry = OpcodeTable.MOVSXD;
            }
        } else {
            b = next();
            in.opcode = (short) (0x100 | b);
            if (b == 0x38 || b == 0x3A) {
                threeByte(b == 0x38 ? 0x200 : 0x300);
                return;
            }
            entry = OpcodeTable.TWO_BYTE[b];
            if (b == 0x01 || b == 0xAE || b == 0xC7) {
                SystemDecoder.decode(this, in);
                return;
            }
        }
        operands();
        special();
    }

    private void threeByte(int map) {
        in.opcode = (short) (map | next());
        sizes(0);
        ModRm.decode(this, in);
        if (map == 0x300) {
            in.imm = next();
        }
        in.memory = (byte) (isMemory() ? 2 : 0);
        in.op = (short) (SimdOpcodes.isMmx(in) ? Op.MMX : Op.SSE);
        SystemDecoder.threeByteInteger(this, in);
    }

    /** Decodes operands as the table's entry says. */
    private void operands() {
        if ((entry & OpcodeTable.MODRM) != 0) {
            sizes(entry);
            ModRm.decode(this, in);
            if ((entry & OpcodeTable.GROUP) != 0) {
                int group = OpcodeTable.GROUP_ENTRIES[(entry & OP_MASK) * 8 + (in.reg & 7)];
                entry = entry & ~(OP_MASK | OpcodeTable.GROUP) | group;
                // An immediate or a size of its own may come with the group's entry.
            }
        }
        sizes(entry);
        in.op = (short) (entry & OP_MASK);
        in.ends = (entry & OpcodeTable.ENDS) != 0;
        if ((entry & OpcodeTable.CONDITION) != 0) {
            in.condition = (byte) (in.opcode & 15);
        }
        in.dst = (byte) operand(entry >> DST_SHIFT & OPERAND_MASK, 1, false);
        in.src = (byte) operand(entry >> SRC_SHIFT & OPERAND_MASK, 2, (entry & OpcodeTable.SOURCE_BYTE) != 0);
        immediate(entry >> IMM_SHIFT & IMM_MASK);
        if ((entry & OpcodeTable.NO_64) != 0 && is64 || (entry & OpcodeTable.MEMORY_ONLY) != 0 && !isMemory()) {
            undefined();
        }
    }

    /** Operand and address size. */
    void sizes(int entry) {
        int p = in.prefixes;
        boolean toggled = (p & Insn.OPERAND_SIZE) != 0;
        if ((entry & BYTE) != 0) {
            in.size = 1;
        } else if (is64) {
            boolean wide = (p & Insn.REX_W) != 0 || (entry & OpcodeTable.DEFAULT_64) != 0 && !toggled;
            in.size = (byte) (wide ? 8 : toggled ? 2 : 4);
        } else {
            in.size = (byte) ((mode & CpuMode.CODE_SIZE_MASK) == 1 != toggled ? 4 : 2);
        }
        boolean other = (p & Insn.ADDRESS_SIZE) != 0;
        in.addressSize = (byte) (is64 ? other ? 4 : 8 : (mode & CpuMode.CODE_SIZE_MASK) == 1 != other ? 4 : 2);
        in.addressMask = in.addressSize == 8 ? -1 : in.addressSize == 4 ? 0xFFFFFFFFL : 0xFFFF;
    }

    private int operand(int kind, int place, boolean isByte) {
        switch (kind) {
            case OpcodeTable.RM:
                if (isMemory()) {
                    in.memory = (byte) place;
                    return -1;
                }
                return byteRegister(in.rm, isByte);
            case OpcodeTable.REG:
                return byteRegister(in.reg, isByte);
            case ACC:
                return Cpu.RAX;
            case OpcodeTable.OPCODE_REG:
                return byteRegister(in.opcode & 7 | ((in.prefixes & Insn.REX_B) != 0 ? 8 : 0), isByte);
            case OpcodeTable.CL:
                return Cpu.RCX;
            case OpcodeTable.DX:
                return Cpu.RDX;
            default:
                return -1;
        }
    }

    /** Byte registers 4 to 7 are AH to BH unless there is a REX prefix. */
    private int byteRegister(int number, boolean isByte) {
        boolean high = (in.size == 1 || isByte) && (in.prefixes & Insn.REX) == 0 && number >= 4 && number < 8;
        return high ? Insn.HIGH_BYTE + number - 4 : number;
    }

    private void immediate(int kind) {
        switch (kind) {
            case OpcodeTable.SIGNED_BYTE, OpcodeTable.REL8 -> in.imm = (byte) next();
            case OpcodeTable.UNSIGNED_BYTE -> in.imm = next();
            case OpcodeTable.Z, OpcodeTable.REL_Z -> in.imm = in.size == 2 ? (short) word() : (int) dword();
            case OpcodeTable.FULL -> in.imm = in.size == 2 ? (short) word() : in.size == 4 ? (int) dword()
                    : dword() | dword() << 32;
            case OpcodeTable.WORD -> in.imm = word();
            case OpcodeTable.ONE -> in.imm = 1;
            case OpcodeTable.FAR -> {
                in.imm = in.size == 2 ? word() : dword();
                in.imm2 = word();
            }
            case OpcodeTable.ENTER -> {
                in.imm = word();
                in.imm2 = next();
            }
            case OpcodeTable.MOFFS -> {
                in.disp = in.addressSize == 2 ? word() : in.addressSize == 4 ? dword() : dword() | dword() << 32;
                in.memory = (byte) (in.dst < 0 ? 1 : 2);
                segment(Segment.DS);
            }
            default -> {
            }
        }
    }

    long word() {
        int low = next();
        return low | next() << 8;
    }

    long dword() {
        long low = word();
        return low | word() << 16;
    }

    boolean isMemory() {
        return in.modrm >= 0 && in.modrm < 0xC0;
    }

    /** The displacement counts from the end of the instruction, which is not yet known. */
    void ripRelative() {
        ripRelative = true;
    }

    /** Sets the memory operand's segment: the override's if there is one. */
    void segment(int usual) {
        int s = override >= 0 ? override : usual;
        in.stack = s == Segment.SS;
        boolean flat = is64 ? s < Segment.FS
                : (mode & CpuMode.FLAT_DATA) != 0 && (s == Segment.ES || s == Segment.SS || s == Segment.DS);
        in.segment = (byte) (flat ? Insn.FLAT : s);
    }

    private void special() {
        int p = in.prefixes;
        switch (in.op) {
            case Op.NOP -> {
                // F3 makes it PAUSE, whatever REX.B says
                if (in.opcode == 0x90 && (p & Insn.REX_B) != 0 && (p & Insn.REP) == 0) {
                    in.op = Op.XCHG;
                    in.dst = Cpu.RAX;
                    in.src = 8;
                }
                in.memory = 0;
            }
            case Op.MOVS, Op.CMPS, Op.STOS, Op.LODS, Op.SCAS, Op.INS, Op.OUTS -> {
                segment(Segment.DS);
                in.ends |= (p & (Insn.REP | Insn.REPNE)) != 0;
            }
            case Op.XLAT -> {
                in.base = Cpu.RBX;
                in.memory = 2;
                segment(Segment.DS);
            }
            case Op.PUSH, Op.CALL, Op.CALL_INDIRECT, Op.RET, Op.POP, Op.PUSHF, Op.POPF, Op.PUSHA, Op.POPA, Op.ENTER,
                    Op.LEAVE -> in.stack |= !isMemory();
            case Op.SHLD, Op.SHRD -> in.imm = (in.opcode & 1) != 0 ? -1 : in.imm;
            case Op.BSF, Op.BSR -> {
                boolean exists = (features & (in.op == Op.BSF ? Feature.BMI1 : Feature.LZCNT)) != 0;
                if ((p & Insn.REP) != 0 && exists) {
                    in.op = (short) (in.op == Op.BSF ? Op.TZCNT : Op.LZCNT);
                }
            }
            case Op.UNDEFINED -> popcnt();
            case Op.SSE, Op.MMX, Op.X87 -> SimdOpcodes.special(this, in);
            default -> SystemDecoder.special(this, in);
        }
    }

    private void popcnt() {
        if (in.opcode == 0x1B8 && (in.prefixes & Insn.REP) != 0 && (features & Feature.POPCNT) != 0) {
            in.op = Op.POPCNT;
            in.ends = false;
            in.dst = in.reg;
            in.src = (byte) operand(OpcodeTable.RM, 2, false);
        }
    }

    /** True if the vCPU's CPUID offers it. */
    boolean has(long feature) {
        return (features & feature) != 0;
    }

    boolean is64() {
        return is64;
    }

    boolean isProtected() {
        return (mode & CpuMode.PROTECTED) != 0;
    }

    void undefined() {
        in.op = Op.UNDEFINED;
        in.ends = true;
    }

    /**
     * Fills in the fields that need the whole length (targets, RIP-relative addresses), checks LOCK, and chooses the
     * interpreter's key.
     */
    private void finish() {
        in.length = (byte) (position - in.pc);
        in.after = is64 ? position : position & 0xFFFFFFFFL;
        if (ripRelative) {
            in.disp += position;
        }
        int imm = in.op == Op.UNDEFINED ? 0 : entry >> IMM_SHIFT & IMM_MASK;
        if (imm == OpcodeTable.REL8 || imm == OpcodeTable.REL_Z) {
            long target = position + in.imm;
            in.target = in.size == 8 ? target : in.size == 4 ? target & 0xFFFFFFFFL : target & 0xFFFF;
        }
        if ((in.prefixes & Insn.LOCK) != 0 && !mayBeLocked()) {
            undefined();
        }
        in.key = Key.of(in, mode, limit);
    }

    private boolean mayBeLocked() {
        if ((in.op == Op.MOV_TO_CR || in.op == Op.MOV_FROM_CR) && (in.reg & 7) == 0) {
            in.reg = 8;
            return true;
        }
        return (entry & OpcodeTable.LOCKABLE) != 0 && in.memory == 1;
    }

    /** For the decoders of special maps: what {@link #mayBeLocked} goes by. */
    void lockable() {
        entry = OpcodeTable.LOCKABLE;
    }

    void noEntry() {
        entry = 0;
    }
}
