package jkvm.soft.cpu;

import static jkvm.soft.mmu.GuestException.DB;
import static jkvm.soft.mmu.GuestException.GP;
import static jkvm.soft.mmu.GuestException.NO_ERROR;
import static jkvm.soft.mmu.GuestException.UD;

/** Debug registers and the breakpoints in them (SDM vol. 3, 18.2). */
final class DebugRegisters {
    private static final long DR6_BD = 1 << 13, DR6_FIXED = 0xFFFF0FF0L, DR6_WRITABLE = 0xE00F;
    private static final long DR7_GD = 1 << 13, DR7_FIXED = 0x400, DR7_WRITABLE = 0xFFFF2BFFL;
    /** Kinds of breakpoints in DR7. */
    static final int EXECUTE = 0, WRITE = 1, IO = 2, ACCESS = 3;

    private DebugRegisters() {
    }

    static void read(Cpu cpu, Insn in) {
        Operands.setRegister(cpu, in.rm, in.size, cpu.dr[number(cpu, in)]);
    }

    static void write(Cpu cpu, Insn in) {
        int number = number(cpu, in);
        long value = in.size == 8 ? cpu.r[in.rm] : cpu.r[in.rm] & 0xFFFFFFFFL;
        if (number >= 6 && value >>> 32 != 0) {
            throw cpu.fault.of(GP, 0);
        }
        cpu.dr[number] = number == 6 ? value & DR6_WRITABLE | DR6_FIXED
                : number == 7 ? value & DR7_WRITABLE | DR7_FIXED : value;
    }

    /** The register that is meant, after the checks that reads and writes share. */
    private static int number(Cpu cpu, Insn in) {
        int number = in.reg;
        if (number > 7 || (number == 4 || number == 5) && (cpu.cr4 & Cpu.CR4_DE) != 0) {
            throw cpu.fault.of(UD);
        }
        SystemOps.requirePrivilege(cpu);
        if ((cpu.dr[7] & DR7_GD) != 0) {
            throw cpu.fault.of(DB, NO_ERROR, DR6_BD);
        }
        return number == 4 || number == 5 ? number + 2 : number;
    }

    /**
     * The enabled breakpoints that an access hits.
     *
     * @param kind one of {@link #EXECUTE}, {@link #WRITE}, {@link #IO}, {@link #ACCESS}
     * @param dr7  the guest's or user space's, with the four addresses in {@code addresses}
     * @return their bits in DR6
     */
    static long hits(long[] addresses, long dr7, int kind, long address, int size) {
        long hits = 0;
        for (int i = 0; i < 4; i++) {
            if ((dr7 >> 2 * i & 3) == 0) {
                continue;
            }
            int control = (int) (dr7 >> 16 + 4 * i) & 15;
            int wanted = control & 3;
            boolean fits = wanted == kind || wanted == ACCESS && kind == WRITE;
            int code = control >> 2;
            int length = code == 2 ? 8 : code + 1;
            long first = addresses[i] & -length;
            if (fits && address < first + length && address + size > first) {
                hits |= 1L << i;
            }
        }
        return hits;
    }
}
