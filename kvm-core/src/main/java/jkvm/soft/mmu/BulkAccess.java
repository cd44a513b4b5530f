package jkvm.soft.mmu;

import static jkvm.soft.mmu.HostMemory.HOST;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * String instructions on RAM that the TLB holds: many elements at once, in no order among themselves (SDM vol. 3,
 * 10.2.4), and in order with the accesses before and after. Touches no page that is not in the TLB.
 */
final class BulkAccess {
    /** From so many bytes on the host's own copy and fill are faster than a loop. */
    private static final int MANY = 32;
    private final Mmu mmu;

    BulkAccess(Mmu mmu) {
        this.mmu = mmu;
    }

    /** See {@link Mmu#copyPlain}. */
    int copy(long destination, long source, int size, int bytes) {
        int s = mmu.index(source);
        int d = mmu.index(destination);
        if (mmu.readTag[s] != (source & Mmu.PAGE_MASK) || mmu.writeTag[d] != (destination & Mmu.PAGE_MASK)) {
            return 0;
        }
        int n = Math.min(bytes, 4096 - (int) Math.max(source & 0xFFF, destination & 0xFFF));
        long from = source + mmu.addend[s];
        long to = destination + mmu.addend[d];
        if (to > from && to - from < n) {
            n = (int) (to - from);
        }
        n -= n & size - 1;
        VarHandle.releaseFence();
        if (n >= MANY) {
            MemorySegment.copy(HOST, from, HOST, to, n);
        } else {
            for (int i = 0; i < n; i += size) {
                HostMemory.store(to + i, size, HostMemory.load(from + i, size));
            }
        }
        VarHandle.acquireFence();
        return n;
    }

    /** See {@link Mmu#fillPlain}. */
    int fill(long destination, int size, long value, int bytes) {
        int d = mmu.index(destination);
        if (mmu.writeTag[d] != (destination & Mmu.PAGE_MASK)) {
            return 0;
        }
        int n = Math.min(bytes, 4096 - (int) (destination & 0xFFF));
        n -= n & size - 1;
        long pattern = switch (size) {
            case 1 -> (value & 0xFF) * 0x0101010101010101L;
            case 2 -> (value & 0xFFFF) * 0x0001000100010001L;
            case 4 -> (value & 0xFFFFFFFFL) * 0x0000000100000001L;
            default -> value;
        };
        long to = destination + mmu.addend[d];
        VarHandle.releaseFence();
        if (n >= MANY && pattern == Long.rotateLeft(pattern, 8)) {
            HOST.asSlice(to, n).fill((byte) value);
            return n;
        }
        int i = 0;
        for (; i + 8 <= n; i += 8) {
            HOST.set(ValueLayout.JAVA_LONG_UNALIGNED, to + i, pattern);
        }
        for (; i < n; i += size) {
            HostMemory.store(to + i, size, value);
        }
        return n;
    }
}
