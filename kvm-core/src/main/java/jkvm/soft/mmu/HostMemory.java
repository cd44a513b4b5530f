package jkvm.soft.mmu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * All of the process's memory as one segment, addressed by host addresses. An address must have been given out by
 * {@link PhysicalBus} before it is used here: a wrong one ends the JVM.
 */
@SuppressWarnings("restricted")
final class HostMemory {
    static final MemorySegment HOST = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private HostMemory() {
    }

    /** A value of 1 to 8 bytes at any alignment, zero-extended. */
    static long load(long address, int size) {
        return switch (size) {
            case 1 -> HOST.get(ValueLayout.JAVA_BYTE, address) & 0xFF;
            case 2 -> HOST.get(ValueLayout.JAVA_SHORT_UNALIGNED, address) & 0xFFFF;
            case 4 -> HOST.get(ValueLayout.JAVA_INT_UNALIGNED, address) & 0xFFFFFFFFL;
            case 8 -> HOST.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
            default -> {
                long value = 0;
                for (int i = size - 1; i >= 0; i--) {
                    value = value << 8 | HOST.get(ValueLayout.JAVA_BYTE, address + i) & 0xFF;
                }
                yield value;
            }
        };
    }

    static void store(long address, int size, long value) {
        switch (size) {
            case 1 -> HOST.set(ValueLayout.JAVA_BYTE, address, (byte) value);
            case 2 -> HOST.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) value);
            case 4 -> HOST.set(ValueLayout.JAVA_INT_UNALIGNED, address, (int) value);
            case 8 -> HOST.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
            default -> {
                for (int i = 0; i < size; i++) {
                    HOST.set(ValueLayout.JAVA_BYTE, address + i, (byte) (value >>> 8 * i));
                }
            }
        }
    }

    /** True if {@link #compareAndExchange} can treat the operand atomically: it lies in one aligned word. */
    static boolean isAtomic(long address, int size) {
        return size == 2 ? (address & 3) != 3 : (address & size - 1) == 0;
    }

    /** Atomic compare and exchange of 1, 2, 4 or 8 bytes that lie in one aligned word; a full fence. */
    static long compareAndExchange(long address, int size, long expected, long value) {
        return switch (size) {
            case 4 -> (int) INT.compareAndExchange(HOST, address, (int) expected, (int) value) & 0xFFFFFFFFL;
            case 8 -> (long) LONG.compareAndExchange(HOST, address, expected, value);
            default -> exchangePart(address, size == 1 ? 0xFF : 0xFFFF, (int) expected, (int) value);
        };
    }

    /** Java has no compare-and-exchange of bytes and shorts in a segment: changes them inside their aligned word. */
    private static long exchangePart(long address, int mask, int expected, int value) {
        long word = address & ~3L;
        int shift = (int) (address & 3) * 8;
        while (true) {
            int old = (int) INT.getVolatile(HOST, word);
            int part = old >>> shift & mask;
            if (part != (expected & mask)) {
                VarHandle.fullFence();
                return part;
            }
            int changed = old & ~(mask << shift) | (value & mask) << shift;
            if (INT.compareAndSet(HOST, word, old, changed)) {
                return part;
            }
        }
    }
}
