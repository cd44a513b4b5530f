package jkvm.soft.jit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Compiled code's accesses to guest memory, at host addresses that its look into the TLB has given. Values are
 * zero-extended; x86's order of loads and of stores is kept, as in {@link jkvm.soft.mmu.Mmu}.
 *
 * <p>Each method is short enough (35 bytecodes) that the JVM's compilers put it in line wherever it is called.
 */
@SuppressWarnings("restricted")
final class CompiledAccess {
    private static final MemorySegment HOST = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private CompiledAccess() {
    }

    static long load8(long host) {
        byte value = HOST.get(ValueLayout.JAVA_BYTE, host);
        VarHandle.acquireFence();
        return value & 0xFF;
    }

    static long load16(long host) {
        short value = HOST.get(ValueLayout.JAVA_SHORT_UNALIGNED, host);
        VarHandle.acquireFence();
        return value & 0xFFFF;
    }

    static long load32(long host) {
        int value = HOST.get(ValueLayout.JAVA_INT_UNALIGNED, host);
        VarHandle.acquireFence();
        return value & 0xFFFFFFFFL;
    }

    static long load64(long host) {
        long value = HOST.get(ValueLayout.JAVA_LONG_UNALIGNED, host);
        VarHandle.acquireFence();
        return value;
    }

    static void store8(long host, long value) {
        VarHandle.releaseFence();
        HOST.set(ValueLayout.JAVA_BYTE, host, (byte) value);
    }

    static void store16(long host, long value) {
        VarHandle.releaseFence();
        HOST.set(ValueLayout.JAVA_SHORT_UNALIGNED, host, (short) value);
    }

    static void store32(long host, long value) {
        VarHandle.releaseFence();
        HOST.set(ValueLayout.JAVA_INT_UNALIGNED, host, (int) value);
    }

    static void store64(long host, long value) {
        VarHandle.releaseFence();
        HOST.set(ValueLayout.JAVA_LONG_UNALIGNED, host, value);
    }
}
