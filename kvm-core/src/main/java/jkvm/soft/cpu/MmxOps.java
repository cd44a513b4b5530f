package jkvm.soft.cpu;

import jkvm.soft.fpu.FpuState;
import jkvm.soft.fpu.PackedShuffle;
import jkvm.soft.mmu.GuestException;

/**
 * The MMX instructions, with what SSE, SSE2 and SSSE3 added on MMX registers. These are the significands of the x87's
 * registers: each instruction but EMMS sets TOP to 0 and marks all registers as in use, and a register that is written
 * gets an exponent of all ones (SDM 9.2, 9.6).
 */
public final class MmxOps {
    private static final int ALL_ONES = 0xFFFF;

    private MmxOps() {
    }

    /** Executes one instruction without a mandatory prefix and with MMX registers; what is none raises #UD. */
    public static void execute(Cpu cpu, Insn insn) {
        require(cpu, insn.opcode < 0x200 ? Feature.MMX : Feature.SSSE3);
        int opcode = insn.opcode & 0xFF;
        switch (insn.opcode >> 8) {
            case 1 -> {
                if (opcode >= 0xD1 && opcode != 0xD6 && opcode != 0xD7 && opcode != 0xE7 && opcode != 0xF7
                        || opcode >= 0x60 && opcode <= 0x6B || opcode >= 0x74 && opcode <= 0x76) {
                    packed(cpu, insn, opcode);
                } else {
                    other(cpu, insn, opcode);
                }
            }
            case 2 -> ssse3(cpu, insn, opcode);
            default -> {
                if (opcode != 0x0F) {
                    throw cpu.fault.of(GuestException.UD);
                }
                long source = source(cpu, insn);
                write(cpu, insn.reg, PackedShuffle.palignr(read(cpu, insn.reg), source, (int) insn.imm & 0xFF));
            }
        }
    }

    /**
     * The checks that each instruction on MMX registers begins with. Also for those of SSE that read or write one:
     * {@link #enter} follows when memory has been read.
     */
    static void check(Cpu cpu) {
        if ((cpu.cr0 & Cpu.CR0_EM) != 0) {
            throw cpu.fault.of(GuestException.UD);
        }
        if ((cpu.cr0 & Cpu.CR0_TS) != 0) {
            throw cpu.fault.of(GuestException.NM);
        }
        X87Ops.raisePending(cpu);
    }

    /** Changes the x87's state to MMX: the registers in use, TOP 0. */
    static void enter(Cpu cpu) {
        cpu.fpu.top = 0;
        cpu.fpu.inUse = 0xFF;
    }

    private static void require(Cpu cpu, long feature) {
        if ((cpu.features & feature) == 0) {
            throw cpu.fault.of(GuestException.UD);
        }
    }

    static long read(Cpu cpu, int register) {
        return cpu.fpu.significand[register & 7];
    }

    static void write(Cpu cpu, int register, long value) {
        FpuState fpu = cpu.fpu;
        fpu.significand[register & 7] = value;
        fpu.exponent[register & 7] = ALL_ONES;
    }

    private static boolean isRegister(Insn insn) {
        return insn.modrm >= 0xC0;
    }

    /** Checks, reads the source operand of 64 bits, and enters MMX. */
    private static long source(Cpu cpu, Insn insn) {
        check(cpu);
        long value = isRegister(insn) ? read(cpu, insn.rm) : cpu.mmu.load64(Operands.address(cpu, insn, 8, false));
        enter(cpu);
        return value;
    }

    /** The operations on a register and a register or memory: {@code destination = destination op source}. */
    private static void packed(Cpu cpu, Insn insn, int opcode) {
        switch (opcode) {
            case 0xDA, 0xDE, 0xE0, 0xE3, 0xE4, 0xEA, 0xEE, 0xF6 -> require(cpu, Feature.SSE);
            case 0xD4, 0xF4, 0xFB -> require(cpu, Feature.SSE2);
            case 0xE6, 0xF0, 0xFF -> throw cpu.fault.of(GuestException.UD);
            default -> {
            }
        }
        boolean halfSource = opcode >= 0x60 && opcode <= 0x62 && !isRegister(insn);
        long b = halfSource ? source32(cpu, insn) : source(cpu, insn);
        long a = read(cpu, insn.reg);
        write(cpu, insn.reg, isLanewise(opcode) ? PackedOps.lanes(opcode, a, b) : pack(opcode, a, b));
    }

    /** PUNPCKL reads 32 bits of memory only. */
    private static long source32(Cpu cpu, Insn insn) {
        check(cpu);
        long value = cpu.mmu.load32(Operands.address(cpu, insn, 4, false));
        enter(cpu);
        return value;
    }

    private static boolean isLanewise(int opcode) {
        return opcode >= 0x70 || opcode >= 0x64 && opcode <= 0x66;
    }

    private static long pack(int opcode, long a, long b) {
        return switch (opcode) {
            case 0x60 -> PackedShuffle.punpcklbw(a, b);
            case 0x61 -> PackedShuffle.punpcklwd(a, b);
            case 0x62 -> PackedShuffle.punpckldq(a, b);
            case 0x63 -> PackedShuffle.packsswb(a, b);
            case 0x67 -> PackedShuffle.packuswb(a, b);
            case 0x68 -> PackedShuffle.punpckhbw(a, b);
            case 0x69 -> PackedShuffle.punpckhwd(a, b);
            case 0x6A -> PackedShuffle.punpckhdq(a, b);
            default -> PackedShuffle.packssdw(a, b);
        };
    }

    /** Moves, shifts by an immediate, EMMS, and what SSE added to move words and masks. */
    private static void other(Cpu cpu, Insn insn, int opcode) {
        switch (opcode) {
            case 0x6E -> moveFromGeneral(cpu, insn);
            case 0x7E -> moveToGeneral(cpu, insn);
            case 0x6F -> write(cpu, insn.reg, source(cpu, insn));
            case 0x7F -> store(cpu, insn, false);
            case 0xE7 -> store(cpu, insn, true);
            case 0x70 -> {
                require(cpu, Feature.SSE);
                long source = source(cpu, insn);
                write(cpu, insn.reg, PackedShuffle.pshufw(source, (int) insn.imm));
            }
            case 0x71, 0x72, 0x73 -> shift(cpu, insn, opcode);
            case 0x77 -> empty(cpu, insn);
            case 0xC4 -> insertWord(cpu, insn);
            case 0xC5 -> {
                registerOnly(cpu, insn);
                cpu.r[insn.reg] = read(cpu, insn.rm) >>> 16 * ((int) insn.imm & 3) & 0xFFFF;
            }
            case 0xD7 -> {
                registerOnly(cpu, insn);
                cpu.r[insn.reg] = PackedShuffle.pmovmskb(read(cpu, insn.rm));
            }
            case 0xF7 -> storeMasked(cpu, insn);
            default -> throw cpu.fault.of(GuestException.UD);
        }
    }

    /** EMMS. With a prefix that chooses among SSE's forms elsewhere it does not exist. */
    private static void empty(Cpu cpu, Insn insn) {
        if ((insn.prefixes & (Insn.OPERAND_SIZE | Insn.REP | Insn.REPNE)) != 0) {
            throw cpu.fault.of(GuestException.UD);
        }
        check(cpu);
        cpu.fpu.top = 0;
        cpu.fpu.inUse = 0;
    }

    /** PEXTRW and PMOVMSKB have no memory form. */
    private static void registerOnly(Cpu cpu, Insn insn) {
        require(cpu, Feature.SSE);
        if (!isRegister(insn)) {
            throw cpu.fault.of(GuestException.UD);
        }
        check(cpu);
        enter(cpu);
    }

    /** MOVD and MOVQ from a general register or memory. */
    private static void moveFromGeneral(Cpu cpu, Insn insn) {
        check(cpu);
        boolean wide = (insn.prefixes & Insn.REX_W) != 0;
        long value;
        if (isRegister(insn)) {
            value = cpu.r[insn.rm];
        } else if (wide) {
            value = cpu.mmu.load64(Operands.address(cpu, insn, 8, false));
        } else {
            value = cpu.mmu.load32(Operands.address(cpu, insn, 4, false));
        }
        enter(cpu);
        write(cpu, insn.reg, wide ? value : value & 0xFFFFFFFFL);
    }

    private static void moveToGeneral(Cpu cpu, Insn insn) {
        check(cpu);
        boolean wide = (insn.prefixes & Insn.REX_W) != 0;
        long value = read(cpu, insn.reg);
        if (isRegister(insn)) {
            cpu.r[insn.rm] = wide ? value : value & 0xFFFFFFFFL;
        } else if (wide) {
            cpu.mmu.store64(Operands.address(cpu, insn, 8, true), value);
        } else {
            cpu.mmu.store32(Operands.address(cpu, insn, 4, true), value);
        }
        enter(cpu);
    }

    /** MOVQ to a register or memory, and MOVNTQ, which has no register form. */
    private static void store(Cpu cpu, Insn insn, boolean memoryOnly) {
        if (memoryOnly) {
            require(cpu, Feature.SSE);
            if (isRegister(insn)) {
                throw cpu.fault.of(GuestException.UD);
            }
        }
        check(cpu);
        if (isRegister(insn)) {
            enter(cpu);
            write(cpu, insn.rm, read(cpu, insn.reg));
        } else {
            cpu.mmu.store64(Operands.address(cpu, insn, 8, true), read(cpu, insn.reg));
            enter(cpu);
        }
    }

    private static void shift(Cpu cpu, Insn insn, int opcode) {
        int kind = insn.modrm >> 3 & 7;
        boolean known = kind == 2 || kind == 6 || kind == 4 && opcode != 0x73;
        if (!known || !isRegister(insn)) {
            throw cpu.fault.of(GuestException.UD);
        }
        check(cpu);
        enter(cpu);
        long a = read(cpu, insn.rm);
        long count = insn.imm & 0xFF;
        write(cpu, insn.rm, PackedOps.shift(opcode, kind, a, count));
    }

    private static void insertWord(Cpu cpu, Insn insn) {
        require(cpu, Feature.SSE);
        check(cpu);
        long word = isRegister(insn) ? cpu.r[insn.rm] : cpu.mmu.load16(Operands.address(cpu, insn, 2, false));
        enter(cpu);
        write(cpu, insn.reg, PackedShuffle.insertWord(read(cpu, insn.reg), (int) word, (int) insn.imm & 3));
    }

    /** MASKMOVQ: stores the bytes whose mask has bit 7 set at DS:rDI. */
    private static void storeMasked(Cpu cpu, Insn insn) {
        require(cpu, Feature.SSE);
        if (!isRegister(insn)) {
            throw cpu.fault.of(GuestException.UD);
        }
        check(cpu);
        long offset = cpu.r[Cpu.RDI] & insn.addressMask;
        long address = insn.segment < 0 ? offset : Segments.linear(cpu, insn.segment, offset, 8, true);
        long mask = read(cpu, insn.rm);
        cpu.mmu.probeWrite(address, 8);
        long value = read(cpu, insn.reg);
        for (int i = 0; i < 8; i++) {
            if ((mask >>> 8 * i & 0x80) != 0) {
                cpu.mmu.store8(address + i, value >>> 8 * i & 0xFF);
            }
        }
        enter(cpu);
    }

    private static void ssse3(Cpu cpu, Insn insn, int opcode) {
        if (opcode > 0x0B && opcode < 0x1C || opcode > 0x1E) {
            throw cpu.fault.of(GuestException.UD);
        }
        long b = source(cpu, insn);
        long a = read(cpu, insn.reg);
        write(cpu, insn.reg, opcode == 0 ? PackedShuffle.pshufb(a, b)
                : opcode < 8 && opcode != 4 ? PackedOps.horizontal(opcode, a, b) : PackedOps.ssse3(opcode, a, b));
    }
}
