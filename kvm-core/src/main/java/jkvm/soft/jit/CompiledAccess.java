package jkvm.soft.jit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.mmu.Mmu;

/**
 * Compiled code's accesses to guest memory: the TLB's fast path with the arrays as constants of the compiled class, so
 * that the JVM's compiler keeps their addresses in the code. A miss goes to the {@link Mmu}. RIP is noted before, so
 * that whatever the slow path throws finds the processor at the instruction.
 *
 * <p>{@code context} is the index of the first entry of the TLB context in force.
 */
@SuppressWarnings("restricted")
final class CompiledAccess {
    private static final MemorySegment HOST = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final long PAGE_MASK = Mmu.PAGE_MASK;
    private static final int INDEX_MASK = Mmu.ENTRIES - 1;

    private CompiledAccess() {
    }

    static long load8(long[] tags, long[] addend, Cpu cpu, int context, long address, long pc) {
        int i = (int) (address >>> 12) & INDEX_MASK | context;
        if (tags[i] == (address & PAGE_MASK)) {
            byte value = HOST.get(ValueLayout.JAVA_BYTE, address + addend[i]);
            VarHandle.acquireFence();
            return value & 0xFF;
        }
        cpu.rip = pc;
        return cpu.mmu.load8(address);
    }

    static long load16(long[] tags, long[] addend, Cpu cpu, int context, long address, long pc) {
        int i = (int) (address >>> 12) & INDEX_MASK | context;
        if (tags[i] == (address + 1 & PAGE_MASK)) {
            short value = HOST.get(ValueLayout.JAVA_SHORT_UNALIGNED, address + addend[i]);
            VarHandle.acquireFence();
            return value & 0xFFFF;
        }
        cpu.rip = pc;
        return cpu.mmu.load16(address);
    }

    static long load32(long[] tags, long[] addend, Cpu cpu, int context, long address, long pc) {
        int i = (int) (address >>> 12) & INDEX_MASK | context;
        if (tags[i] == (address + 3 & PAGE_MASK)) {
            int value = HOST.get(ValueLayout.JAVA_INT_UNALIGNED, address + addend[i]);
            VarHandle.acquireFence();
            return value & 0xFFFFFFFFL;
        }
        cpu.rip = pc;
        return cpu.mmu.load32(address);
    }

    static long load64(long[] tags, long[] addend, Cpu cpu, int context, long address, long pc) {
        int i = (int) (address >>> 12) & INDEX_MASK | context;
        if (tags[i] == (address + 7 & PAGE_MASK)) {
            long value = HOST.get(ValueLayout.JAVA_LONG_UNALIGNED, address + addend[i]);
            VarHandle.acquireFence();
            return value;
        }
        cpu.rip = pc;
        return cpu.mmu.load64(address);
    }

    static void store8(long[] tags, long[] addend, Cpu cpu, int context, long address, long value, long pc) {
        int i = (int) (address >>> 12) & INDEX_MASK | context;
        if (tags[i] == (address & PAGE_MASK)) {
            VarHandle.releaseFence();
            HOST.set(ValueLayout.JAVA_BYTE, address + addend[i], (byte) value);
        } else {
            cpu.rip = pc;
            cpu.mmu.store8(address, value);
        }
    }

    static void store16(long[] tags, long[] addend, Cpu cpu, int context, long address, long value, long pc) {
        int i = (int) (address >>> 12) & INDEX_MASK | context;
        if (tags[i] == (address + 1 & PAGE_MASK)) {
            VarHandle.releaseFence();
            HOST.set(ValueLayout.JAVA_SHORT_UNALIGNED, address + addend[i], (short) value);
        } else {
            cpu.rip = pc;
            cpu.mmu.store16(address, value);
        }
    }

    static void store32(long[] tags, long[] addend, Cpu cpu, int context, long address, long value, long pc) {
        int i = (int) (address >>> 12) & INDEX_MASK | context;
        if (tags[i] == (address + 3 & PAGE_MASK)) {
            VarHandle.releaseFence();
            HOST.set(ValueLayout.JAVA_INT_UNALIGNED, address + addend[i], (int) value);
        } else {
            cpu.rip = pc;
            cpu.mmu.store32(address, value);
        }
    }

    static void store64(long[] tags, long[] addend, Cpu cpu, int context, long address, long value, long pc) {
        int i = (int) (address >>> 12) & INDEX_MASK | context;
        if (tags[i] == (address + 7 & PAGE_MASK)) {
            VarHandle.releaseFence();
            HOST.set(ValueLayout.JAVA_LONG_UNALIGNED, address + addend[i], value);
        } else {
            cpu.rip = pc;
            cpu.mmu.store64(address, value);
        }
    }
}
