package jkvm.soft.cpu;

import jkvm.soft.fpu.PackedShuffle;
import jkvm.soft.fpu.SimdUnit;
import jkvm.soft.mmu.GuestException;

/**
 * SSE, SSE2, SSE3, SSSE3, SSE4.1, SSE4.2, AES, PCLMULQDQ and SHA instructions (SDM volume 2; volume 3, 13.1 for the
 * checks). Sorts the opcodes of map 0F to the classes that execute them.
 */
public final class SseOps {
    private SseOps() {
    }

    /**
     * Executes one instruction.
     *
     * @throws GuestException #UD, #NM, #XM, or what a memory operand raises; no register is changed then
     */
    public static void execute(Cpu cpu, Insn insn) {
        if (insn.form == 0) {
            recognize(cpu, insn);
        }
        // AES, PCLMULQDQ and SHA obey the same three bits.
        if ((cpu.cr0 & (Cpu.CR0_EM | Cpu.CR0_TS)) != 0 || (cpu.cr4 & Cpu.CR4_OSFXSR) == 0) {
            refuse(cpu);
        }
        long[] xmm = cpu.fpu.xmm;
        int d = 2 * insn.reg;
        switch (insn.form) {
            case SseTable.LOAD -> {
                SseOperands.loadUnaligned(cpu, insn);
                xmm[d] = cpu.simd.low;
                xmm[d + 1] = cpu.simd.high;
            }
            case SseTable.LOAD_ALIGNED -> {
                SseOperands.load(cpu, insn);
                xmm[d] = cpu.simd.low;
                xmm[d + 1] = cpu.simd.high;
            }
            case SseTable.STORE -> SseOperands.storeUnaligned(cpu, insn, xmm[d], xmm[d + 1]);
            case SseTable.STORE_ALIGNED -> SseOperands.store(cpu, insn, xmm[d], xmm[d + 1]);
            case SseTable.LOAD_64 -> {
                xmm[d] = SseOperands.load64(cpu, insn);
                xmm[d + 1] = 0;
            }
            case SseTable.STORE_64 -> SseOperands.store64(cpu, insn, xmm[d]);
            case SseTable.BYTE_MASK -> cpu.r[insn.reg] = PackedShuffle.pmovmskb(xmm[2 * insn.rm])
                    | PackedShuffle.pmovmskb(xmm[2 * insn.rm + 1]) << 8;
            case SseTable.SCALAR_DOUBLE -> SseFloatOps.scalarDouble(cpu, insn, insn.opcode & 0xFF);
            case SseTable.SCALAR_SINGLE -> SseFloatOps.scalarSingle(cpu, insn, insn.opcode & 0xFF);
            case SseTable.INTEGER_LANES -> SseIntegerOps.lanes(cpu, insn, insn.opcode & 0xFF);
            default -> executeOther(cpu, insn);
        }
    }

    /** Finds out, once for a decoded instruction, whether it exists and what it is. */
    private static void recognize(Cpu cpu, Insn insn) {
        int prefix = SseTable.prefix(insn);
        if (!SseTable.exists(cpu.features, insn, prefix) || (insn.prefixes & Insn.LOCK) != 0) {
            throw cpu.fault.of(GuestException.UD);
        }
        insn.form = (short) SseTable.form(insn, prefix);
    }

    private static void executeOther(Cpu cpu, Insn insn) {
        switch (insn.opcode >> 8) {
            case 1 -> executeTwoByte(cpu, insn, SseTable.prefix(insn));
            case 2 -> Sse38Ops.execute(cpu, insn);
            default -> Sse3aOps.execute(cpu, insn);
        }
    }

    /** LDMXCSR and STMXCSR. */
    private static void controlAndStatus(Cpu cpu, Insn insn) {
        if ((insn.modrm >> 3 & 7) == 3) {
            SseOperands.store32(cpu, insn, cpu.fpu.mxcsr);
            return;
        }
        long value = SseOperands.load32(cpu, insn);
        if ((value & ~SimdUnit.WRITABLE) != 0) {
            throw cpu.fault.of(GuestException.GP, 0);
        }
        cpu.fpu.mxcsr = (int) value;
    }

    private static void refuse(Cpu cpu) {
        boolean off = (cpu.cr0 & Cpu.CR0_EM) != 0 || (cpu.cr4 & Cpu.CR4_OSFXSR) == 0;
        throw cpu.fault.of(off ? GuestException.UD : GuestException.NM);
    }

    private static void executeTwoByte(Cpu cpu, Insn insn, int prefix) {
        switch (insn.opcode & 0xFF) {
            case 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x28, 0x29, 0x2B, 0x50, 0x6E, 0x6F, 0x70, 0x78, 0x79,
                    0x7E, 0x7F, 0xC4, 0xC5, 0xC6, 0xD6, 0xE7, 0xF0, 0xF7 -> SseMoves.execute(cpu, insn, prefix);
            case 0xAE -> controlAndStatus(cpu, insn);
            case 0x2A, 0x2C, 0x2D, 0x5A, 0x5B, 0xE6 -> SseConversions.execute(cpu, insn, prefix);
            case 0x2E, 0x2F, 0x51, 0x52, 0x53, 0x58, 0x59, 0x5C, 0x5D, 0x5E, 0x5F, 0x7C, 0x7D, 0xC2,
                    0xD0 -> SseFloatOps.execute(cpu, insn, prefix);
            default -> SseIntegerOps.execute(cpu, insn);
        }
    }
}
