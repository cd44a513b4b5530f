package jkvm.soft.jit;

import jkvm.soft.cpu.CompiledCode;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.ExitCause;
import jkvm.soft.cpu.Groups;
import jkvm.soft.cpu.Insn;
import jkvm.soft.mmu.GuestException;
import jkvm.soft.mmu.Interruption;

/**
 * Functions that compiled code calls: pure ones of shifts and flags, small enough to be inlined, and the interpreter
 * for instructions that have no emitter. Operands come sign-extended, sizes in bytes; counts are masked and not zero.
 */
final class Helpers {
    private static final int CF_OF = Cpu.CF | Cpu.OF;

    private Helpers() {
    }

    /**
     * Executes one instruction that does not end a block, on the processor itself.
     *
     * @return 0 to go on, else one more than what the compiled method has to return
     */
    static int execute(Cpu cpu, Insn in) {
        int mode = cpu.mode;
        cpu.rip = in.pc;
        try {
            Groups.executeAny(cpu, in);
        } catch (GuestException | Interruption e) {
            if (cpu.counts) {
                cpu.budget++;
            }
            return CompiledCode.INTERPRET + 1;
        }
        if (cpu.exit != ExitCause.NONE || cpu.mode != mode) {
            cpu.rip = in.after;
            return CompiledCode.LEFT + 1;
        }
        return 0;
    }

    /** Flags after a multiplication: CF and OF if the value is not zero; the others as they were. */
    static long productFlags(long cut, int flags) {
        return cut != 0 ? flags | CF_OF : flags & ~CF_OF;
    }

    private static long unsigned(long x, int size) {
        return size == 8 ? x : x & (1L << 8 * size) - 1;
    }

    private static long sign(long x, int size) {
        int unused = 64 - 8 * size;
        return x << unused >> unused;
    }

    private static long shl(long x, int count, int size) {
        return sign(x << count, size);
    }

    static long shlFlags(long x, int count, int size) {
        int bits = 8 * size;
        long carry = count <= bits ? unsigned(x, size) >>> bits - count & 1 : 0;
        return flags(carry, shl(x, count, size) >>> 63 ^ carry) | Cpu.AF;
    }

    static long shrFlags(long x, int count, int size) {
        long overflow = count == 1 ? x >>> 63 : 0;
        return flags(unsigned(x, size) >>> count - 1 & 1, overflow) | Cpu.AF;
    }

    static long sarFlags(long x, int count, int size) {
        return flags(x >> count - 1 & 1, 0) | Cpu.AF;
    }

    /** Of 8 and 16 bits; the larger sizes are written in line. */
    static long rol(long x, int count, int size) {
        int bits = 8 * size;
        int n = count & bits - 1;
        long u = unsigned(x, size);
        return n == 0 ? x : sign(u << n | u >>> bits - n, size);
    }

    static long rolFlags(long result, int size, int flags) {
        return flags & ~CF_OF | flags(result & 1, result >>> 63 ^ result & 1);
    }

    /** Of 8 and 16 bits, as {@link #rol}. */
    static long ror(long x, int count, int size) {
        int bits = 8 * size;
        int n = count & bits - 1;
        long u = unsigned(x, size);
        return n == 0 ? x : sign(u >>> n | u << bits - n, size);
    }

    static long rorFlags(long result, int size, int flags) {
        long top = result >>> 63;
        return flags & ~CF_OF | flags(top, top ^ result >>> 8 * size - 2 & 1);
    }

    private static long flags(long carry, long overflow) {
        return carry | overflow << 11;
    }
}
