package jkvm.soft.cpu;

import static jkvm.soft.cpu.SseOperands.isMemory;
import static jkvm.soft.cpu.SseOperands.load;
import static jkvm.soft.cpu.SseOperands.load32;
import static jkvm.soft.cpu.SseOperands.load64;
import static jkvm.soft.cpu.SseOperands.set;
import static jkvm.soft.cpu.SseOperands.store;

import jkvm.soft.fpu.PackedShuffle;
import jkvm.soft.mmu.GuestException;

/** SSE instructions of map 0F that move, shuffle and interleave. None of them looks at MXCSR. */
final class SseMoves {
    private static final long MASK_32 = 0xFFFFFFFFL;

    private SseMoves() {
    }

    static void execute(Cpu cpu, Insn insn, int prefix) {
        long[] xmm = cpu.fpu.xmm;
        int d = 2 * insn.reg;
        switch (insn.opcode & 0xFF) {
            case 0x10 -> loadWhole(cpu, insn, prefix);
            case 0x11 -> storeWhole(cpu, insn, prefix);
            case 0x12 -> moveToLow(cpu, insn, prefix);
            case 0x13, 0xD6 -> {
                if (prefix >= SseTable.F3) {
                    exchangeWithMmx(cpu, insn, prefix);
                } else if (isMemory(insn)) {
                    SseOperands.store64(cpu, insn, xmm[d]);
                } else {
                    set(cpu, insn.rm, xmm[d], 0);
                }
            }
            case 0x14 -> unpack(cpu, insn, prefix, false);
            case 0x15 -> unpack(cpu, insn, prefix, true);
            case 0x16 -> moveToHigh(cpu, insn, prefix);
            case 0x17 -> SseOperands.store64(cpu, insn, xmm[d + 1]);
            case 0x28 -> {
                load(cpu, insn);
                set(cpu, insn.reg, cpu.simd.low, cpu.simd.high);
            }
            case 0x29, 0x2B, 0xE7 -> store(cpu, insn, xmm[d], xmm[d + 1]);
            case 0x50 -> cpu.r[insn.reg] = signMask(xmm[2 * insn.rm], xmm[2 * insn.rm + 1], prefix);
            case 0x6E -> set(cpu, insn.reg, SseOperands.loadGeneral(cpu, insn), 0);
            case 0x6F -> {
                if (prefix == SseTable.P66) {
                    load(cpu, insn);
                } else {
                    SseOperands.loadUnaligned(cpu, insn);
                }
                set(cpu, insn.reg, cpu.simd.low, cpu.simd.high);
            }
            case 0x70 -> shuffle(cpu, insn, prefix);
            case 0x7E -> {
                if (prefix == SseTable.F3) {
                    set(cpu, insn.reg, load64(cpu, insn), 0);
                } else {
                    storeGeneral(cpu, insn, xmm[d]);
                }
            }
            case 0x7F -> {
                if (prefix == SseTable.P66) {
                    store(cpu, insn, xmm[d], xmm[d + 1]);
                } else {
                    SseOperands.storeUnaligned(cpu, insn, xmm[d], xmm[d + 1]);
                }
            }
            case 0xC4 -> insertWord(cpu, insn);
            case 0xC5 -> {
                int lane = (int) insn.imm & 7;
                cpu.r[insn.reg] = xmm[2 * insn.rm + (lane >> 2)] >>> 16 * (lane & 3) & 0xFFFF;
            }
            case 0xC6 -> shuffleFloats(cpu, insn, prefix);
            case 0xF0 -> {
                SseOperands.loadUnaligned(cpu, insn);
                set(cpu, insn.reg, cpu.simd.low, cpu.simd.high);
            }
            default -> storeMasked(cpu, insn);
        }
    }

    /** MOVUPS, MOVUPD, and MOVSS and MOVSD, which clear the rest of the register if they load from memory. */
    private static void loadWhole(Cpu cpu, Insn insn, int prefix) {
        long[] xmm = cpu.fpu.xmm;
        if (prefix < SseTable.F3) {
            SseOperands.loadUnaligned(cpu, insn);
            set(cpu, insn.reg, cpu.simd.low, cpu.simd.high);
        } else if (isMemory(insn)) {
            set(cpu, insn.reg, prefix == SseTable.F2 ? load64(cpu, insn) : load32(cpu, insn), 0);
        } else if (prefix == SseTable.F2) {
            xmm[2 * insn.reg] = xmm[2 * insn.rm];
        } else {
            SseOperands.set32(cpu, insn.reg, xmm[2 * insn.rm]);
        }
    }

    private static void storeWhole(Cpu cpu, Insn insn, int prefix) {
        long[] xmm = cpu.fpu.xmm;
        long low = xmm[2 * insn.reg];
        if (prefix < SseTable.F3) {
            SseOperands.storeUnaligned(cpu, insn, low, xmm[2 * insn.reg + 1]);
        } else if (prefix == SseTable.F2) {
            if (isMemory(insn)) {
                SseOperands.store64(cpu, insn, low);
            } else {
                xmm[2 * insn.rm] = low;
            }
        } else if (isMemory(insn)) {
            SseOperands.store32(cpu, insn, low);
        } else {
            SseOperands.set32(cpu, insn.rm, low);
        }
    }

    /** MOVLPS, MOVLPD, MOVHLPS, MOVSLDUP, MOVDDUP. */
    private static void moveToLow(Cpu cpu, Insn insn, int prefix) {
        long[] xmm = cpu.fpu.xmm;
        switch (prefix) {
            case SseTable.F3 -> {
                load(cpu, insn);
                set(cpu, insn.reg, duplicate(cpu.simd.low), duplicate(cpu.simd.high));
            }
            case SseTable.F2 -> {
                long value = load64(cpu, insn);
                set(cpu, insn.reg, value, value);
            }
            default -> xmm[2 * insn.reg] = isMemory(insn) ? load64(cpu, insn) : xmm[2 * insn.rm + 1];
        }
    }

    /** MOVHPS, MOVHPD, MOVLHPS, MOVSHDUP. */
    private static void moveToHigh(Cpu cpu, Insn insn, int prefix) {
        if (prefix == SseTable.F3) {
            load(cpu, insn);
            set(cpu, insn.reg, duplicate(cpu.simd.low >>> 32), duplicate(cpu.simd.high >>> 32));
        } else {
            cpu.fpu.xmm[2 * insn.reg + 1] = load64(cpu, insn);
        }
    }

    private static long duplicate(long value) {
        return value & MASK_32 | value << 32;
    }

    /** UNPCKL of the lower halves, UNPCKH of the upper ones. */
    private static void unpack(Cpu cpu, Insn insn, int prefix, boolean upper) {
        load(cpu, insn);
        long a = cpu.fpu.xmm[2 * insn.reg + (upper ? 1 : 0)];
        long b = upper ? cpu.simd.high : cpu.simd.low;
        if (prefix == SseTable.P66) {
            set(cpu, insn.reg, a, b);
        } else {
            set(cpu, insn.reg, PackedShuffle.punpckldq(a, b), PackedShuffle.punpckhdq(a, b));
        }
    }

    private static long signMask(long low, long high, int prefix) {
        if (prefix == SseTable.P66) {
            return low >>> 63 | high >>> 63 << 1;
        }
        return low >>> 31 & 1 | low >>> 63 << 1 | (high >>> 31 & 1) << 2 | high >>> 63 << 3;
    }

    private static void storeGeneral(Cpu cpu, Insn insn, long value) {
        boolean wide = SseOperands.isWide(insn);
        if (!isMemory(insn)) {
            cpu.r[insn.rm] = wide ? value : value & MASK_32;
        } else if (wide) {
            SseOperands.store64(cpu, insn, value);
        } else {
            SseOperands.store32(cpu, insn, value);
        }
    }

    /** PSHUFD, PSHUFLW, PSHUFHW. */
    private static void shuffle(Cpu cpu, Insn insn, int prefix) {
        load(cpu, insn);
        long low = cpu.simd.low;
        long high = cpu.simd.high;
        int order = (int) insn.imm;
        switch (prefix) {
            case SseTable.P66 -> set(cpu, insn.reg, pair(low, high, order), pair(low, high, order >> 4));
            case SseTable.F2 -> set(cpu, insn.reg, PackedShuffle.pshufw(low, order), high);
            default -> set(cpu, insn.reg, low, PackedShuffle.pshufw(high, order));
        }
    }

    private static void shuffleFloats(Cpu cpu, Insn insn, int prefix) {
        load(cpu, insn);
        long low = cpu.fpu.xmm[2 * insn.reg];
        long high = cpu.fpu.xmm[2 * insn.reg + 1];
        int order = (int) insn.imm;
        if (prefix == SseTable.P66) {
            set(cpu, insn.reg, (order & 1) == 0 ? low : high, (order & 2) == 0 ? cpu.simd.low : cpu.simd.high);
        } else {
            set(cpu, insn.reg, pair(low, high, order), pair(cpu.simd.low, cpu.simd.high, order >> 4));
        }
    }

    /** Two of the four double words, chosen by bits 0 to 3 of {@code order}. */
    private static long pair(long low, long high, int order) {
        long first = ((order & 2) == 0 ? low : high) >>> 32 * (order & 1);
        long second = ((order & 8) == 0 ? low : high) >>> 32 * (order >> 2 & 1);
        return first & MASK_32 | second << 32;
    }

    private static void insertWord(Cpu cpu, Insn insn) {
        long word = isMemory(insn) ? cpu.mmu.load16(Operands.address(cpu, insn, 2, false)) : cpu.r[insn.rm];
        int lane = (int) insn.imm & 7;
        int half = 2 * insn.reg + (lane >> 2);
        cpu.fpu.xmm[half] = PackedShuffle.insertWord(cpu.fpu.xmm[half], (int) word, lane & 3);
    }

    /** MOVQ2DQ and MOVDQ2Q: both put the x87 registers into MMX state. */
    private static void exchangeWithMmx(Cpu cpu, Insn insn, int prefix) {
        MmxOps.check(cpu);
        MmxOps.enter(cpu);
        if (prefix == SseTable.F3) {
            set(cpu, insn.reg, MmxOps.read(cpu, insn.rm), 0);
        } else {
            MmxOps.write(cpu, insn.reg, cpu.fpu.xmm[2 * insn.rm]);
        }
    }

    /** MASKMOVDQU to DS:rDI. Bytes that the mask leaves out are not written, but must be writable. */
    private static void storeMasked(Cpu cpu, Insn insn) {
        long low = cpu.fpu.xmm[2 * insn.reg];
        long high = cpu.fpu.xmm[2 * insn.reg + 1];
        int mask = PackedShuffle.pmovmskb(cpu.fpu.xmm[2 * insn.rm])
                | PackedShuffle.pmovmskb(cpu.fpu.xmm[2 * insn.rm + 1]) << 8;
        long offset = cpu.r[Cpu.RDI] & insn.addressMask;
        long address = insn.segment < 0 ? offset : Segments.linear(cpu, insn.segment, offset, 16, true);
        if ((cpu.mode & CpuMode.ALIGNED) != 0 && (address & 7) != 0 && StackOps.isCanonical(cpu, address)) {
            throw cpu.fault.of(GuestException.AC, 0);
        }
        cpu.mmu.probeWrite(address, 16);
        for (int i = 0; i < 16; i++) {
            if ((mask >> i & 1) != 0) {
                cpu.mmu.store8(address + i, (i < 8 ? low >>> 8 * i : high >>> 8 * (i - 8)) & 0xFF);
            }
        }
    }
}
