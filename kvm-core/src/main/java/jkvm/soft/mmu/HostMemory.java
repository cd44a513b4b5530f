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

    /** True if {@link #compareAndExchange} can treat the operand atomically: it lies in one aligned word of 8 bytes. */
    static boolean isAtomic(long address, int size) {
        return (address & 7) + size <= 8;
    }

    /** Atomic compare and exchange of 1, 2, 4 or 8 bytes, where {@link #isAtomic} permits; a full fence. */
    static long compareAndExchange(long address, int size, long expected, long value) {
        if (size == 8) {
            return (long) LONG.compareAndExchange(HOST, address, expected, value);
        }
        if (size == 4 && (address & 3) == 0) {
            return (int) INT.compareAndExchange(HOST, address, (int) expected, (int) value) & 0xFFFFFFFFL;
        }
        return exchangePart(address, (1L << 8 * size) - 1, expected, value);
    }

    /**
     * Java has no compare-and-exchange of bytes, shorts and unaligned ints in a segment: changes the word around them.
     */
    private static long exchangePart(long address, long mask, long expected, long value) {
        long word = address & ~7L;
        int shift = (int) (address & 7) * 8;
        while (true) {
            long old = (long) LONG.getVolatile(HOST, word);
            long part = old >>> shift & mask;
            if (part != (expected & mask)) {
                VarHandle.fullFence();
                return part;
            }
            long changed = old & ~(mask << shift) | (value & mask) << shift;
            if (LONG.compareAndSet(HOST, word, old, changed)) {
                return part;
            }
        }
    }
}
